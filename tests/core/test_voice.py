"""As whom an agent speaks in the chat: as one whom it knows, or through the default agent."""

from dataclasses import replace

import pytest

from syncd.contract.deliveries import PostMessage
from syncd.contract.model import Author, Reply, Role
from syncd.core.plan import Known, Policy, plan
from syncd.core.voice import Voices
from tests.core.test_plan import commented

BO = Author(Role.AGENT, "Bo", "bo@example.com")
NOBODY = Author(Role.AGENT)


def said(voices: Voices, author: Author, chat_agent: str = "", text: str = "sure", **policy: int) -> list[Reply]:
    event = commented(text)
    event = replace(event, comment=replace(event.comment, author=author))
    made = plan(event, Known(linked=True, chat_agent=chat_agent), Policy("t", voices=voices, **policy))  # type: ignore[arg-type]
    return [step.delivery.reply for step in made.steps if isinstance(step.delivery, PostMessage)]


@pytest.mark.parametrize(
    ("voices", "author", "chat_agent", "shown", "text"),
    [
        ("named", BO, "a1", BO, "sure"),
        ("named", replace(BO, email=""), "", replace(BO, email=""), "sure"),
        ("made", BO, "a1", BO, "sure"),
        ("made", replace(BO, email=""), "", NOBODY, "Bo: sure"),
        ("known", BO, "a1", replace(BO, id="a1"), "sure"),
        ("known", BO, "", NOBODY, "Bo: sure"),
        ("known", replace(BO, name=""), "", NOBODY, "bo: sure"),
        ("known", NOBODY, "", NOBODY, "sure"),
    ],
)
def test_who_is_shown_and_what_is_said(
    voices: Voices, author: Author, chat_agent: str, shown: Author, text: str
) -> None:
    assert said(voices, author, chat_agent) == [Reply(shown, text, "t")]


def test_no_part_with_its_name_is_too_long() -> None:
    parts = [reply.text for reply in said("known", BO, text="word " * 100, longest_reply=60)]
    assert len(parts) > 5
    assert all(part.startswith("Bo: word") and len(part) <= 60 for part in parts)
    whole = said("known", BO, text="x" * 58, longest_reply=60)
    assert [len(reply.text) <= 60 for reply in whole] == [True, True]
