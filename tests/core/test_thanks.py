"""Lines that only say thanks, in several languages, and those that say more."""

import pytest

from syncd.core.thanks import is_thanks_only, phrases

THANKS = [
    "thanks",
    "Thanks!",
    "THANK YOU SO MUCH!!!",
    "thank you very much 🙏",
    "thx :)",
    "Great, it works now, thanks a lot!",
    "Thanks, that’s all. Bye!",
    "ok thanks",
    "Cheers",
    "danke",
    "Danke schön!",
    "Vielen Dank für die schnelle Hilfe! Schönen Tag noch.",
    "Super, jetzt geht's. Danke!",
    "merci",
    "Merci beaucoup, bonne journée !",
    "C'est parfait, merci à vous",
    "ca marche, merci",
    "gracias",
    "¡Muchas gracias!",
    "Perfecto, ya funciona. Mil gracias por su ayuda 😊",
    "muchisimas gracias",
    "obrigada!",
    "grazie mille",
    "bedankt",
    "👍",
    "👍🏽👍🏽",
    "❤️",
    "🙏🙏🙏",
    "thanks <3",
    "Thanks! 👋",
    "Thanks again! 👋🏽",
    "Thank you, bye! 👋",
    "👋 thanks, take care",
    "Got it ❤️",
    "Got it, thanks!",
    "Brilliant, that’s great, thanks a million. Have a nice weekend!",
    "Wunderbar, vielen Dank! 🙏",
    "Großartig, danke! Schönes Wochenende 👋",
    "Verstanden, vielen Dank. Viele Grüße",
    "Parfait, merci !",
    "Merci, bonne journée 👋",
    "Merci encore, à bientôt ! 👋",
    "D’accord, merci infiniment. Bon week-end !",
    "¡Perfecto, gracias!",
    "Gracias, hasta luego 👋",
    "¡Entendido, muchas gracias! Nos vemos 👋",
    "De acuerdo, mil gracias, buenas noches",
]
MORE = [
    "",
    "...",
    "ok",
    "yes",
    "hello",
    "bye",
    "thanks but it still fails",
    "Thanks, but where do I find it?",
    "thanks?",
    "no thanks",
    "thanks for nothing",
    "Thank you for calling me tomorrow at 5",
    "thanks 4711",
    "danke, geht aber nicht",
    "nein danke",
    "Danke. Noch eine Frage",
    "merci, mais ça ne marche pas",
    "no, gracias",
    "gracias, pero no funciona",
    "👎",
    "😡 thanks",
    "👩‍👩‍👧",
    "{{ thanks }}",
    "thanks " * 60,
    "👋",
    "👋👋🏽",
    "bye 👋",
    "Got it",
    "Got it 👋",
    "hasta luego 👋",
    "bonne journée 👋",
    "Wunderbar",
    "hello 👋 thanks",
    "Hi 👋",
    "Thanks, but it still fails 👋",
    "Got it, but thanks for nothing ❤️",
    "Thanks, I got it back broken",
    "Thanks 👋 order 4711",
    "Got it? 👍",
    "¿Perfecto, gracias",
    "Thanks in advance",
    "Danke im Voraus",
    "Merci d'avance 👋",
    "Gracias de antemano 👋",
    "Yes, thanks",
    "Merci, d'accord pour mardi",
    "Wunderbar, aber es geht nicht. Danke 👋",
    "Gracias, hasta luego no",
]


@pytest.mark.parametrize("line", THANKS)
def test_says_thanks_and_no_more(line: str) -> None:
    assert is_thanks_only(line)


@pytest.mark.parametrize("line", MORE)
def test_says_more_or_something_else(line: str) -> None:
    assert not is_thanks_only(line)


def test_ops_add_phrases() -> None:
    added = phrases(["Ta muchly", " dziękuję ", ""])
    assert is_thanks_only("ta muchly!", added)
    assert is_thanks_only("Dziekuje 👍", added)
    assert not is_thanks_only("", added)
    assert not is_thanks_only("ta muchly, but no", added)
