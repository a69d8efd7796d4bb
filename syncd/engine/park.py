"""Putting deliveries aside, and what agents are told of it."""

from __future__ import annotations

from sqlalchemy import Connection

from syncd import clock
from syncd.contract.deliveries import (
    AddNote,
    AttachFile,
    Change,
    EditMessage,
    OpenTicket,
    Saying,
    SetStatus,
    TicketChange,
    UpdateVisitor,
)
from syncd.contract.model import DeliveryKey
from syncd.engine.bridge import Bridge
from syncd.engine.claim import Claim
from syncd.engine.contact import settle_contact
from syncd.engine.enqueue import leave_line, leave_note
from syncd.engine.reopen import unopened
from syncd.store import agents, deliveries, lanes


def park(connection: Connection, bridge: Bridge, claim: Claim, reason: str, batch: DeliveryKey | None) -> None:
    """Put deliveries aside until somebody retries or drops them, and tell the agent by one note on the ticket.

    The lane goes on, unless its ticket could not be opened: then it waits with it. `batch` is the key under which they
    may have happened, None where that is not so.
    """
    now = clock.now()
    deliveries.mark(connection, claim.row_ids, "parked", batch=batch, reason=reason, parked_at=now)
    first = claim.rows[0].delivery
    if isinstance(first, OpenTicket):
        lanes.rest(connection, claim.lane, None, attempts=0)
        return
    sentences, link_id = bridge.policy.sentences, claim.lane.link_id
    if isinstance(first, Saying):
        # It may be he whom the chat does not take: from here on the default agent speaks for him.
        agents.forget(connection, bridge.name, first.reply.author.id)
        # Of words that were taken back, the delivery that removes them tells.
        if not first.withdrawn:
            leave_note(connection, bridge, link_id, sentences.parked_reply(reason, first.reply.text), now)
    elif isinstance(first, Change):
        words = first.text if isinstance(first, EditMessage) else ""
        leave_note(connection, bridge, link_id, sentences.stale(reason, words), now)
    elif isinstance(first, TicketChange):
        # Another ticket may be the conversation's before the note goes.
        place = claim.ticket if isinstance(first, SetStatus) else None
        leave_note(connection, bridge, link_id, sentences.unchanged(first, reason), now, place)
        if isinstance(first, SetStatus):
            unopened(connection, bridge, claim.lane, claim.conversation, first)
    elif isinstance(first, UpdateVisitor):
        settle_contact(connection, claim.lane.link_id, first, taken=False)
        leave_note(connection, bridge, link_id, sentences.uncorrected(first.contact, reason), now)
    elif isinstance(first, AttachFile):
        leave_line(connection, bridge, link_id, sentences.unattached(first.file, reason, first.ticket), now)
    elif not isinstance(first, AddNote):
        leave_note(connection, bridge, link_id, sentences.parked_comment(reason, claim.key), now)
    lanes.go_on(connection, claim.lane, now)
