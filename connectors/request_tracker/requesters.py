"""Who a ticket is from, changed later.

Vendor pages: https://docs.bestpractical.com/rt/5.0.3/RT/REST2.html (`Requestor`, `If-Match`),
https://docs.bestpractical.com/rt/5.0.3/RT/Ticket.html (SquelchMailTo).

REST2 takes `SquelchMailTo` of a new ticket only. Of one that is there the page "People" of RT's website sets it, whose
form is filled in before the requester is changed: so there is no moment in which RT would mail the new one. To an
address of RT itself as the requester it answers 500, as to anything else that fails inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser

from connectors.request_tracker import writing
from connectors.request_tracker.reading import NAMES, Row, string
from connectors.request_tracker.rest import Rest
from syncd.contract.errors import MissingTargetError, RejectedError
from syncd.contract.model import TicketId, Visitor

PEOPLE = "Ticket/ModifyPeople.html"


class _Recipients(HTMLParser):
    """Collects whom the page "People" shows as not to be mailed."""

    def __init__(self) -> None:
        super().__init__()
        self.squelched: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a check box."""
        box = dict(attrs)
        if tag == "input" and box.get("name") == "checked_recipient" and "checked" not in box:
            self.squelched.add((box.get("value") or "").lower())


def read_squelched(page: str) -> set[str]:
    """Read from the page "People" who is not mailed about the ticket: addresses in lower case."""
    reader = _Recipients()
    reader.feed(page)
    return reader.squelched


async def change_requester(
    rest: Rest, ticket: TicketId, requester: Visitor, instead_of: Sequence[Visitor], made_up_domain: str
) -> None:
    """Put a person in the place of one that syncd gave; all others stay, and so does what changed meanwhile."""
    address = writing.write_address(requester, made_up_domain)
    former = {writing.write_address(one, made_up_domain).lower() for one in instead_of}
    if await rest.find("ticket", ticket) is None:
        raise MissingTargetError(f"ticket {ticket}: not there any more")
    found, version = await rest.version(ticket)
    home = string(found, "id")
    people = await _people(rest, home)
    ours = [one for one in people if _address(one) in former]
    if all(_address(one) == address.lower() for one in ours):
        await _rename(rest, ours, requester, instead_of)
    elif address != writing.write_address(Visitor(requester.id), made_up_domain):
        await _squelch(rest, home, address, string(found["_hyperlinks"][0], "_url"))
        others = [string(one, "id") for one in people if one not in ours]
        wanted = [writing.write_requester(requester, address), *others]
        await rest.put(f"ticket/{home}", {"Requestor": wanted}, version=version)
        if address.lower() not in map(_address, await _people(rest, home)):
            raise RejectedError(f"ticket {ticket}: requester refused; give the account ModifyTicket in its queue")


async def _people(rest: Rest, ticket: str) -> Sequence[Row]:
    asked = {"fields[Requestor]": NAMES}
    rows = await rest.some("tickets", f"id = {ticket}", "Requestor", **asked)
    return [one for row in rows for one in row.get("Requestor") or ()]


def _address(person: Row) -> str:
    return str(person.get("EmailAddress") or "").lower()


async def _squelch(rest: Rest, ticket: str, address: str, referer: str) -> None:
    page = await rest.fill_in(PEOPLE, {"id": ticket, "autorecipient": address}, referer)
    if address.lower() not in read_squelched(page):
        raise RejectedError(
            f"ticket {ticket}: Request Tracker would mail the new requester; give the account ModifyTicket in the"
            f" ticket's queue, and let it fill in {PEOPLE} under RT_URL"
        )


async def _rename(rest: Rest, people: Sequence[Row], requester: Visitor, instead_of: Sequence[Visitor]) -> None:
    """Give people the name that they have from now, where they have one of ours: that takes the right AdminUsers."""
    given = {writing.write_name(one) for one in instead_of}
    for person in people:
        if person.get("RealName") in given - {writing.write_name(requester)}:
            await rest.put(f"user/{string(person, 'id')}", {"RealName": writing.write_name(requester)})
