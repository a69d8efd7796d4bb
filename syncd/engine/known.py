"""What the store knows about an event, and what the event is about."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from syncd.contract.model import (
    BridgeName,
    ChatEnded,
    ChatMessageAdded,
    CommentAdded,
    CommentDeleted,
    CommentEdited,
    CommentId,
    ContactChanged,
    Event,
    TicketDeleted,
    TicketId,
    TicketMerged,
    TicketStatusChanged,
    UnknownSeen,
)
from syncd.core.verdict import Known, Said
from syncd.engine.contact import contact_of
from syncd.engine.requester import opening_again, requester_of
from syncd.engine.talk import talk_of
from syncd.store import agents, deliveries, doubt, ledger, links, said
from syncd.store.inbox import Arrived
from syncd.store.lanes import LaneId
from syncd.store.links import Linked


class Looked(NamedTuple):
    """The conversation of an event, if there is one, what is known of it, and the event's names in the ledger."""

    linked: Linked | None
    known: Known
    natives: tuple[str, ...]


def unseen_id(native: str) -> str:
    """Give the ledger's name for that agents were told that the visitor did not see an answer."""
    return f"unseen:{native}"


def outsider_id(ticket: TicketId) -> str:
    """Give the ledger's name for that agents were told of somebody on a ticket who is no agent."""
    return f"outsider:{ticket}"


def look_up(connection: Connection, row: Arrived, event: Event, index: int, now: float) -> Looked:
    """Ask the store about one of the events of a row."""
    linked = _linked(connection, row.bridge, event)
    natives: tuple[str, ...] = (native_id(event, row, index),)
    if isinstance(event, ChatEnded) and linked is not None:
        # Several bodies may tell of the same end: it is another one when something was said since.
        natives += (f"ended:{event.conversation}:{talk_of(connection, linked.id).spoken_at}",)
    seen = any(ledger.is_seen(connection, row.bridge, row.end, native) for native in natives)
    if isinstance(event, ChatMessageAdded | ChatEnded):
        known = _known_of_chat(connection, linked, seen=seen, now=now)
        if isinstance(event, ChatMessageAdded) and event.message.missed:
            told = ledger.is_seen(connection, row.bridge, row.end, unseen_id(natives[0]))
            known = replace(known, unseen_told=told)
        return Looked(linked, known, natives)
    if seen:
        return Looked(None, Known(seen=True), natives)
    if isinstance(event, CommentEdited | CommentDeleted):
        return _look_up_change(connection, row.bridge, event, linked, natives)
    if linked is None:
        maybe_ours, unclear = links.openings(connection, row.bridge)
        return Looked(None, Known(maybe_ours=maybe_ours, unclear=unclear), natives)
    return Looked(linked, _known_of_ticket(connection, row.bridge, event, linked, now), natives)


def _linked(connection: Connection, bridge: BridgeName, event: Event) -> Linked | None:
    match event:
        case ChatMessageAdded() | ChatEnded():
            return links.by_conversation(connection, bridge, event.conversation)
        case UnknownSeen():
            return None
        case _:
            return links.by_ticket(connection, bridge, event.ticket)


def _look_up_change(
    connection: Connection,
    bridge: BridgeName,
    event: CommentEdited | CommentDeleted,
    linked: Linked | None,
    natives: tuple[str, ...],
) -> Looked:
    """Ask about a comment that was told before: it is its conversation's, on whichever ticket it is by now."""
    comment = comment_of(event)
    whose = ledger.whose(connection, bridge, "helpdesk", comment)
    is_ours, link_id = whose or (False, None)
    if link_id is not None:
        linked = links.by_id(connection, bridge, link_id)
    if linked is None:
        maybe_ours, unclear = links.openings(connection, bridge)
        return Looked(None, Known(maybe_ours=maybe_ours, unclear=unclear), natives)
    if whose is None and isinstance(event, CommentDeleted):
        # Told before it itself is: then it is known, and never said.
        natives += (comment,)
    of_it = tuple(Said(*part) for part in said.of_comment(connection, linked.id, comment))
    told = ledger.is_seen(connection, bridge, "helpdesk", outsider_id(event.ticket))
    known = Known(linked=True, heard=whose is not None, ours=is_ours, said=of_it, outsider_told=told)
    if isinstance(event, CommentEdited):
        chat_agent = agents.native_of(connection, bridge, event.comment.author.email)
        known = replace(_with_talk(connection, LaneId(linked.id, "helpdesk"), known), chat_agent=chat_agent)
    return Looked(linked, known, natives)


