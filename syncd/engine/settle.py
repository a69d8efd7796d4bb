"""Transaction four, settle: what an end said of a delivery is written down."""

from __future__ import annotations

import random

from sqlalchemy import Connection

from syncd import clock
from syncd.contract.deliveries import AddNote, OpenTicket, PostMessage
from syncd.contract.errors import ConnectorError, RateLimitedError
from syncd.contract.model import Receipt
from syncd.contract.ports import AddsNotes, FindsDeliveries
from syncd.core import retry, text
from syncd.core.plan import OPENING
from syncd.core.retry import Decision, Failure
from syncd.engine.bridge import Bridge
from syncd.engine.claim import Claim, account_of
from syncd.engine.plan import new_key
from syncd.store import ends, lanes, ledger, links
from syncd.store.ends import Calls
from syncd.store.lanes import Enqueued, LaneId
from syncd.store.ledger import Entry

UNANSWERED = "nobody knows whether the chat took it: the call was cut off and the message was not seen since"


def sent(connection: Connection, bridge: Bridge, claim: Claim, receipt: Receipt) -> None:
    """Write down that the end took the deliveries; the lane goes on."""
    now = clock.now()
    lanes.mark(connection, claim.row_ids, "sent", native=receipt.id or receipt.ticket, done_at=now, reason="")
    if receipt.ticket is not None and claim.ticket is None:
        links.set_ticket(connection, claim.lane.link_id, receipt.ticket)
    if receipt.id is not None and not ledger.is_seen(connection, bridge.name, claim.lane.end, receipt.id):
        entry = Entry(bridge.name, claim.lane.end, receipt.id, ours=True, seen_at=now, outbox_id=claim.rows[0].id)
        ledger.enter(connection, entry)
    lanes.go_on(connection, claim.lane, now)


def failed(connection: Connection, bridge: Bridge, claim: Claim, error: ConnectorError) -> Decision:
    """Write down that the call failed, and what becomes of the deliveries."""
    now = clock.now()
    decision = retry.decide(_failure(connection, bridge, claim, error, now), bridge.doubt_seconds)
    tries = claim.attempts + 1
    match decision.deed:
        case "again":
            lanes.mark(connection, claim.row_ids, "waiting", batch=None, reason=decision.reason)
            lanes.rest(connection, claim.lane, now + decision.wait, attempts=tries)
        case "doubt":
            lanes.mark(connection, claim.row_ids, "in_doubt", reason=decision.reason)
            lanes.rest(connection, claim.lane, now + decision.wait, attempts=tries)
        case "replace":
            _replace(connection, claim, now)
        case "park":
            park(connection, bridge, claim, decision.reason, now)
    if isinstance(error, RateLimitedError):
        _block(connection, bridge, claim, now + error.retry_after)
    return decision


def _failure(connection: Connection, bridge: Bridge, claim: Claim, error: ConnectorError, now: float) -> Failure:
    return Failure(
        error=error,
        end=claim.lane.end,
        attempts=claim.attempts,
        age=now - min(row.created_at for row in claim.rows),
        looks=isinstance(bridge.connector(claim.lane.end), FindsDeliveries),
        replaceable=claim.ticket is not None and len(lanes.openings(connection, claim.lane)) == 1,
        jitter=random.random(),  # noqa: S311  (spreads retries, keeps no secret)
    )


def _block(connection: Connection, bridge: Bridge, claim: Claim, until: float) -> None:
    name = account_of(bridge, claim.lane.end)
    ends.set_calls(connection, name, Calls(ends.calls_of(connection, name).times, until))


def _replace(connection: Connection, claim: Claim, now: float) -> None:
    """Give the conversation a new ticket: what waits goes into it, behind a copy of the first opening."""
    first = lanes.openings(connection, claim.lane)[0]
    links.set_ticket(connection, claim.lane.link_id, None)
    lanes.mark(connection, claim.row_ids, "waiting", batch=None)
    lanes.enqueue(connection, Enqueued(claim.lane, new_key(), first, now, OPENING), now)
    lanes.go_on(connection, claim.lane, now)


def give_up_doubt(connection: Connection, bridge: Bridge, claim: Claim) -> bool:
    """Park deliveries whose time in doubt is over; False where their echo has come after all."""
    if not lanes.in_doubt(connection, claim.lane):
        return False
    park(connection, bridge, claim, UNANSWERED, clock.now())
    return True


def park(connection: Connection, bridge: Bridge, claim: Claim, reason: str, now: float) -> None:
    """Put deliveries aside until somebody retries or drops them, and tell the agent by one note on the ticket.

    The lane goes on, unless its ticket could not be opened: then it waits with it.
    """
    lanes.mark(connection, claim.row_ids, "parked", reason=reason, done_at=now)
    first = claim.rows[0].delivery
    if isinstance(first, OpenTicket):
        lanes.rest(connection, claim.lane, None, attempts=0)
        return
    if isinstance(bridge.helpdesk, AddsNotes) and not isinstance(first, AddNote):
        words = (
            text.parked_reply(reason, first.reply.text)
            if isinstance(first, PostMessage)
            else text.parked_comment(reason, claim.key)
        )
        lane = LaneId(claim.lane.link_id, "helpdesk")
        lanes.enqueue(connection, Enqueued(lane, new_key(), AddNote(words), now), now)
        lanes.wake(connection, lane, now)
    lanes.go_on(connection, claim.lane, now)
