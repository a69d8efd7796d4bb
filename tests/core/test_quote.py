"""An entry of a table, a reply that it is for."""

import re

import pytest

from syncd.core import quote
from syncd.core.answer import answer

ATTRIBUTIONS = {
    "en": "On Mon, 3 Mar 2025 at 10:02, Ann <ann@mail.example> wrote:",
    "de": "Am 03.03.2025 um 10:02 schrieb Anna Lang <anna@mail.example>:",
    "fr": "Le lun. 3 mars 2025 à 10:02, Anne <anne@mail.example> a écrit :",
    "es": "El lun, 3 mar 2025 a las 10:02, Ana (<ana@mail.example>) escribió:",
    "it": "Il giorno lun 3 mar 2025 alle ore 10:02 Anna <anna@mail.example> ha scritto:",
    "nl": "Op ma 3 mrt 2025 om 10:02 schreef Anna <anna@mail.example>:",
    "pt": "Em seg., 3 de mar. de 2025 às 10:02, Ana <ana@mail.example> escreveu:",
    "pl": "W dniu 3.03.2025 o 10:02, Anna pisze:",
    "cs": "Dne 3. března 2025 10:02 Anna <anna@mail.example> napsal(a):",
    "sv, da, no": "Den mån 3 mars 2025 kl 10:02 skrev Anna <anna@mail.example>:",
    "ro": "Pe lun., 3 mar. 2025 la 10:02, Ana <ana@mail.example> a scris:",
    "vi": "Vào Th 2, 3 thg 3, 2025 vào lúc 10:02 An <an@mail.example> đã viết:",
    "he": "\u202bבתאריך יום ב׳, 3 במרץ 2025 ב-10:02 מאת אן <\u202aann@mail.example\u202c\u200f>:\u202c",
    "ar": "في الاثنين، 3 مارس 2025 في 10:02 كتب ann <ann@mail.example>:",
}
PLAIN_ATTRIBUTIONS = {
    "en": "Ann Long <ann@mail.example> wrote:",
    "Gmail, before 2018": "2017-03-03 10:02 GMT+01:00 Ann Long <ann@mail.example>:",
    "de": "Anna Lang schrieb am 03.03.2025 um 10:02:",
    "ru": "пн, 3 мар. 2025 г. в 10:02, Анна <anna@mail.example> пишет:",
    "uk": "пн, 3 бер. 2025 р. о 10:02 Анна <anna@mail.example> пише:",
    "fi": "ma 3. maalisk. 2025 klo 10.02 Anna (anna@mail.example) kirjoitti:",
    "hu": "Anna <anna@mail.example> ezt írta (időpont: 2025. márc. 3., H, 10:02):",
    "tr": "Anna <anna@mail.example>, 3 Mar 2025 Pzt, 10:02 tarihinde şunu yazdı:",
    "el": "Στις Δευ 3 Μαρ 2025 στις 10:02 π.μ., ο χρήστης Ann <ann@mail.example> έγραψε:",
    "zh": "安娜 <anna@mail.example> 于2025年3月3日周一 10:02写道：",
    "ja": "2025年3月3日(月) 10:02 Anna <anna@mail.example>のメール:",
    "ko": "2025년 3월 3일 (월) 오전 10:02, Anna <anna@mail.example>님이 작성:",
}
ORIGINALS = {
    "en": "Original Message",
    "de": "Ursprüngliche Nachricht",
    "fr": "Message d'origine",
    "es": "Mensaje original",
    "it": "Messaggio originale",
    "nl": "Oorspronkelijk bericht",
    "pt": "Mensagem original",
    "ru": "Исходное сообщение",
    "pl": "Wiadomość oryginalna",
    "sv": "Ursprungligt meddelande",
    "da, no": "Oprindelig meddelelse",
    "fi": "Alkuperäinen viesti",
    "cs": "Původní zpráva",
    "hu": "Eredeti üzenet",
    "tr": "Özgün İleti",
    "zh": "原始邮件",
    "ja": "元のメッセージ",
    "ko": "원본 메시지",
}
HEADERS = {
    "en": "From: Ann\nSent: Monday\nTo: Help\nSubject: Hi",
    "de": "Von: Ann\nGesendet: Montag\nAn: Hilfe\nBetreff: Hallo",
    "fr": "De : Ann\nEnvoyé : lundi\nÀ : Aide\nObjet : Salut",
    "es": "De: Ann\nEnviado el: lunes\nPara: Ayuda\nAsunto: Hola",
    "it": "Da: Ann\nInviato: lunedì\nA: Aiuto\nOggetto: Ciao",
    "nl": "Van: Ann\nVerzonden: maandag\nAan: Hulp\nOnderwerp: Hallo",
    "pt": "De: Ann\nEnviada em: segunda-feira\nPara: Ajuda\nAssunto: Olá",
    "ru": "От: Анна\nОтправлено: 3 марта\nКому: Помощь\nТема: Привет",
    "pl": "Od: Ann\nWysłano: poniedziałek\nDo: Pomoc\nTemat: Cześć",
    "sv": "Från: Ann\nSkickat: måndag\nTill: Hjälp\nÄmne: Hej",
    "da": "Fra: Ann\nSendt: mandag\nTil: Hjælp\nEmne: Hej",
    "fi": "Lähettäjä: Ann\nLähetetty: maanantai\nVastaanottaja: Apu\nAihe: Hei",
    "cs": "Od: Ann\nOdesláno: pondělí\nKomu: Pomoc\nPředmět: Ahoj",
    "tr": "Kimden: Ann\nGönderildi: Pazartesi\nKime: Yardım\nKonu: Merhaba",
    "zh": "发件人： Ann\n发送时间： 3月3日\n收件人： 帮助\n主题： 你好",
    "ja": "差出人: Ann\n送信日時: 3月3日\n宛先: ヘルプ\n件名: こんにちは",
    "ko": "보낸 사람: Ann\n보낸 날짜: 3월 3일\n받는 사람: 도움\n제목: 안녕",
}
DEVICES = {
    "en": "Sent from my iPhone",
    "de": "Von meinem iPhone gesendet",
    "fr": "Envoyé de mon iPhone",
    "es": "Enviado desde mi iPhone",
    "it": "Inviato da iPhone",
    "nl": "Verstuurd vanaf mijn iPhone",
    "pt": "Enviado do meu iPhone",
    "ru": "Отправлено с iPhone",
    "uk": "Надіслано з iPhone",
    "pl": "Wysłane z iPhone’a",
    "sv": "Skickat från min iPhone",
    "da, no": "Sendt fra min iPhone",
    "fi": "Lähetetty iPhonesta",
    "cs": "Odesláno z iPhonu",
    "tr": "iPhone’umdan gönderildi",
    "zh": "发自我的 iPhone",
    "ja": "iPhoneから送信",
    "ko": "나의 iPhone에서 보냄",
}
CLOSED = {
    "en": "Kind regards,",
    "de": "Mit freundlichen Grüßen",
    "fr": "Cordialement,",
    "es": "Un saludo,",
    "ru": "С уважением,",
    "pt": "Com os melhores cumprimentos,",
    "it": "Cordiali saluti",
    "nl": "Met vriendelijke groet,",
    "pl": "Pozdrawiam",
    "sv": "Med vänlig hälsning",
}


