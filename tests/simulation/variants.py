"""Engines that are broken on purpose, each in one way: the machine must find every one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection, select

from syncd import clock
from syncd.contract.errors import ConnectorError, PayloadError, RetryableError
from syncd.contract.model import BridgeName, CommentAdded, End, Event, EventPage, Receipt, Role
from syncd.core.plan import Plan
from syncd.core.retry import Decision
from syncd.engine import claim, poll, settle
from syncd.engine.bridge import Bridge
from syncd.engine.claim import Claim, Claimed
from syncd.engine.intake import Intake
from syncd.engine.known import Looked
from syncd.engine.plan import Planned, RowPlan
from syncd.engine.planner import Planner
from syncd.store import deliveries, doubt, ends, lanes
from syncd.store.inbox import Received
from syncd.store.links import Linked
from syncd.store.tables import lane, ledger, outbox
from tests.simulation.process import Steps


class Forgetful(RowPlan):
    def _plan_event(self, event: Event, index: int) -> str:
        verdict = super()._plan_event(event, index)
        self._connection.execute(ledger.delete().where(ledger.c.inbox_id == self._row.id))
        return verdict


class ForgetfulPlanner(Planner):
    rows = Forgetful


class Gullible(RowPlan):
    def _plan_event(self, event: Event, index: int) -> str:
        if isinstance(event, CommentAdded):
            event = replace(event, comment=replace(event.comment, public=True))
        return super()._plan_event(event, index)


class GulliblePlanner(Planner):
    rows = Gullible


class Obliging(RowPlan):
    def _plan_event(self, event: Event, index: int) -> str:
        if isinstance(event, CommentAdded):
            comment = replace(event.comment, author=replace(event.comment.author, role=Role.AGENT))
            event = replace(event, comment=comment)
        return super()._plan_event(event, index)


class ObligingPlanner(Planner):
    rows = Obliging


class Hasty(RowPlan):
    def _look_up(self, event: Event, index: int) -> Looked:
        looked = super()._look_up(event, index)
        return looked._replace(known=replace(looked.known, sending=False))


class HastyPlanner(Planner):
    rows = Hasty


class Opening(RowPlan):
    def _look_up(self, event: Event, index: int) -> Looked:
        looked = super()._look_up(event, index)
        return looked._replace(known=replace(looked.known, opening=False))


class OpeningPlanner(Planner):
    rows = Opening


class Unsorted(RowPlan):
    def _enqueue(self, made: Plan, linked: Linked) -> None:
        steps = tuple(replace(step, at=0.0) for step in made.steps)
        super()._enqueue(replace(made, steps=steps), linked)


class UnsortedPlanner(Planner):
    rows = Unsorted


LATER: list[Callable[[Connection], None]] = []
"""What the last commit left to be done."""


class Postponing(RowPlan):
    def _enqueue(self, made: Plan, linked: Linked) -> None:
        self._planned.due |= {(self._bridge.name, step.end) for step in made.steps}
        LATER.append(lambda connection: Postponed(connection, self._bridge, self._row, Planned()).enqueue(made, linked))


class Postponed(RowPlan):
    def enqueue(self, made: Plan, linked: Linked) -> None:
        self._enqueue(made, linked)


class PostponingPlanner(Planner):
    rows = Postponing

    async def _plan(self, before: Planned, limit: int) -> Planned:
        LATER.clear()
        planned = await self._storage.insist(partial(self._plan_rows, before=before, limit=limit))
        if LATER:
            await self._storage.insist(lambda connection: [work(connection) for work in LATER])
        self._tell(planned)
        return planned


class EarlyIntake(Intake):
    async def receive(self, row: Received) -> None:
        asyncio.get_running_loop().create_task(super().receive(row))


def claim_without_a_mark(connection: Connection, bridge: Bridge, end: End, limit: int) -> Claimed:
    claimed = claim.claim(connection, bridge, end, limit)
    for begun in claimed.claims:
        deliveries.mark(connection, begun.row_ids, "waiting", batch=None)
    return claimed


def claim_without_a_look(connection: Connection, bridge: Bridge, end: End, limit: int) -> Claimed:
    claimed = claim.claim(connection, bridge, end, limit)
    return claimed._replace(claims=[begun._replace(doubtful=False) for begun in claimed.claims])


def interrupted_waits_again(connection: Connection, bridge: BridgeName, end: End, due_at: float) -> int:
    here = (outbox.c.end == end) & (outbox.c.state == "sending")
    found = connection.execute(select(outbox.c.link_id).where(here).distinct()).scalars().all()
    connection.execute(outbox.update().where(here).values(state="waiting", batch=None))
    connection.execute(lane.update().where(lane.c.end == end, lane.c.link_id.in_(found)).values(due_at=due_at - 3600.0))
    return len(found) if bridge else 0


def failed_for_certain(
    connection: Connection, bridge: Bridge, claim: Claim, error: ConnectorError, *, was_looking: bool
) -> Decision:
    if isinstance(error, RetryableError | PayloadError):
        error = RetryableError(str(error), certain=True)
    return settle.failed(connection, bridge, claim, error, was_looking=was_looking)


def sent_without_its_id(connection: Connection, bridge: Bridge, claim: Claim, receipt: Receipt) -> bool:
    return settle.sent(connection, bridge, claim, replace(receipt, id=None))


def move_cursor(connection: Connection, bridge: BridgeName, end: End, page: EventPage) -> None:
    ends.move_cursor(connection, bridge, end, page.cursor, clock.now())


def failed_and_stopped(
    connection: Connection, bridge: Bridge, claim: Claim, error: ConnectorError, *, was_looking: bool
) -> Decision:
    decision = settle.failed(connection, bridge, claim, error, was_looking=was_looking)
    if decision.deed == "park":
        lanes.rest(connection, claim.lane, None, attempts=0)
    return decision


def doubt_given_up_and_stopped(connection: Connection, bridge: Bridge, claim: Claim) -> bool:
    is_parked = settle.give_up_doubt(connection, bridge, claim)
    lanes.rest(connection, claim.lane, None, attempts=0)
    return is_parked


VARIANTS: dict[str, Steps] = {
    "ids are not entered into the ledger on plan": Steps(planner=ForgetfulPlanner),
    "a row is finished in one commit and its deliveries enqueued in another": Steps(planner=PostponingPlanner),
    "a claim does not mark what goes out": Steps(instead={claim.claim: (claim_without_a_mark,)}),
    "what was interrupted waits again": Steps(instead={doubt.interrupted: (interrupted_waits_again,)}),
    "an uncertain failure counts as certain": Steps(instead={settle.failed: (failed_for_certain,)}),
    "the receipt's id is not entered on settle": Steps(instead={settle.sent: (sent_without_its_id,)}),
    "a lane goes by id": Steps(planner=UnsortedPlanner),
    "the cursor moves before the events are stored": Steps(instead={poll.store_page: (move_cursor, poll.store_page)}),
    "a private comment counts as public": Steps(planner=GulliblePlanner),
    "whoever writes counts as an agent": Steps(planner=ObligingPlanner),
    "an echo is planned while its call is under way": Steps(planner=HastyPlanner),
    "a second opening while the first is under way": Steps(planner=OpeningPlanner),
    "what is parked stops its lane": Steps(
        instead={settle.failed: (failed_and_stopped,), settle.give_up_doubt: (doubt_given_up_and_stopped,)}
    ),
    "what is in doubt is sent without a look": Steps(instead={claim.claim: (claim_without_a_look,)}),
    "a webhook is answered before it is stored": Steps(intake=EarlyIntake),
}
