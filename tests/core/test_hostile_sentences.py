"""Whatever people write or are called, no sentence takes it for a template: neither a shipped one nor one of ops'."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields

import pytest

from syncd.contract.deliveries import AddTag, UpdateRequester
from syncd.contract.model import Author, ChatContext, Contact, File, Message, Page, Role, Visitor
from syncd.core.sentences import SENTENCES
from syncd.core.text import SHIPPED, Sentences, because
from tests.simulation.times import BEGIN

BAD = "{{ 7 * 7 }}{% for one in [7] %}{{ one * 7 }}{% endfor %}{# 7 #}"
WHO = Author(Role.AGENT, BAD, BAD)
VISITOR = Visitor(BAD, BAD, BAD, BAD)
FILE = File(BAD, BAD, 1)
SAID = Message(None, WHO, BAD, BEGIN, (FILE,))
KNOWN = ChatContext(VISITOR, BAD, Page(BAD, BAD), BAD, BAD, BAD, BAD, BAD, BAD, BAD, ((BAD, BAD),))
WHY = because("given_up", hours=24, reason=because("refused", words=BAD))
SAYING: Mapping[str, Callable[[Sentences], str]] = {
    "subject": lambda s: s.subject(KNOWN),
    "line": lambda s: s.line(SAID),
    "author": lambda s: s.author(WHO),
    "body": lambda s: s.body(SAID),
    "reply": lambda s: s.reply(BAD, (FILE,)),
    "image": lambda s: s.image(BAD),
    "spoken": lambda s: s.spoken(BAD, BAD),
    "part": lambda s: s.part(BAD, 1, 2),
    "context": lambda s: s.context(KNOWN, (BAD,), unverified=True),
    "parked_reply": lambda s: s.parked_reply(WHY, BAD),
    "parked_comment": lambda s: s.parked_comment(WHY, "k"),
    "uncorrected": lambda s: s.uncorrected(Contact(BAD), WHY),
    "refused_fields": lambda s: s.refused_fields([BAD]),
    "attached": lambda s: s.attached(BAD, 1),
    "unattached": lambda s: s.unattached(FILE, WHY, BAD),
    "attached_there": lambda s: s.attached_there(FILE, BAD),
    "unsent": lambda s: s.unsent([FILE]),
    "stale": lambda s: s.stale(WHY, BAD),
    "not_passed": lambda s: s.not_passed(WHO),
    "slipped": lambda s: s.slipped(BAD),
    "follows": lambda s: s.follows(BAD, overtaken=True),
    "goes_on": lambda s: s.goes_on(BAD),
    "followed": lambda s: s.followed(BAD),
    "missed": lambda s: s.missed(WHO),
    "unseen": lambda s: s.unseen(SAID),
    "renamed": lambda s: s.renamed(VISITOR),
    "claimed": lambda s: s.claimed(BAD),
    "unchanged": lambda s: s.unchanged(UpdateRequester(VISITOR, ()), WHY) + s.unchanged(AddTag(BAD), WHY),
    "why": lambda s: s.why(BAD),
}
WITHOUT_WORDS = {"nameless", "time", "merged", "arrived", "ended"}
"""These are given nothing that people write."""
OWN = Sentences({name: f"OPS {sentence.template}" for name, sentence in SENTENCES.items()})


@pytest.mark.parametrize("sentences", [SHIPPED, OWN], ids=["shipped", "of ops"])
@pytest.mark.parametrize("name", SAYING)
def test_words_in_a_sentence_stay_words(name: str, sentences: Sentences) -> None:
    said = SAYING[name](sentences)
    assert BAD in said
    assert "49" not in said
    assert ("OPS " in said) == (sentences is OWN)


def test_every_sentence_is_among_these() -> None:
    public = {name for name, one in inspect.getmembers(Sentences, inspect.isfunction) if not name.startswith("_")}
    assert public - {field.name for field in fields(Sentences)} == SAYING.keys() | WITHOUT_WORDS