def only_matching(table: dict[str, str], words: str) -> list[str]:
    words = re.sub("[\u200f\u202a-\u202c]", "", words)
    return [name for name, pattern in table.items() if quote.any_of(pattern).fullmatch(words)]


@pytest.mark.parametrize("language", quote.ON_DATE_SENDER_WROTE)
def test_a_quotation_that_says_when_and_who_goes(language: str) -> None:
    assert language in only_matching(quote.ON_DATE_SENDER_WROTE, ATTRIBUTIONS[language])
    assert answer(f"Yes.\n\n{ATTRIBUTIONS[language]}\n> Is it?\n", html=False) == "Yes."


@pytest.mark.parametrize("program", quote.SENDER_WROTE)
def test_a_quotation_that_says_who_goes(program: str) -> None:
    assert program in only_matching(quote.SENDER_WROTE, PLAIN_ATTRIBUTIONS[program])
    assert answer(f"Yes.\n\n{PLAIN_ATTRIBUTIONS[program]}\n> Is it?\n", html=False) == "Yes."


@pytest.mark.parametrize("language", quote.ORIGINAL_MESSAGE)
@pytest.mark.parametrize("dashes", ["-----", "-------- "])
def test_what_stands_below_original_message_goes(language: str, dashes: str) -> None:
    divider = f"{dashes}{ORIGINALS[language]}{dashes[::-1]}"
    assert answer(f"Yes.\n\n{divider}\nFrom: Ann\n\nIs it?", html=False) == "Yes."
    assert answer(f"Yes.\n{ORIGINALS[language]}: no.", html=False) == f"Yes.\n{ORIGINALS[language]}: no."


@pytest.mark.parametrize("language", quote.HEADER_LABELS)
def test_what_stands_below_a_header_of_outlook_goes(language: str) -> None:
    header = HEADERS[language]
    assert answer(f"Yes.\n\n{header}\n\nIs it?", html=False) == "Yes."
    html = f"<p>Yes.</p><div><b>{header.replace(chr(10), '<br><b>')}</div><p>Is it?</p>"
    assert answer(html, html=True) == "Yes."
    alone = header.splitlines()[0]
    assert answer(f"Yes.\n\n{alone}\nIs it?", html=False) == f"Yes.\n\n{alone}\nIs it?"


@pytest.mark.parametrize("language", quote.SENT_FROM)
def test_the_name_of_a_phone_goes(language: str) -> None:
    assert language in only_matching(quote.SENT_FROM, DEVICES[language])
    assert answer(f"Yes.\n\n{DEVICES[language]}", html=False) == "Yes."
    assert answer(f"{DEVICES[language]}\n\nYes.", html=False) == f"{DEVICES[language]}\n\nYes."


