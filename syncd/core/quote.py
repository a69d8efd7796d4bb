"""How mail programs and helpdesks mark what is not the agent's: tables, one entry per program or language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from syncd.core.sheet import Kind
from syncd.core.unseen import Attributes

MARKS: tuple[tuple[Kind, str, str], ...] = (
    ("signature", "class", r"gmail_signature(?:_prefix)?"),  # Gmail
    ("signature", "data-smartmail", r"gmail_signature"),  # Gmail, when forwarded
    ("signature", "class", r"moz-signature"),  # Thunderbird
    ("signature", "id", r"(?:[Ss]ignature|ms-outlook-mobile-signature)"),  # Outlook
    ("signature", "id", r"AppleMailSignature"),  # Apple Mail
    ("signature", "id", r"ymail_android_signature"),  # Yahoo
    ("signature", "class", r"protonmail_signature_block(?:-\w+)?"),  # Proton Mail
    ("signature", "class", r"(?:email-|mail-|user-)?signature"),  # Zendesk and other helpdesks' editors
    ("signature", "data-signature", r"true"),  # Zammad
    ("signature", "class", r"-x-evo-signature-wrapper"),  # Evolution
    ("signature", "data-marker", r"__SIG_(?:PRE|POST)__"),  # Zimbra
    ("signature", "name", r"messageSignatureSection"),  # Spark
    ("signature", "class", r"bloop_sign"),  # Airmail
    ("signature", "class", r"(?:front|sh)-signature"),  # Front, Superhuman
    ("attribution", "class", r"gmail_attr"),  # Gmail
    ("attribution", "class", r"moz-cite-prefix"),  # Thunderbird
    ("cited", "class", r"yahoo_quoted"),  # Yahoo
    ("cited", "class", r"protonmail_quote"),  # Proton Mail
    ("cited", "class", r"freshdesk_quote"),  # Freshdesk
    ("cited", "class", r"zmail_extra"),  # Zoho
    ("cited", "class", r"bloop_original_html"),  # Airmail
    ("cited", "name", r"quote"),  # GMX, web.de
    ("cited", "name", r"messageReplySection"),  # Spark
    ("cited", "data-marker", r"__QUOTED_TEXT__"),  # Zimbra
    ("history", "id", r"(?:appendonsend|divRplyFwdMsg|mail-editor-reference-message-container)"),  # Outlook
    ("history", "class", r"OutlookMessageHeader"),  # Outlook, old
    ("history", "class", r"ms-outlook-mobile-reference-message"),  # Outlook on phones
    ("history", "data-marker", r"__DIVIDER__"),  # Zimbra
)
"""A kind, an attribute, and what is one of its words. `name` counts on a `div` only: it is an anchor elsewhere."""

CITED_BLOCKQUOTE = (
    ("type", r"cite"),  # Apple Mail, Thunderbird, Request Tracker, Zammad
    ("class", r"gmail_quote"),
    ("class", r"tutanota_quote"),
)

ON_DATE_SENDER_WROTE = {
    "en": r"on\b.+\bwrote\s?:",
    "de": r"am\b.+\bschrieb\b.*:",
    "fr": r"le\b.+\ba écrit\s?:",
    "es": r"el\b.+\bescribió\s?:",
    "it": r"(?:il(?: giorno)?|in data)\b.+\bha scritto\s?:",
    "nl": r"op\b.+\b(?:schreef\b.*|heeft\b.+geschreven)\s?:",
    "pt": r"(?:em|a|no dia)\b.+\bescreveu\s?:",
    "pl": r"(?:w dniu|dnia)\b.+\b(?:napisał|napisała|napisał\(a\)|pisze)\s?:",
    "cs": r"dne\b.+\bnapsal(?:a|\(a\))?\s?:",
    "sv, da, no": r"(?:den|på)\b.+\b(?:skrev|skriver)\b.*:",
    "ro": r"(?:în|pe)\b.+\ba scris\s?:",
    "vi": r"(?:vào|lúc)\b.+đã viết\s?:",
    "he": r"(?:בתאריך|ב)\W?.+(?:כתב|כתבה|מאת)\b.*:",
    "ar": r"(?:في|بتاريخ)\b.+كتب\b.*[:：]",
}
SENDER_WROTE = {
    "en": r".+\bwrote\s?:",
    "Gmail, before 2018": r"\d{4}[-/]\d\d[-/]\d\d .*<\S+@\S+>\s?:",
    "de": r".+\bschrieb(?: am\b.+)?\s?:",
    "ru": r".+\b(?:пишет|писал|написал|написала|писал\(а\)|написал\(а\))\s?:",
    "uk": r".+\b(?:пише|написав|написала|писав)\s?:",
    "fi": r".+\bkirjoitti\b.*:",
    "hu": r".+\bezt írta\b.*:",
    "tr": r".+\b(?:şunları )?yazdı\s?:",
    "el": r".+\bέγραψε\s?:",
    "zh": r".+(?:写道|寫道)\s?[:：]",
    "ja": r".+(?:のメール|が書きました|は書きました)\s?[:：]",
    "ko": r".+(?:님이 작성)\s?[:：]",
}
"""What stands before a quotation, on one line or several. Without a time or an address in it, it is an agent's."""

