"""Looks about what is wrong, remembers it, and tells it: once when it begins and once when it is over."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from loguru import logger
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from syncd import clock
from syncd.contract.model import BridgeName
from syncd.contract.ports import ReceivesWebhooks
from syncd.core import alarm, retry, silence
from syncd.core.alarm import SHOWN_BY_FIGURES, Alarm, Key, Message, Seen, Standing
from syncd.engine.alert_ways import UntoldError, Way
from syncd.engine.bridge import ENDS, Bridge
from syncd.engine.faults import frames
from syncd.engine.storage import Storage
from syncd.store import alerts, hearing, operations, reports
from syncd.store.alerts import AlertRow
from syncd.store.database import Database
from syncd.store.failures import DamagedError, is_passing
from syncd.store.reports import EndReport

LOOK_SECONDS = 10.0
REST = 20.0
"""After a look so many times as long as it took: it is never a load, however large the database."""


class _Found(NamedTuple):
    """What the database says at one moment."""

    seen: list[Seen]
    standing: list[Standing]
    is_behind: bool


class _Untold(NamedTuple):
    """A message that could not be told: so often, and not again before `next_at`, on the monotonic clock."""

    times: int
    next_at: float


class Alerts:
    """Looks every ten seconds, by a connection that only reads. Without a `way` all is done but the telling."""

    def __init__(
        self,
        bridges: Mapping[BridgeName, Bridge],
        storage: Storage,
        readers: Database,
        way: Way | None,
        lag_seconds: float,
    ) -> None:
        self._bridges = bridges
        self._storage = storage
        self._readers = readers
        self._way = way
        self._lag_seconds = lag_seconds
        self._untold: dict[Key, _Untold] = {}
        self._fault = ""

    async def run(self) -> None:
        """Look for ever, not at once: a start has better things to do."""
        took = 0.0
        while True:
            await asyncio.sleep(max(LOOK_SECONDS, REST * took))
            took = await self._try()

    async def _try(self) -> float:
        """Look and tell; give how many seconds the look took."""
        try:
            found, took = await self._found()
            if found.is_behind:
                await self._catch_up()
                found, took = await self._found()
            standing = await self._look(found)
            await asyncio.gather(*(self._tell(one) for one in standing))
        except Exception as failure:  # noqa: BLE001  (whatever is wrong with alerts, messages must go on)
            fault = "" if self._is_of_disk(failure) else frames(failure)
            if fault and fault != self._fault:
                logger.error("alerts: a look failed, this is a bug: {}", fault)
            self._fault = fault
            return 0.0
        self._fault = ""
        return took

    def _is_of_disk(self, failure: Exception) -> bool:
        """Say whether the database's trouble is what failed, which is in the log already."""
        is_damage = isinstance(failure, SQLAlchemyError) and self._storage.sees_damage(failure)
        return is_damage or isinstance(failure, DamagedError) or is_passing(failure)

    async def _found(self) -> tuple[_Found, float]:
        """Give what the database says, and how many seconds it took to find that."""
        began = clock.monotonic()
        found = await self._readers.run(partial(self._find, now=clock.now()))
        return found, clock.monotonic() - began

    async def _look(self, found: _Found) -> Sequence[Standing]:
        """Find what is wrong now and write down what has changed; give what holds or is to be told."""
        now = clock.now()
        holding = {one.key for one in found.standing if one.since is not None}
        holds = [one for seen in found.seen for one in alarm.alarms(seen, holding, self._lag_seconds, now)]
        after = alarm.look(found.standing, holds, now)
        await self._keep(found.standing, after)
        _log(holds, found.standing)
        return after

    async def _catch_up(self) -> None:
        """Count what came in; a part of it would look like a silence."""
        is_behind = True
        while is_behind:
            began = clock.monotonic()
            is_behind = await self._storage.attempt(hearing.catch_up)
            if is_behind:
                await asyncio.sleep(REST * (clock.monotonic() - began))

    def _find(self, connection: Connection, now: float) -> _Found:
        standing = [Standing(*row) for row in alerts.standing(connection)]
        paused, last = operations.paused(connection), hearing.last(connection, now)
        seen = [
            self._seen(connection, report, last, now)._replace(is_paused=report.bridge in paused)
            for report in reports.ends_of(connection, sorted(self._bridges))
        ]
        return _Found(seen, standing, hearing.is_behind(connection))

    def _seen(
        self, connection: Connection, report: EndReport, last: Mapping[tuple[str, str, str], float], now: float
    ) -> Seen:
        end, other = ENDS if report.end == ENDS[0] else ENDS[::-1]
        seen = Seen(report.bridge, end, report.state, report.since, report.parked, report.oldest_at)
        heard_at = last.get((report.bridge, end, "webhook"), now)
        listens = isinstance(self._bridges[BridgeName(report.bridge)].connector(end), ReceivesWebhooks)
        if not listens or now - heard_at < silence.LEAST_SECONDS:
            return seen
        hours = [silence.Hour(*hour) for hour in hearing.hours_of(connection, report.bridge, end, "webhook", now)]
        return seen._replace(
            is_silent=silence.is_silent(hours, now),
            heard_at=heard_at,
            other_at=max((at for of, at in last.items() if of[:2] == (report.bridge, other)), default=None),
        )

    async def _keep(self, before: Sequence[Standing], after: Sequence[Standing]) -> None:
        kept = {one.key for one in after}
        changed = [AlertRow(*one) for one in after if one not in before]
        gone = [AlertRow(*one) for one in before if one.key not in kept]
        if changed or gone:
            await self._storage.attempt(partial(alerts.keep, rows=changed, gone=gone))

    async def _tell(self, one: Standing) -> None:
        message = alarm.message(one, clock.now())
        if message is None or self._way is None:
            self._untold.pop(one.key, None)
            return
        untold = self._untold.get(one.key, _Untold(0, 0.0))
        if untold.next_at > clock.monotonic():
            return
        try:
            await self._way.tell(message)
        except UntoldError as failure:
            self._note(message, failure, one.key, untold.times)
            return
        if self._untold.pop(one.key, None):
            logger.info("alerts: {} of bridge {} is told", message.what, message.bridge)
        told = AlertRow(*alarm.told(one, clock.now()))
        # What was told and is not written down would be told again.
        await self._storage.insist(partial(alerts.keep, rows=[told], gone=()))

    def _note(self, message: Message, failure: UntoldError, key: Key, times: int) -> None:
        if not times:
            words = "alerts: {} of bridge {} cannot be told, it is tried again until it is: {}"
            logger.error(words, message.what, message.bridge, failure)
        wait = retry.backoff(times, random.random())  # noqa: S311  (jitter)
        self._untold[key] = _Untold(times + 1, clock.monotonic() + wait)


def _log(holds: Sequence[Alarm], before: Sequence[Standing]) -> None:
    held = {one.key for one in before if one.since is not None}
    for begun in holds:
        if begun.what not in SHOWN_BY_FIGURES and begun.key not in held:
            logger.warning("bridge {}: {}", begun.bridge, begun.text)
    ended = held - {one.key for one in holds}
    for one in before:
        if one.what not in SHOWN_BY_FIGURES and one.key in ended:
            logger.info("bridge {}: {}", one.bridge, alarm.over(one))
