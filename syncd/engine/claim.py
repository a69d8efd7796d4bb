"""Transaction three, claim: the heads of the lanes that are due become `sending`."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from syncd import clock
from syncd.contract.deliveries import Delivery, OpenTicket
from syncd.contract.model import ConversationId, DeliveryKey, End, TicketId
from syncd.contract.ports import FindsDeliveries
from syncd.core import quota
from syncd.core.batch import MOST_LINES, together
from syncd.engine.bridge import Bridge
from syncd.store import ends, lanes, operations
from syncd.store.ends import Calls
from syncd.store.lanes import LaneHead, LaneId, Row


class Claim(NamedTuple):
    """Deliveries of one lane that go out in one call under one key; `doubtful` ones may have happened already."""

    lane: LaneId
    conversation: ConversationId
    ticket: TicketId | None
    key: DeliveryKey
    attempts: int
    doubtful: bool
    rows: tuple[Row, ...]

    @property
    def row_ids(self) -> list[int]:
        """The rows in the outbox that this call carries."""
        return [row.id for row in self.rows]

    @property
    def deliveries(self) -> list[Delivery]:
        """What the call carries, in order."""
        return [row.delivery for row in self.rows]


class Claimed(NamedTuple):
    """The claims of one transaction, those in doubt that must not go out again, and the wait for more.

    `wait` is in seconds until a lane becomes due or a call is allowed; None where only an event can bring work.
    """

    claims: list[Claim]
    hopeless: list[Claim]
    wait: float | None


def claim(connection: Connection, bridge: Bridge, end: End, limit: int) -> Claimed:
    """Claim up to `limit` lanes, as many as the account's quota allows."""
    if bridge.name in operations.paused(connection):
        return Claimed([], [], None)
    now = clock.now()
    claims: list[Claim] = []
    hopeless: list[Claim] = []
    for lane in lanes.due(connection, bridge.name, end, now, limit):
        head = _readable_head(connection, lane, now)
        if not _can_go(head):
            lanes.rest(connection, lane, None, attempts=head.attempts)
        elif head.doubtful and _is_hopeless(bridge, end):
            hopeless.append(_claim_of(head))
        elif (wait := take_call(connection, bridge, end, now)) > 0:
            return Claimed(claims, hopeless, wait)
        else:
            claims.append(_begin(connection, _claim_of(head)))
    due_at = lanes.next_due(connection, bridge.name, end)
    return Claimed(claims, hopeless, None if due_at is None else max(0.0, due_at - now))


def _readable_head(connection: Connection, lane: LaneId, now: float) -> LaneHead:
    try:
        return lanes.head(connection, lane, MOST_LINES + 1)
    except ValueError:
        lanes.park_unreadable(connection, lane, now)
        return lanes.head(connection, lane, MOST_LINES + 1)


def take_call(connection: Connection, bridge: Bridge, end: End, now: float) -> float:
    """Take one call from the account's quota; give the seconds to wait where there is none."""
    connector = bridge.connector(end)
    calls = ends.calls_of(connection, account_of(bridge, end))
    if calls.blocked_until > now:
        return calls.blocked_until - now
    if connector.quota is None:
        return 0.0
    times = quota.recent(calls.times, connector.quota, now)
    wait = quota.wait(times, connector.quota, now)
    if wait <= 0:
        ends.set_calls(connection, account_of(bridge, end), Calls((*times, now), calls.blocked_until))
    return wait


def account_of(bridge: Bridge, end: End) -> str:
    """Name the account that an end's calls are counted on; bridges may share it."""
    connector = bridge.connector(end)
    return f"{type(connector).__name__} {connector.account}"


def _can_go(head: LaneHead) -> bool:
    if not head.rows:
        return False
    return head.lane.end == "chat" or head.ticket is not None or isinstance(head.rows[0].delivery, OpenTicket)


def _is_hopeless(bridge: Bridge, end: End) -> bool:
    """Say whether a delivery in doubt, whose time is over, must not be sent again: a visitor would read it twice."""
    return end == "chat" and not isinstance(bridge.chat, FindsDeliveries) and bridge.on_doubt == "park"


def _claim_of(head: LaneHead) -> Claim:
    rows = head.rows if head.doubtful else head.rows[: together([row.delivery for row in head.rows])]
    key = head.batch or rows[0].key
    return Claim(head.lane, head.conversation, head.ticket, key, head.attempts, head.doubtful, rows)


def _begin(connection: Connection, begun: Claim) -> Claim:
    lanes.mark(connection, begun.row_ids, "sending", batch=begun.key, called_at=clock.now())
    lanes.rest(connection, begun.lane, None, attempts=begun.attempts)
    return begun
