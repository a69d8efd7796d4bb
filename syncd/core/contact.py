"""Contact data that an agent corrected goes back into the chat, field by field, and comes to rest there.

What each end was last known to have is kept for every field that goes to the chat. An update is made only where the
helpdesk has something else than before and the chat is not known to have it. While one is on its way (`Ends.sent`),
what the chat tells may be older than it, so nothing is concluded from that. The way into the helpdesk is `requester`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from syncd.contract.contact import CONTACT_FIELDS, contact_of
from syncd.contract.model import Contact, ContactField, End, Visitor

Direction = Literal["both", "to-helpdesk", "to-chat", "none"]
Directions = Mapping[ContactField, Direction]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
UNNAMED: Direction = "to-helpdesk"
"""A visitor's own data is changed in the chat only where ops say so."""

_LEADS_TO: Mapping[Direction, tuple[End, ...]] = {
    "both": ("chat", "helpdesk"),
    "to-helpdesk": ("helpdesk",),
    "to-chat": ("chat",),
    "none": (),
}


@dataclass(frozen=True, slots=True)
class Ends:
    """What each end was last known to have in a field, None where nobody knows; empty where it has nothing.

    `sent` is what is on its way to the chat, `put` what we brought there last.
    """

    helpdesk: str | None = None
    chat: str | None = None
    sent: str | None = None
    put: str | None = None


Known = Mapping[ContactField, Ends]


def parse(table: str) -> Directions:
    """Read `name=to-chat email=both`; what is not named is `UNNAMED`. Raises ValueError: what to write instead."""
    found: dict[str, Direction] = {}
    for word in table.split():
        field, _, named = word.partition("=")
        direction = next((one for one in DIRECTIONS if one == named), None)
        if field not in CONTACT_FIELDS or direction is None or field in found:
            fields, directions = ", ".join(CONTACT_FIELDS), ", ".join(DIRECTIONS)
            raise ValueError(f"{word!r}: write FIELD=DIRECTION, FIELD once and one of {fields}, DIRECTION {directions}")
        found[field] = direction
    return {field: found.get(field, UNNAMED) for field in CONTACT_FIELDS}


def fields_to(end: End, directions: Directions) -> frozenset[ContactField]:
    """Give the fields whose changes go to an end."""
    return frozenset(field for field, direction in directions.items() if end in _LEADS_TO[direction])


def heard(known: Known, visitor: Visitor, wanted: Collection[ContactField]) -> Known:
    """Note what the chat tells of its visitor, in the fields that are wanted."""
    told = Contact(visitor.name, visitor.email, visitor.phone).told()
    return {**known, **{field: _heard(known.get(field, Ends()), told[field].strip()) for field in wanted}}


def _heard(ends: Ends, value: str) -> Ends:
    is_change = ends.sent is None and ends.chat not in {None, value}
    # It may be in the helpdesk as well by now, by our own hand: an agent who takes it back there corrects it.
    helpdesk = None if is_change else ends.helpdesk
    return Ends(helpdesk, value, None, value) if ends.sent == value else Ends(helpdesk, value, ends.sent, ends.put)


def corrected(known: Known, contact: Contact, wanted: Collection[ContactField]) -> tuple[Contact, Known]:
    """Give what the chat must get of a correction in the helpdesk, and what both ends have after it."""
    update: dict[ContactField, str] = {}
    after = dict(known)
    for field, told in contact.told().items():
        ends, value = known.get(field, Ends()), told.strip()
        if field not in wanted or ends.helpdesk == value:
            continue
        # What differs from our last update may have been told before it: that the chat has it is not sure.
        is_there = ends.sent is None and ends.chat == value and ends.put in {None, value}
        after[field] = replace(ends, helpdesk=value, sent=None if is_there else value)
        if not is_there:
            update[field] = value
    return contact_of(update), after


def meant(known: Known, contact: Contact) -> Contact:
    """Give what of an update on its way is still to be: not what the helpdesk has changed again since."""
    told = contact.told().items()
    return contact_of({field: value for field, value in told if known.get(field, Ends()).helpdesk == value})


def settled(known: Known, contact: Contact, *, taken: bool) -> Known:
    """Note that an update has come to its end: the chat has it, or nobody knows what the chat has."""
    after = dict(known)
    for field, value in contact.told().items():
        ends = known.get(field, Ends())
        if ends.sent == value:
            after[field] = Ends(ends.helpdesk, value if taken else None, None, value)
    return after
