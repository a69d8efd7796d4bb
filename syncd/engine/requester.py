"""Whom a conversation's ticket is from, read and written."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from syncd.contract.deliveries import OpenTicket
from syncd.contract.model import Visitor
from syncd.core.requester import Requester
from syncd.store import deliveries, requesters
from syncd.store.lanes import LaneId
from syncd.store.requesters import Kept


def requester_of(connection: Connection, link_id: int, *, has_ticket: bool) -> Requester | None:
    """Read whom syncd made the requester; of a ticket that an earlier syncd opened, its opening tells it."""
    kept = requesters.of(connection, link_id)
    if kept is not None:
        return Requester(*kept)
    if not has_ticket:
        return None
    opened = deliveries.last_opening(connection, LaneId(link_id, "helpdesk")).requester
    return Requester(opened, opened, opened.email)


def keep_requester(connection: Connection, link_id: int, known: Requester) -> None:
    """Write down whom syncd made the requester."""
    requesters.keep(connection, link_id, Kept(known.asked, known.given, known.claimed))


def was_given(connection: Connection, link_id: int, requester: Visitor) -> None:
    """Note whom the helpdesk took as the requester."""
    known = requester_of(connection, link_id, has_ticket=False) or Requester(requester, None, requester.email)
    keep_requester(connection, link_id, replace(known, given=requester))


def opening_again(connection: Connection, link_id: int) -> OpenTicket:
    """Give the opening of a ticket in place of the one that is there: the last, from whom the visitor is by now."""
    last = replace(deliveries.last_opening(connection, LaneId(link_id, "helpdesk")), follows=None)
    known = requester_of(connection, link_id, has_ticket=True)
    return replace(last, requester=known.asked) if known else last
