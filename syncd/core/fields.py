"""Which facts of a chat become fields of its ticket: a small table of ops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from syncd.contract.model import ChatContext

FACTS: Mapping[str, Callable[[ChatContext], str]] = {
    "name": lambda known: known.visitor.name,
    "email": lambda known: known.visitor.email,
    "phone": lambda known: known.visitor.phone,
    "chat": lambda known: known.chat_link,
    "page": lambda known: known.page.link if known.page else "",
    "title": lambda known: known.page.title if known.page else "",
    "host": lambda known: known.host,
    "country": lambda known: known.country,
    "city": lambda known: known.city,
    "language": lambda known: known.language,
    "browser": lambda known: known.browser,
    "os": lambda known: known.os,
    "group": lambda known: known.group,
}
DETAIL = "detail."
"""Before the label of a further fact, as the note about the visitor shows it."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A fact of the chat, and the ticket's field that it goes into."""

    fact: str
    field: str


def parse(table: str) -> tuple[Mapped, ...]:
    """Read `page -> Page; detail.Order -> Order number; …`. Raises ValueError: the line and what to write instead."""
    lines = [line.strip() for part in table.splitlines() for line in part.split(";")]
    found = tuple(_mapped(line) for line in lines if line)
    fields = [one.field for one in found]
    if twice := next((field for field in fields if fields.count(field) > 1), None):
        raise ValueError(f"{twice!r} gets two facts: write each field once")
    return found


def _mapped(line: str) -> Mapped:
    fact, arrow, field = (part.strip() for part in line.partition("->"))
    is_known = fact in FACTS or (fact.startswith(DETAIL) and fact != DETAIL)
    if not (arrow and field and is_known):
        raise ValueError(f"{line!r}: write FACT -> FIELD, where FACT is {DETAIL}LABEL or one of {', '.join(FACTS)}")
    return Mapped(fact, field)


def values(table: Sequence[Mapped], known: ChatContext) -> tuple[tuple[str, str], ...]:
    """Give the fields of a chat's ticket with what goes into them; a fact that nobody knows sets none."""
    return tuple((one.field, value) for one in table if (value := _value(one.fact, known).strip()))


def _value(fact: str, known: ChatContext) -> str:
    if fact in FACTS:
        return FACTS[fact](known)
    label = fact.removeprefix(DETAIL)
    return next((value for name, value in known.details if name == label), "")