@pytest.mark.parametrize("device", ["Outlook for Android", "my Galaxy S24", "my phone", "Mail for Windows"])
def test_a_device_or_a_mail_program_must_be_named(device: str) -> None:
    assert answer(f"Yes.\n\nSent from {device}", html=False) == "Yes."
    parcel = "Yes.\n\nSent from our warehouse with a mobile courier"
    assert answer(parcel, html=False) == parcel


@pytest.mark.parametrize("language", quote.CLOSINGS)
def test_a_business_card_goes_and_a_name_stays(language: str) -> None:
    closed = f"Yes.\n\n{CLOSED[language]}\nBo Berg"
    assert answer(f"{closed}\nShop\n+49 30 1234567", html=False) == "Yes."
    assert answer(closed, html=False) == closed
    added = f"{closed}\n\nPS: call +49 30 1234567!"
    assert answer(added, html=False) == added


@pytest.mark.parametrize(
    "contact", ["a@e.example", "https://e.example", "www.e.example", "+49 30 1234567", "Laden GmbH"]
)
def test_each_way_to_reach_someone_makes_a_business_card(contact: str) -> None:
    assert answer(f"Yes.\n\nKind regards\nBo\n{contact}", html=False) == "Yes."


@pytest.mark.parametrize(
    ("kind", "attribute", "value"),
    [
        ("signature", "class", "gmail_signature"),
        ("signature", "class", "gmail_signature_prefix"),
        ("signature", "data-smartmail", "gmail_signature"),
        ("signature", "class", "moz-signature"),
        ("signature", "id", "Signature"),
        ("signature", "id", "x_x_Signature"),
        ("signature", "id", "ms-outlook-mobile-signature"),
        ("signature", "id", "AppleMailSignature"),
        ("signature", "id", "ymail_android_signature"),
        ("signature", "class", "protonmail_signature_block-user"),
        ("signature", "class", "signature"),
        ("signature", "data-signature", "true"),
        ("signature", "class", "-x-evo-signature-wrapper"),
        ("signature", "data-marker", "__SIG_PRE__"),
        ("signature", "name", "messageSignatureSection"),
        ("signature", "class", "bloop_sign"),
        ("signature", "class", "front-signature"),
        ("signature", "class", "sh-signature"),
        ("attribution", "class", "gmail_attr"),
        ("attribution", "class", "moz-cite-prefix"),
        ("cited", "class", "yahoo_quoted"),
        ("cited", "class", "protonmail_quote"),
        ("cited", "class", "freshdesk_quote"),
        ("cited", "class", "zmail_extra"),
        ("cited", "class", "bloop_original_html"),
        ("cited", "name", "quote"),
        ("cited", "name", "messageReplySection"),
        ("cited", "data-marker", "__QUOTED_TEXT__"),
        ("history", "id", "appendonsend"),
        ("history", "id", "divRplyFwdMsg"),
        ("history", "id", "mail-editor-reference-message-container"),
        ("history", "class", "OutlookMessageHeader"),
        ("history", "class", "ms-outlook-mobile-reference-message"),
        ("history", "data-marker", "__DIVIDER__"),
    ],
)
def test_what_a_mail_program_marked_goes(kind: str, attribute: str, value: str) -> None:
    marked = f'<div {attribute}="{value}">MARKED</div>'
    assert quote.kind_of("div", {attribute: value}) == kind
    below = "<blockquote type=cite>Is it?</blockquote>" if kind == "attribution" else ""
    assert answer(f"<p>Yes.</p>{marked}{below}", html=True) == "Yes."
    assert answer(f'<p>Yes.</p><div {attribute}="not-{value}">KEPT</div>', html=True) == "Yes.\n\nKEPT"
    assert answer(marked, html=True) == "MARKED"


@pytest.mark.parametrize(
    ("attribute", "value"), [("type", "cite"), ("class", "gmail_quote"), ("class", "tutanota_quote")]
)
def test_a_blockquote_that_a_mail_program_made_goes_and_an_agents_own_stays(attribute: str, value: str) -> None:
    assert answer(f'<p>Yes.</p><blockquote {attribute}="{value}">Is it?</blockquote>', html=True) == "Yes."
    assert answer("<p>We say:</p><blockquote>No.</blockquote>", html=True) == "We say:\n\n> No."


def test_every_entry_of_a_table_has_an_example() -> None:
    assert ATTRIBUTIONS.keys() == quote.ON_DATE_SENDER_WROTE.keys()
    assert PLAIN_ATTRIBUTIONS.keys() == quote.SENDER_WROTE.keys()
    assert ORIGINALS.keys() == quote.ORIGINAL_MESSAGE.keys()
    assert HEADERS.keys() == quote.HEADER_LABELS.keys()
    assert DEVICES.keys() == quote.SENT_FROM.keys()
    assert CLOSED.keys() == quote.CLOSINGS.keys()
