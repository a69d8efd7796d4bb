"""Transaction four, settle: what an end said of a delivery is written down."""

from __future__ import annotations

import random
from dataclasses import replace

from sqlalchemy import Connection

from syncd import clock
from syncd.contract.deliveries import (
    AddComment,
    AddNote,
    AttachFile,
    Change,
    DeleteMessage,
    OpenTicket,
    PushNotice,
    Saying,
    SetStatus,
    TicketChange,
    UpdateRequester,
    UpdateVisitor,
)
from syncd.contract.errors import ConnectorError, RetryableError
from syncd.contract.model import Receipt
from syncd.contract.ports import FindsDeliveries
from syncd.core import retry
from syncd.core.plan import OPENING
from syncd.core.retry import Decision, Failure
from syncd.core.spelling import spelled
from syncd.core.text import Sentences, because
from syncd.engine.account import account_of, take_call
from syncd.engine.bridge import Bridge
from syncd.engine.claim import Claim
from syncd.engine.contact import settle_contact
from syncd.engine.enqueue import leave_note, new_key
from syncd.engine.fetch import UnfetchedError
from syncd.engine.park import park
from syncd.engine.reopen import opened, placed, status_set
from syncd.engine.requester import opening_again, was_given
from syncd.store import deliveries, doubt, ends, inbox, lanes, ledger, links, said
from syncd.store.deliveries import Enqueued
from syncd.store.ends import Calls
from syncd.store.ledger import Entry

UNANSWERED = because("unanswered")


def sent(connection: Connection, bridge: Bridge, claim: Claim, receipt: Receipt) -> bool:
    """Write down that the end took the deliveries; the lane goes on.

    A reply that was put aside before, and a file for a former ticket, are told of by a note: True where there is one.
    """
    now = clock.now()
    first = claim.rows[0].delivery
    deliveries.mark(connection, claim.row_ids, "sent", native=receipt.id or receipt.ticket, done_at=now, reason="")
    if receipt.ticket is not None and isinstance(first, OpenTicket):
        links.set_ticket(connection, bridge.name, claim.lane.link_id, receipt.ticket)
        opened(connection, bridge, claim.lane.link_id, first, receipt.ticket, claim.key)
        if receipt.refused:
            words = bridge.policy.sentences.refused_fields(receipt.refused)
            leave_note(connection, bridge, claim.lane.link_id, words, now)
    if claim.doubtful:
        inbox.judge_again(connection, bridge.name)
    _learn(connection, claim)
    if receipt.id is not None:
        where = {"link_id": claim.lane.link_id, "outbox_id": claim.rows[0].id}
        entry = Entry(bridge.name, claim.lane.end, receipt.id, ours=True, seen_at=now, **where)
        ledger.enter_new(connection, entry)
    if _is_late(claim):
        said.free_changes(connection, claim.lane.link_id, claim.row_ids, now)
    # A burst that began during the call is given its time to end as well.
    pause = bridge.policy.debounce_seconds if claim.lane.name == "helpdesk" else 0.0
    lanes.go_on(connection, claim.lane, now, pause)
    if told := _told_of(claim, bridge.policy.sentences):
        leave_note(connection, bridge, claim.lane.link_id, told, now)
    return bool(told)


def _learn(connection: Connection, claim: Claim) -> None:
    """Note what is so at the end from here on."""
    first = claim.rows[0].delivery
    if isinstance(first, AddComment | OpenTicket):
        placed(connection, claim.lane.link_id, claim.row_ids, is_new=isinstance(first, OpenTicket))
    if isinstance(first, OpenTicket | UpdateRequester):
        was_given(connection, claim.lane.link_id, first.requester)
    if isinstance(first, UpdateVisitor):
        settle_contact(connection, claim.lane.link_id, first, taken=True)
    if isinstance(first, SetStatus):
        status_set(connection, claim.lane, first)


def _is_late(claim: Claim) -> bool:
    return isinstance(claim.rows[0].delivery, Saying) and claim.rows[0].parked_at is not None


def _told_of(claim: Claim, sentences: Sentences) -> str:
    """Say what agents must hear of a delivery that was taken; mostly nothing."""
    first = claim.rows[0].delivery
    if _is_late(claim):
        return sentences.arrived(clock.now_utc())
    if isinstance(first, AttachFile) and first.ticket is not None:
        return sentences.attached_there(first.file, first.ticket)
    return ""


