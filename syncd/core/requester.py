"""Who a ticket is from: what is believed of what the chat tells of a visitor, and what is learned of it later.

The visitor's id in the chat says who it is; the e-mail is what a person is known by to agents and in the helpdesk.
Whoever has a browser can give any address, in the form as well as by the website's code, so `strict` believes none.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from syncd.contract.deliveries import AddComment, AddNote, Delivery, UpdateRequester
from syncd.contract.model import ContactField, Visitor
from syncd.core.text import Sentences

Identity = Literal["trust", "strict"]
UNVERIFIED_TAG = "unverified"


@dataclass(frozen=True, slots=True)
class Requester:
    """Whom syncd made the requester of a conversation's ticket.

    `asked` is whom the last delivery asks for, `given` whom the helpdesk took last, None before it took any. `claimed`
    is the e-mail that the chat told last, whatever became of it.
    """

    asked: Visitor
    given: Visitor | None = None
    claimed: str = ""


def person(visitor: Visitor, identity: Identity) -> Visitor:
    """Give the visitor as the helpdesk may know them."""
    return replace(visitor, email="") if identity == "strict" else visitor


def is_unverified(visitor: Visitor, identity: Identity) -> bool:
    """Say whether an e-mail is claimed that is not believed."""
    return identity == "strict" and bool(visitor.email.strip())


def first(visitor: Visitor, identity: Identity) -> Requester:
    """Give what is known once a ticket is to be opened."""
    return Requester(person(visitor, identity), None, visitor.email)


def learned(known: Requester, told: Visitor, identity: Identity, taken: Collection[ContactField]) -> Requester:
    """Give what is known once the chat tells of the visitor again: what it leaves out is not forgotten.

    Only the fields that are `taken` become the requester's.
    """
    new, asked = person(told, identity), known.asked
    if "name" in taken and new.name.strip():
        asked = replace(asked, name=new.name)
    if "email" in taken and new.email.strip() and not _is_same(new.email, asked.email):
        asked = replace(asked, email=new.email)
    claimed = told.email if told.email.strip() and not _is_same(told.email, known.claimed) else known.claimed
    return replace(known, asked=asked, claimed=claimed)


def update(
    before: Requester, after: Requester, identity: Identity, sentences: Sentences, *, able: bool, notes: bool
) -> tuple[Delivery, ...]:
    """Give what tells the helpdesk of it; a note does where the helpdesk itself is not `able` to change requesters."""
    made: list[Delivery] = []
    if after.asked != before.asked:
        made.append(_change(before, after) if able else _said(sentences.renamed(after.asked), notes=notes))
    if identity == "strict" and after.claimed != before.claimed:
        made.append(_said(sentences.claimed(after.claimed), notes=notes))
    return tuple(made)


def _change(before: Requester, after: Requester) -> UpdateRequester:
    """What was asked for may have failed: the ticket then has whom it took before."""
    former = dict.fromkeys(one for one in (before.given, before.asked) if one is not None and one != after.asked)
    return UpdateRequester(after.asked, tuple(former))


def _said(words: str, *, notes: bool) -> Delivery:
    return AddNote(words) if notes else AddComment(words)


def _is_same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