ORIGINAL_MESSAGE = {
    "en": r"original (?:message|appointment|e-?mail)|reply message|reply above this line",
    "de": r"ursprüngliche (?:nachricht|e-?mail)|original-?\s?nachricht|originalnachricht",
    "fr": r"message (?:d[’']origine|original|initial)|courriel original|e-?mail d[’']origine",
    "es": r"mensaje original|correo original",
    "it": r"messaggio originale",
    "nl": r"oorspronkelijk(?:e)? bericht|origineel bericht",
    "pt": r"mensagem original",
    "ru": r"исходное сообщение|оригинальное сообщение|исходное письмо",
    "pl": r"(?:oryginalna )?wiadomość oryginalna|oryginalna wiadomość|wiadomość wysłana",
    "sv": r"ursprungligt meddelande|originalmeddelande",
    "da, no": r"oprindelig meddelelse|opprinnelig melding|original meddelelse",
    "fi": r"alkuperäinen viesti",
    "cs": r"původní zpráva|původní e-mail",
    "hu": r"eredeti üzenet",
    "tr": r"özgün ileti|orijinal mesaj",
    "zh": r"原始邮件|原邮件|原始郵件",
    "ja": r"元のメッセージ|オリジナルメッセージ",
    "ko": r"원본 메(?:시|세)지|원본 메일",
}
"""Between dashes, on a line of its own."""

HEADER_LABELS: dict[str, tuple[str, str, str]] = {
    "en": ("from", "sent|date", "to|cc|subject"),
    "de": ("von", "gesendet|datum", "an|cc|betreff"),
    "fr": ("de|expéditeur", "envoyé(?: le)?|date", "à|cc|objet"),
    "es": ("de|remitente", "enviado(?: el)?|fecha", "para|cc|asunto"),
    "it": ("da", "inviato|data", "a|cc|oggetto"),
    "nl": ("van", "verzonden|datum", "aan|cc|onderwerp"),
    "pt": ("de|remetente", "enviad[ao](?: em)?|data", "para|cc|assunto"),
    "ru": ("от|от кого", "отправлено|дата", "кому|копия|тема"),
    "pl": ("od", "wysłano|data", "do|dw|temat"),
    "sv": ("från", "skickat|datum", "till|ämne"),
    "da": ("fra", "sendt|dato", "til|emne"),
    "fi": ("lähettäjä", "lähetetty|päivämäärä", "vastaanottaja|aihe"),
    "cs": ("od", "odesláno|datum", "komu|předmět"),
    "tr": ("kimden|gönderen", "gönderildi|gönderme tarihi|tarih", "kime|konu"),
    "zh": ("发件人|寄件者", "发送时间|日期|寄件日期", "收件人|收件者|主题|主旨"),
    "ja": ("差出人|from", "送信日時|日付", "宛先|件名"),
    "ko": ("보낸 사람", "보낸 날짜|날짜", "받는 사람|제목"),
}
"""The header that Outlook puts above what it quotes: who, when, and to whom or about what."""

SENT_FROM = {
    "en": r"sent from .+|sent (?:via|with|using) (?:outlook|gmail|yahoo|proton|thunderbird|superhuman|gmx).*"
    r"|get outlook for .+",
    "de": r"(?:von|mit|über) .+ gesendet|gesendet (?:von|mit|über|aus) .+|diese nachricht wurde von .+ gesendet",
    "fr": r"(?:envoyé|provenance) ?(?:de|depuis|à partir de|avec|:) .+|télécharger outlook pour .+",
    "es": r"enviad[oa] (?:desde|con) .+|obtener outlook para .+",
    "it": r"inviato (?:da|dal|dall[’']|con) ?.+",
    "nl": r"(?:verstuurd|verzonden) (?:vanaf|via|met|vanuit|van) .+",
    "pt": r"enviad[ao] (?:do|da|de|através d[oae]|com|pelo|via|a partir d[oae]) .+|obter o outlook para .+",
    "ru": r"отправлено (?:с|из|через|от) .+",
    "uk": r"надіслано (?:з|із|через) .+",
    "pl": r"wysłan[eoay] (?:z|za pomocą|przez) .+",
    "sv": r"skickat från .+",
    "da, no": r"sendt fra .+",
    "fi": r"lähetetty .+",
    "cs": r"odesláno (?:z|ze) .+",
    "tr": r".+ gönderildi",
    "zh": r"(?:发自|從|來自|傳送自) ?.+",
    "ja": r".+から送信",
    "ko": r"나의 .+에서 보냄",
}
"""A line by itself at the end. Without a device or a mail program in it, it is about a parcel."""

