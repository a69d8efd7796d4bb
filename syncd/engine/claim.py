"""Transaction three, claim: the heads of the lanes that are due become `sending`."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from sqlalchemy import Connection

from syncd import clock
from syncd.contract.deliveries import (
    AddNote,
    AttachFile,
    Change,
    Delivery,
    LaneName,
    OpenTicket,
    TicketChange,
    UpdateVisitor,
)
from syncd.contract.model import ConversationId, DeliveryKey, TicketId
from syncd.contract.ports import FindsDeliveries
from syncd.core import retry
from syncd.core.batch import MOST_LINES, together
from syncd.core.text import because
from syncd.engine import change
from syncd.engine.account import take_call
from syncd.engine.bridge import Bridge
from syncd.engine.contact import still_meant
from syncd.engine.enqueue import leave_note
from syncd.engine.moot import is_dropped
from syncd.store import deliveries, lanes, operations, unreadable
from syncd.store.deliveries import LaneHead, Row
from syncd.store.lanes import LaneId, end_of
from syncd.store.unreadable import Unreadable

MOST_GIVEN_UP = 50
"""So many lanes at a time."""


class Claim(NamedTuple):
    """Deliveries of one lane that go out in one call under one key; `doubtful` ones may have happened already.

    Those are looked for first, where the end can be asked. `changes` is the message that it is about.
    """

    lane: LaneId
    conversation: ConversationId
    ticket: TicketId | None
    key: DeliveryKey
    attempts: int
    doubtful: bool
    rows: tuple[Row, ...]
    changes: change.Place | None = None

    @property
    def row_ids(self) -> list[int]:
        """The rows in the outbox that this call carries."""
        return [row.id for row in self.rows]

    @property
    def place(self) -> TicketId | None:
        """The ticket that the call is for: the conversation's, unless it is for a former one."""
        first = self.rows[0].delivery
        return (first.ticket if isinstance(first, AddNote | AttachFile) else None) or self.ticket

    @property
    def is_looked_for(self) -> bool:
        """Whether it must be known if it happened before it is made again."""
        return self.doubtful and not isinstance(self.rows[0].delivery, TicketChange | UpdateVisitor)

    @property
    def deliveries(self) -> list[Delivery]:
        """What the call carries, in order."""
        return [row.delivery for row in self.rows]


class Claimed(NamedTuple):
    """The claims of one transaction, those in doubt that must not go out again, and the wait for more.

    `wait` is in seconds until a lane becomes due (with a limit of 0, one that is given up then) or a call is allowed;
    infinite where only an event can bring work. `unreadable` rows were parked on the way.
    """

    claims: list[Claim]
    hopeless: list[Claim]
    wait: float
    unreadable: Sequence[Unreadable] = ()


def claim(connection: Connection, bridge: Bridge, lane_name: LaneName, limit: int) -> Claimed:
    """Claim up to `limit` lanes, as many as the account's quota allows; what is given up needs no call, so no limit."""
    end = end_of(lane_name)
    if bridge.name in operations.paused(connection):
        return Claimed([], [], inf)
    now = clock.now()
    claims: list[Claim] = []
    damaged: list[Unreadable] = []
    hopeless = _hopeless(connection, bridge, lane_name, now, damaged)
    for lane in lanes.due(connection, bridge.name, lane_name, now, limit):
        head = still_meant(connection, _readable_head(connection, bridge, lane, now, damaged), now)
        if head is None or _is_at_rest(connection, head, now):
            continue
        if (head.is_open and _is_hopeless(bridge, lane_name)) or is_dropped(connection, head, now):
            continue
        if (wait := take_call(connection, bridge, end, now, is_poll=False, spares=lane_name == "contact")) > 0:
            return Claimed(claims, hopeless, min(wait, _until_hopeless(connection, bridge, lane_name, now)), damaged)
        claims.append(_begin(connection, bridge, _aimed(connection, _claim_of(head))))
    if limit == 0:
        return Claimed([], hopeless, _until_hopeless(connection, bridge, lane_name, now), damaged)
    return Claimed(claims, hopeless, _until(lanes.next_due(connection, bridge.name, lane_name), now), damaged)