def comment_of(event: CommentEdited | CommentDeleted) -> CommentId:
    """Give the comment that a change is about."""
    return event.comment.id if isinstance(event, CommentEdited) else event.comment


def _known_of_ticket(connection: Connection, bridge: BridgeName, event: Event, linked: Linked, now: float) -> Known:
    sending, aside = linked.sending_to_helpdesk, linked.aside_of_helpdesk
    known = Known(linked=True, sending=sending, unsettled=aside, now=now)
    match event:
        case TicketMerged():
            other = links.by_ticket(connection, bridge, event.into)
            is_shared = other is not None and other.id != linked.id
            is_current = linked.ticket == event.ticket
            return replace(known, ticket=is_current, shared=is_shared, talk=talk_of(connection, linked.id))
        case TicketDeleted() | TicketStatusChanged():
            is_current = linked.ticket == event.ticket and not linked.opening and not linked.deleted
            lane = LaneId(linked.id, "helpdesk")
            known = replace(_with_talk(connection, lane, known), ticket=is_current)
            if not is_current:
                return known
            asked = requester_of(connection, linked.id, has_ticket=True)
            return replace(known, opened=opening_again(connection, linked.id), requester=asked)
        case CommentAdded(comment=comment):
            told = ledger.is_seen(connection, bridge, "helpdesk", outsider_id(event.ticket))
            chat_agent = agents.native_of(connection, bridge, comment.author.email)
            known = _with_talk(connection, LaneId(linked.id, "helpdesk"), known)
            return replace(known, chat_agent=chat_agent, outsider_told=told)
        case ContactChanged():
            return replace(known, ticket=linked.ticket == event.ticket, contact=contact_of(connection, linked.id))
        case _:
            return known


def _with_talk(connection: Connection, lane: LaneId, known: Known) -> Known:
    wait, go = deliveries.is_any_line_waiting(connection, lane), deliveries.is_any_line_under_way(connection, lane)
    return replace(known, lines_wait=wait, lines_go=go, talk=talk_of(connection, lane.link_id))


def _known_of_chat(connection: Connection, linked: Linked | None, *, seen: bool, now: float) -> Known:
    if linked is None:
        return Known(seen=seen, now=now)
    return Known(
        seen=seen,
        ticket=linked.ticket is not None,
        opening=linked.opening,
        deleted=linked.deleted,
        sending=linked.sending_to_chat,
        unsettled=bool(doubt.unsettled(connection, LaneId(linked.id, "chat"))),
        home=linked.ticket,
        requester=requester_of(connection, linked.id, has_ticket=linked.ticket is not None),
        talk=talk_of(connection, linked.id),
        now=now,
    )


def subjects(event: Event) -> tuple[str, ...]:
    """Name what an event is about, so that events about the same thing keep their order."""
    match event:
        case (
            CommentAdded()
            | CommentEdited()
            | CommentDeleted()
            | TicketDeleted()
            | TicketStatusChanged()
            | ContactChanged()
        ):
            return (f"ticket {event.ticket}",)
        case TicketMerged():
            return (f"ticket {event.ticket}", f"ticket {event.into}")
        case UnknownSeen():
            return ()
        case _:
            return (f"conversation {event.conversation}",)


def native_id(event: Event, row: Arrived, index: int) -> str:
    """Give the id under which the ledger knows an event.

    A message without an id is known by the body that brought it and its place there, or by the row of its poll: two
    such messages are never taken for each other, and the same webhook twice still counts once.
    """
    match event:
        case CommentAdded():
            return event.comment.id
        case CommentEdited():
            return f"edited:{event.comment.id}:{event.version}"
        case CommentDeleted():
            return f"deleted:{event.comment}"
        case TicketStatusChanged():
            return f"status:{event.id}"
        case ContactChanged():
            return f"contact:{event.ticket}:{event.id}"
        case ChatMessageAdded() if event.message.id is not None:
            return event.message.id
        case _ if row.form == "event":
            return f"row:{row.id}"
        case _:
            return f"body:{hashlib.sha256(row.body).hexdigest()}:{index}"
