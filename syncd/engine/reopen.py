"""Tickets that come to an end while their conversation goes on, which then gets another or has the ticket reopened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from syncd import clock
from syncd.contract.deliveries import AddComment, OpenTicket, SetStatus
from syncd.contract.model import ConversationId, DeliveryKey, StatusClass, TicketId
from syncd.core.lifecycle import REOPEN
from syncd.core.plan import OPENING
from syncd.engine.bridge import Bridge
from syncd.engine.enqueue import leave_note, new_key
from syncd.engine.requester import opening_again
from syncd.engine.talk import keep_talk, talk_of
from syncd.store import attachments, deliveries, links
from syncd.store.deliveries import Enqueued
from syncd.store.lanes import LaneId
from syncd.store.links import Linked


def expect_opening(connection: Connection, linked: Linked, now: float) -> None:
    """Put a copy of the last opening before all that waits; it is held until the next line where no line waits.

    The old ticket stays the conversation's until then, so that notes about replies on it go where these are.
    """
    lane = LaneId(linked.id, "helpdesk")
    is_held = not deliveries.is_any_line_waiting(connection, lane)
    again = opening_again(connection, linked.id)
    deliveries.enqueue(connection, Enqueued(lane, new_key(), again, now, OPENING, is_held=is_held), now)


def opened(
    connection: Connection, bridge: Bridge, link_id: int, opening: OpenTicket, ticket: TicketId, key: DeliveryKey
) -> None:
    """Name a conversation's new ticket, opened under `key`, on the one that it follows."""
    if opening.follows is not None:
        attachments.leave_behind(connection, link_id, opening.follows, key)
        leave_note(connection, bridge, link_id, bridge.policy.sentences.followed(ticket), clock.now(), opening.follows)


def placed(connection: Connection, link_id: int, rows: Sequence[int], *, is_new: bool) -> None:
    """Note that lines are on the ticket from now on, a new one or the one that there was."""
    before = talk_of(connection, link_id)
    talk = replace(before, status=StatusClass.OPEN, status_since=0.0) if is_new else before
    if talk.is_unanswered and deliveries.is_line_among(connection, rows, talk.asked_at):
        talk = replace(talk, heard_at=clock.now())
    if talk != before:
        keep_talk(connection, link_id, talk)


def unopened(
    connection: Connection, bridge: Bridge, lane: LaneId, conversation: ConversationId, change: SetStatus
) -> None:
    """Go on in another ticket where one that is solved could not be reopened: nobody would see what came on it."""
    linked = links.by_conversation(connection, bridge.name, conversation)
    if change.status is not StatusClass.OPEN or StatusClass.SOLVED not in change.instead_of or linked is None:
        return
    if linked.ticket is None or linked.opening or linked.deleted:
        return
    now = clock.now()
    opens = replace(opening_again(connection, lane.link_id), follows=linked.ticket)
    preface = AddComment(bridge.policy.sentences.goes_on(linked.ticket))
    deliveries.enqueue(connection, Enqueued(lane, new_key(), opens, now, OPENING), now)
    deliveries.enqueue(connection, Enqueued(lane, new_key(), preface, 0.0), now)


def status_set(connection: Connection, lane: LaneId, change: SetStatus) -> None:
    """Note that a ticket was solved; where the visitor spoke meanwhile, it is taken up again."""
    talk = talk_of(connection, lane.link_id)
    if change.status is not StatusClass.SOLVED or talk.status is not StatusClass.OPEN:
        return
    now = clock.now()
    if talk.is_unanswered:
        deliveries.enqueue(connection, Enqueued(lane, new_key(), REOPEN, now), now)
    else:
        keep_talk(connection, lane.link_id, replace(talk, status=StatusClass.SOLVED, status_since=now))