def failed(
    connection: Connection, bridge: Bridge, claim: Claim, error: ConnectorError, *, was_looking: bool
) -> Decision:
    """Write down that the call failed, and what becomes of the deliveries; `was_looking`: the end was only asked."""
    now = clock.now()
    failure = replace(_failure(connection, bridge, claim, error, now), unknown=was_looking)
    decision = retry.decide(failure, bridge.doubt_seconds)
    tries = claim.attempts + 1
    # Only a call that failed for certain, and the only one, leaves nothing that may have happened.
    may_have_happened = not failure.repeatable and (claim.doubtful or not retry.is_certain(error))
    batch = claim.key if may_have_happened else None
    match decision.deed:
        case "again" | "spell":
            if decision.deed == "spell":
                # In this commit: a kill before the next try must not bring back what the end does not take. And as the
                # row is by now: what was changed or withdrawn during the call stays so.
                for row in claim.rows:
                    deliveries.rewrite(connection, row.id, spelled)
            # What fails there goes behind the other deliveries of its conversation.
            behind = {"at": now} if claim.lane.name == "files" else {}
            deliveries.mark(connection, claim.row_ids, "waiting", batch=batch, reason=decision.reason, **behind)
            lanes.rest(connection, claim.lane, now + decision.wait, attempts=tries)
        case "doubt":
            deliveries.mark(connection, claim.row_ids, "in_doubt", reason=decision.reason)
            lanes.rest(connection, claim.lane, now + decision.wait, attempts=tries)
        case "drop":
            deliveries.mark(connection, claim.row_ids, "dropped", reason=decision.reason, done_at=now)
            lanes.go_on(connection, claim.lane, now)
        case "replace":
            _replace(connection, claim, now)
        case "park":
            park(connection, bridge, claim, decision.reason, batch)
    if isinstance(error, RetryableError) and error.retry_after:
        block(connection, account_of(bridge, claim.lane.end), error.retry_after)
    return decision


def unfound(connection: Connection, bridge: Bridge, claim: Claim) -> Decision:
    """Write down that the end was asked for the deliveries in vain; where they go now (`again`), that they do."""
    now = clock.now()
    end = claim.lane.end
    created_at, called_at = deliveries.times(connection, claim.row_ids)
    decision = retry.decide_unfound(end, claim.attempts, now - created_at, now - called_at, bridge.doubt_seconds)
    if decision.deed == "again" and (wait := take_call(connection, bridge, end, now, is_poll=False)) > 0:
        decision = Decision("doubt", wait, "no call is allowed now")
    match decision.deed:
        case "again":
            deliveries.begin(connection, claim.row_ids, claim.key, now)
        case "park":
            park(connection, bridge, claim, decision.reason, claim.key)
        case _:
            deliveries.mark(connection, claim.row_ids, "in_doubt", reason=decision.reason)
            lanes.rest(connection, claim.lane, now + decision.wait, attempts=claim.attempts + 1)
    return decision


def _failure(connection: Connection, bridge: Bridge, claim: Claim, error: ConnectorError, now: float) -> Failure:
    first = claim.rows[0].delivery
    opens = isinstance(first, OpenTicket)
    is_for_former = isinstance(first, AddNote) and first.ticket is not None
    created_at, _ = deliveries.times(connection, claim.row_ids)
    return Failure(
        error=error,
        end=claim.lane.end,
        attempts=claim.attempts,
        age=now - created_at,
        jitter=random.random(),  # noqa: S311  (spreads retries, keeps no secret)
        looks=isinstance(bridge.connector(claim.lane.end), FindsDeliveries) and not isinstance(first, UpdateRequester),
        opens=opens,
        attaches=isinstance(first, AttachFile) and first.ticket is None,
        fetching=isinstance(error, UnfetchedError),
        spellable=any(spelled(delivery) != delivery for delivery in claim.deliveries),
        replaceable=claim.ticket is not None and not opens and deliveries.is_replaceable(connection, claim.lane),
        idle=is_for_former or isinstance(first, TicketChange | DeleteMessage),
        repeatable=isinstance(first, Change | UpdateVisitor),
        unmarked=isinstance(first, PushNotice),
    )


def block(connection: Connection, name: str, seconds: float) -> None:
    """Let an account make no call for so long, or for what was said earlier if that is longer."""
    calls = ends.calls_of(connection, name)
    ends.set_calls(connection, name, Calls(calls.times, max(calls.blocked_until, clock.now() + seconds)))


def _replace(connection: Connection, claim: Claim, now: float) -> None:
    """Give the conversation a new ticket: what waits goes into it, behind a copy of the first opening.

    Until it is there the old one stays the conversation's: the answer may have been wrong.
    """
    first = opening_again(connection, claim.lane.link_id)
    deliveries.mark(connection, claim.row_ids, "waiting", batch=None)
    deliveries.enqueue(connection, Enqueued(claim.lane, new_key(), first, now, OPENING), now)
    lanes.go_on(connection, claim.lane, now)


def give_up_doubt(connection: Connection, bridge: Bridge, claim: Claim) -> bool:
    """Park deliveries whose time in doubt is over; False where their echo has come after all."""
    if not doubt.in_doubt(connection, claim.lane):
        return False
    park(connection, bridge, claim, UNANSWERED, claim.key)
    return True


def put_in_doubt(connection: Connection, bridge: Bridge, claim: Claim, reason: str) -> None:
    """Put deliveries in doubt after a fault of ours, to be looked at when the chat's echo is due or soon."""
    wait = bridge.doubt_seconds if claim.lane.name == "chat" else retry.LOOK_AGAIN_SECONDS
    if isinstance(claim.rows[0].delivery, Change):
        wait = retry.backoff(claim.attempts, 1.0)
        deliveries.mark(connection, claim.row_ids, "waiting", batch=None, reason=reason)
    else:
        deliveries.mark(connection, claim.row_ids, "in_doubt", reason=reason)
    lanes.rest(connection, claim.lane, clock.now() + wait, attempts=claim.attempts + 1)