DEVICE = {
    "brand": r"iphone|\b(?:iphon\w*|ipad|ipod|android|galaxy|samsung|huawei|xiaomi|pixel|blackberry|nokia|windows"
    r"|outlook|gmail|yahoo|proton|thunderbird|k-9|fairemail|aqua mail|superhuman|gmx|web\.de|mail\.ru)\b",
    "mine": r"\b(?:my|meine[mr]|mon|mi|mio|meu|mijn|min|моего|mojego|mého)\b.*\b(?:mobil\w*|handy|smartphone|phone"
    r"|tablet|telefon\w*|téléphone|móvil|celular|telemóvel|телефона)\b",
}

CLOSINGS = {
    "en": r"(?:(?:with )?(?:best|kind|kindest|warm|warmest) )?regards|(?:thanks|best wishes|thank you) and regards"
    r"|(?:with )?best wishes|(?:yours )?(?:sincerely|faithfully|truly)|sincerely yours",
    "de": r"(?:mit )?(?:freundlich|best|herzlich|lieb|viel|schön)e[nr]? gr(?:ü|ue)(?:ß|ss)en?(?: aus \w+)?|mfg",
    "fr": r"(?:bien )?cordialement|bien à vous|(?:sincères|meilleures) salutations|salutations distinguées",
    "es": r"(?:un )?(?:cordial )?saludos?(?: cordial(?:es)?)?|atentamente",
    "ru": r"с уважением|с наилучшими пожеланиями",
    "pt": r"atenciosamente|(?:com os )?(?:melhores )?cumprimentos|cordialmente",
    "it": r"(?:cordiali|distinti) saluti",
    "nl": r"(?:met )?(?:vriendelijke|hartelijke) groet(?:en)?|mvg",
    "pl": r"(?:z )?pozdrowieni(?:a|ami)|pozdrawiam|z poważaniem",
    "sv": r"(?:med )?vänliga? hälsning(?:ar)?|mvh",
}
"""How a letter ends, on a line of its own; the agent's words unless a business card follows."""

PHONE = r"\+?\d[\d ()/.\-]{6,}\d"
CONTACT = (
    r"[\w.+-]{1,64}@[\w-]{1,64}\.\w",
    r"(?:https?://|www\.)\S",
    PHONE,
    r"\b(?:GmbH|AG|Inc\.?|Ltd\.?|LLC|S\.A\.|SARL|S\.L\.|Ltda\.?|ООО|АО|B\.V\.|S\.p\.A\.|Sp\. z o\.o\.|AB)(?:\W|$)",
)
"""What is on business cards."""

AFTERTHOUGHT = r"p\.? ?s\b|ps:|n\.? ?b\b|z\.? ?ы|p\.? ?d\b"
"""What an agent adds below a closing."""

FORWARDED = (
    r"forwarded message|begin forwarded|weitergeleitete|message transféré|mensaje reenviado|mensagem encaminhada"
)
"""What an agent passes on is meant to be read."""


def any_of(patterns: Mapping[str, str] | Iterable[str] | str) -> re.Pattern[str]:
    """Compile a table to one pattern, in any case."""
    found = (
        patterns.values() if isinstance(patterns, Mapping) else [patterns] if isinstance(patterns, str) else patterns
    )
    return re.compile("|".join(f"(?:{pattern})" for pattern in found), re.IGNORECASE)


def kind_of(tag: str, attributes: Attributes) -> Kind | None:
    """Say whose words an element holds, as far as its mail program tells."""
    for name, value in attributes.items():
        if name != "name" or tag == "div":
            for kind, holds in _BY_ATTRIBUTE.get(name, ()):
                if holds.search(value or ""):
                    return kind
    if tag == "blockquote":
        return "cited" if any(holds.search(attributes.get(name) or "") for name, holds in _CITED) else "quoted"
    return None


def _word(pattern: str) -> re.Pattern[str]:
    """A word among others; Outlook on the web puts `x_` before those of mail that it quotes."""
    return re.compile(rf"(?:^|\s)(?:x_)*(?:{pattern})(?:\s|$)")


_CITED = [(name, _word(pattern)) for name, pattern in CITED_BLOCKQUOTE]
_BY_ATTRIBUTE: dict[str, list[tuple[Kind, re.Pattern[str]]]] = {}
for _kind, _name, _pattern in MARKS:
    _BY_ATTRIBUTE.setdefault(_name, []).append((_kind, _word(_pattern)))
