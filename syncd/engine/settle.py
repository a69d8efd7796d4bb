"""Transaction four, settle: what an end said of a delivery is written down."""

from __future__ import annotations

import random
from dataclasses import replace

from sqlalchemy import Connection

from syncd import clock
from syncd.contract.deliveries import AddNote, OpenTicket, PostMessage
from syncd.contract.errors import ConnectorError, RetryableError
from syncd.contract.model import Receipt
from syncd.contract.ports import AddsNotes, FindsDeliveries
from syncd.core import retry, text
from syncd.core.plan import OPENING
from syncd.core.retry import Decision, Failure
from syncd.engine.bridge import Bridge
from syncd.engine.claim import Claim, account_of
from syncd.engine.plan import UNANSWERED, new_key
from syncd.store import doubt, ends, lanes, ledger, links
from syncd.store.ends import Calls
from syncd.store.lanes import Enqueued, LaneId
from syncd.store.ledger import Entry


def sent(connection: Connection, bridge: Bridge, claim: Claim, receipt: Receipt) -> None:
    """Write down that the end took the deliveries; the lane goes on."""
    now = clock.now()
    lanes.mark(connection, claim.row_ids, "sent", native=receipt.id or receipt.ticket, done_at=now, reason="")
    if receipt.ticket is not None and isinstance(claim.rows[0].delivery, OpenTicket):
        links.set_ticket(connection, bridge.name, claim.lane.link_id, receipt.ticket)
    if receipt.id is not None and not ledger.is_seen(connection, bridge.name, claim.lane.end, receipt.id):
        where = {"link_id": claim.lane.link_id, "outbox_id": claim.rows[0].id}
        entry = Entry(bridge.name, claim.lane.end, receipt.id, ours=True, seen_at=now, **where)
        ledger.enter(connection, entry)
    lanes.go_on(connection, claim.lane, now)


def failed(
    connection: Connection, bridge: Bridge, claim: Claim, error: ConnectorError, *, was_looking: bool
) -> Decision:
    """Write down that the call failed, and what becomes of the deliveries; `was_looking`: the end was only asked."""
    now = clock.now()
    failure = replace(_failure(connection, bridge, claim, error, now), unknown=was_looking)
    decision = retry.decide(failure, bridge.doubt_seconds)
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
    if isinstance(error, RetryableError) and error.retry_after:
        block(connection, account_of(bridge, claim.lane.end), now + error.retry_after)
    return decision


def age_of(claim: Claim, now: float) -> float:
    """Give for how many seconds the oldest delivery of a claim could have gone."""
    return now - min(row.created_at for row in claim.rows)


def _failure(connection: Connection, bridge: Bridge, claim: Claim, error: ConnectorError, now: float) -> Failure:
    opens = isinstance(claim.rows[0].delivery, OpenTicket)
    return Failure(
        error=error,
        end=claim.lane.end,
        attempts=claim.attempts,
        age=age_of(claim, now),
        jitter=random.random(),  # noqa: S311  (spreads retries, keeps no secret)
        looks=isinstance(bridge.connector(claim.lane.end), FindsDeliveries),
        opens=opens,
        replaceable=claim.ticket is not None and not opens and len(lanes.openings(connection, claim.lane)) == 1,
    )


def block(connection: Connection, name: str, until: float) -> None:
    """Let an account make no call before `until`, or before what was said earlier if that is later."""
    calls = ends.calls_of(connection, name)
    ends.set_calls(connection, name, Calls(calls.times, max(calls.blocked_until, until)))


def _replace(connection: Connection, claim: Claim, now: float) -> None:
    """Give the conversation a new ticket: what waits goes into it, behind a copy of the first opening.

    Until it is there the old one stays the conversation's: the answer may have been wrong.
    """
    first = lanes.openings(connection, claim.lane)[0]
    lanes.mark(connection, claim.row_ids, "waiting", batch=None)
    lanes.enqueue(connection, Enqueued(claim.lane, new_key(), first, now, OPENING), now)
    lanes.go_on(connection, claim.lane, now)


def give_up_doubt(connection: Connection, bridge: Bridge, claim: Claim) -> bool:
    """Park deliveries whose time in doubt is over; False where their echo has come after all."""
    if not doubt.in_doubt(connection, claim.lane):
        return False
    park(connection, bridge, claim, UNANSWERED, clock.now())
    return True


def give_up(connection: Connection, bridge: Bridge, claim: Claim, reason: str) -> None:
    """Park deliveries that did not arrive and are too old to be sent again."""
    park(connection, bridge, claim, reason, clock.now())


def put_in_doubt(connection: Connection, bridge: Bridge, claim: Claim, reason: str) -> None:
    """Put deliveries in doubt after a fault of ours, to be looked at when the chat's echo is due or soon."""
    wait = bridge.doubt_seconds if claim.lane.end == "chat" else retry.LOOK_AGAIN_SECONDS
    lanes.mark(connection, claim.row_ids, "in_doubt", reason=reason)
    lanes.rest(connection, claim.lane, clock.now() + wait, attempts=claim.attempts + 1)


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