def _hopeless(
    connection: Connection, bridge: Bridge, name: LaneName, now: float, damaged: list[Unreadable]
) -> list[Claim]:
    if not _is_hopeless(bridge, name):
        return []
    due = lanes.due_in_doubt(connection, bridge.name, name, now, MOST_GIVEN_UP)
    heads = [_readable_head(connection, bridge, lane, now, damaged) for lane in due]
    return [_claim_of(head) for head in heads if head.rows]


def _until_hopeless(connection: Connection, bridge: Bridge, name: LaneName, now: float) -> float:
    return _until(lanes.next_in_doubt(connection, bridge.name, name) if _is_hopeless(bridge, name) else None, now)


def _until(due_at: float | None, now: float) -> float:
    return inf if due_at is None else max(0.0, due_at - now)


def _readable_head(
    connection: Connection, bridge: Bridge, lane: LaneId, now: float, damaged: list[Unreadable]
) -> LaneHead:
    """Give the head of a lane. Rows that had to be parked before it are `damaged`, each with its note on the ticket."""
    try:
        return deliveries.head(connection, lane, MOST_LINES + 1)
    except ValueError:
        found = unreadable.park(connection, lane, now)
    sentences, reason = bridge.policy.sentences, because("unreadable")
    for row in found:
        if row.kind in {"post_message", "push_notice"}:
            leave_note(connection, bridge, lane.link_id, sentences.parked_reply(reason, None), now)
        elif row.kind in {"edit_message", "delete_message"}:
            leave_note(connection, bridge, lane.link_id, sentences.stale(reason, None), now)
        elif row.kind in {"add_comment", "attach_file"}:
            leave_note(connection, bridge, lane.link_id, sentences.parked_comment(reason, row.key), now)
    damaged += found
    return deliveries.head(connection, lane, MOST_LINES + 1)


def _is_at_rest(connection: Connection, head: LaneHead, now: float) -> bool:
    """Let a lane rest whose head cannot go yet; True where that is so."""
    if head.lane.name == "files" and lanes.is_busy(connection, LaneId(head.lane.link_id, "helpdesk")):
        # Its line first, and the ticket that this may open; what is here so is behind every text.
        lanes.rest(connection, head.lane, now + retry.backoff(head.attempts, 1.0), attempts=head.attempts + 1)
        return True
    if not _can_go(head):
        lanes.rest(connection, head.lane, None, attempts=head.attempts)
        return True
    return False


def _can_go(head: LaneHead) -> bool:
    if not head.rows:
        return False
    return head.lane.end == "chat" or head.ticket is not None or isinstance(head.rows[0].delivery, OpenTicket)


def _aimed(connection: Connection, made: Claim) -> Claim:
    first = made.rows[0].delivery
    if not isinstance(first, Change):
        return made
    return made._replace(changes=change.place_of(connection, made.lane.link_id, first))


def _is_hopeless(bridge: Bridge, name: LaneName) -> bool:
    """Say whether a delivery in doubt, whose time is over, must not be sent again: a visitor would read it twice."""
    return name == "chat" and not isinstance(bridge.chat, FindsDeliveries) and bridge.on_doubt == "park"


def _claim_of(head: LaneHead) -> Claim:
    rows = head.rows if head.batch else head.rows[: together([row.delivery for row in head.rows])]
    key = head.batch or rows[0].key
    return Claim(head.lane, head.conversation, head.ticket, key, head.attempts, head.batch is not None, rows)


def _begin(connection: Connection, bridge: Bridge, begun: Claim) -> Claim:
    if begun.is_looked_for and isinstance(bridge.connector(begun.lane.end), FindsDeliveries):
        # It is asked for: when its call left is still of interest.
        deliveries.mark(connection, begun.row_ids, "sending")
    else:
        deliveries.begin(connection, begun.row_ids, begun.key, clock.now())
    lanes.rest(connection, begun.lane, None, attempts=begun.attempts)
    return begun
