"""What both ends have of a visitor's contact data, read and written, and what of an update is still to be made."""

from __future__ import annotations

from dataclasses import astuple

from sqlalchemy import Connection

from syncd.contract.contact import CONTACT_FIELDS
from syncd.contract.deliveries import UpdateVisitor
from syncd.contract.model import Contact, Visitor
from syncd.core import contact
from syncd.core.contact import Ends
from syncd.core.plan import Policy
from syncd.store import contacts, deliveries, lanes
from syncd.store.deliveries import LaneHead

OVERTAKEN = "it was changed again since"


def contact_of(connection: Connection, link_id: int) -> contact.Known:
    """Read what both ends have of a conversation's visitor."""
    found = contacts.of(connection, link_id)
    return {field: Ends(*found[field]) for field in CONTACT_FIELDS if field in found}


def keep_contact(connection: Connection, link_id: int, former: contact.Known, known: contact.Known) -> None:
    """Write down what both ends have, where that is something else than the former."""
    changed = {field: ends for field, ends in known.items() if former.get(field) != ends}
    contacts.keep(connection, link_id, {field: astuple(ends) for field, ends in changed.items()})


def hear(connection: Connection, link_id: int, visitor: Visitor, policy: Policy) -> None:
    """Write down what the chat tells of its visitor, as far as the helpdesk may correct it."""
    if policy.contact:
        former = contact_of(connection, link_id)
        keep_contact(connection, link_id, former, contact.heard(former, visitor, policy.contact))


def settle_contact(connection: Connection, link_id: int, update: UpdateVisitor, *, taken: bool) -> None:
    """Write down that an update has come to its end."""
    former = contact_of(connection, link_id)
    keep_contact(connection, link_id, former, contact.settled(former, update.contact, taken=taken))


def still_meant(connection: Connection, head: LaneHead, now: float) -> LaneHead | None:
    """Leave out of an update at the front of a lane what has been corrected again since; None where that is all of it.

    It is then dropped, and the lane goes on: so one that is tried again later never brings an old value back.
    """
    first = head.rows[0] if head.rows else None
    if first is None or not isinstance(first.delivery, UpdateVisitor):
        return head
    left = contact.meant(contact_of(connection, head.lane.link_id), first.delivery.contact)
    if left == Contact():
        deliveries.mark(connection, [first.id], "dropped", reason=OVERTAKEN, done_at=now)
        lanes.go_on(connection, head.lane, now)
        return None
    return head._replace(rows=(first._replace(delivery=UpdateVisitor(left)), *head.rows[1:]))
