"""Which chat lines only say thanks, so that they want no answer: a table of phrases and emoji, in several languages.

A line is one only where nothing is left of it beside phrases of the table: when in doubt it wants an answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

THANKS = """
en: thanks, thank you, thank u, thx, ty, tysm, tyvm, cheers, many thanks, thanks a lot, thanks so much,
    thank you so much, thank you very much, thanks very much, thanks a million, thanks a bunch,
    much appreciated, appreciate it
de: danke, dankeschön, danke schön, danke sehr, vielen dank, besten dank, herzlichen dank, lieben dank, tausend dank,
    danke dir, danke ihnen, danke euch, danke vielmals
fr: merci, merci beaucoup, merci bien, mille mercis, un grand merci, merci infiniment, merci à vous, merci à toi,
    je vous remercie
es: gracias, muchas gracias, mil gracias, muchísimas gracias, gracias a ti, gracias a usted, te lo agradezco,
    se lo agradezco
pt: obrigado, obrigada, muito obrigado, muito obrigada
it: grazie, grazie mille, mille grazie, tante grazie
nl: dank je, dank u, bedankt, dank je wel, dank u wel
"""
"""What says thanks, by language."""
BESIDE = """
en: ok, okay, got it, understood, great, that's great, perfect, that's perfect, super, awesome, cool, excellent,
    wonderful, brilliant, fantastic, amazing, lovely, good, very good, again, bye, bye bye, goodbye, see you, take care,
    you too, have a nice day, have a great day, have a good day, have a nice evening, have a nice weekend,
    have a great weekend, have a good weekend, good night, for your help, for the help, for your quick help,
    for the quick help, for your quick reply, for the quick reply, for your support, for everything, it works now,
    it works, that works, that worked, that helped, that helped a lot, solved, all good, problem solved, that is all,
    that's all, no more questions, so much, a lot
de: ok, okay, super, perfekt, prima, toll, klasse, wunderbar, großartig, hervorragend, ausgezeichnet, genial, spitze,
    sehr gut, alles klar, verstanden, tschüss, ciao, auf wiedersehen, bis bald, bis dann, ebenfalls, gleichfalls,
    viele grüße, liebe grüße, gute nacht, schönen abend, schönen abend noch, einen schönen abend, schönes wochenende,
    ein schönes wochenende, schönen tag, schönen tag noch, einen schönen tag, einen schönen tag noch,
    für ihre hilfe, für deine hilfe, für die hilfe, für die schnelle hilfe, für ihre schnelle hilfe,
    für die schnelle antwort, für alles, es funktioniert jetzt, jetzt geht es, jetzt geht's, es geht jetzt,
    hat geklappt, das hat geholfen, das war alles, nochmal, nochmals
fr: ok, super, parfait, génial, excellent, formidable, très bien, d'accord, compris, bien reçu, entendu, au revoir,
    bonne journée, bonne soirée, bonne nuit, bon week-end, bon weekend, à vous aussi, à bientôt, à plus,
    pour votre aide, pour ton aide, pour l'aide, pour votre aide rapide, pour votre réponse, pour votre réponse rapide,
    pour tout, ça marche, ça marche maintenant, ça fonctionne, c'est bon, c'est parfait, c'est tout, encore
es: ok, vale, perfecto, genial, estupendo, excelente, maravilloso, fantástico, muy bien, muy amable, de acuerdo,
    entendido, adiós, chao, hasta luego, hasta pronto, nos vemos, saludos, igualmente, buen día, buenas noches,
    buen fin de semana,
    que tenga un buen día, que tengas un buen día, por su ayuda, por tu ayuda, por la ayuda, por todo,
    por su respuesta, por la respuesta, por la rápida respuesta, ya funciona, ahora funciona, eso es todo, de nuevo
"""
"""What may stand beside it and wants no answer either."""
WAVES = "👋"
"""May stand beside it too: alone it may be a greeting."""
EMOJI = "👍👌🙏🙌👏💪❤💙💚💛🧡💜🖤🥰😍😘😊🙂😀😃😄😁😉😇🤗🤝🎉🎊🥳✅☑✔💯🌹💐⭐🌟✨☺♥"
"""Each of them alone says it as well."""
SMILEYS = re.compile(r"(?<!\w)(?:[:;=]-?[)DPp]+|\^\^|<3|xd)(?!\w)", re.IGNORECASE)

LONGEST_LINE = 200
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\s]")
_SILENT = frozenset(".,!;:-–—…~*()\"'¡")
_INVISIBLE = re.compile("[\u200b-\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")

Phrases = frozenset[tuple[str, ...]]


def _words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text).casefold().replace("’", "'"))
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return tuple(word for word in _WORD.findall(bare) if word not in _SILENT)


def phrases(listed: Iterable[str]) -> Phrases:
    """Take phrases as they are compared: without case, accents and punctuation."""
    return frozenset(words for words in map(_words, listed) if words)


def _of_table(table: str) -> Phrases:
    lines = re.sub(r"\n\s+", " ", table).splitlines()
    return phrases(phrase for line in lines for phrase in line.partition(":")[2].split(","))


_THANKS = _of_table(THANKS) | phrases(EMOJI)
_BESIDE = _of_table(BESIDE) | phrases(WAVES)


def is_thanks_only(text: str, further: Phrases = frozenset()) -> bool:
    """Say whether a line says thanks and nothing else; `further` are phrases that ops added."""
    if len(text) > LONGEST_LINE or "?" in text:
        return False
    thanks = _THANKS | further
    words = _words(SMILEYS.sub(" 🙂 ", text))
    at, is_said = 0, False
    while at < len(words):
        found = _longest(words, at, thanks)
        is_said = is_said or bool(found)
        found = found or _longest(words, at, _BESIDE)
        if not found:
            return False
        at += found
    return is_said


def _longest(words: tuple[str, ...], at: int, known: Phrases) -> int:
    """Give how many words the longest known phrase here has, 0 where there is none."""
    return next((end - at for end in range(min(len(words), at + 8), at, -1) if words[at:end] in known), 0)
