"""The loops of all bridges, wired to each other, and their start and stop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial

from loguru import logger

from syncd import clock
from syncd.contract.http import LONGEST_RETRY_AFTER
from syncd.contract.model import BridgeName, End
from syncd.contract.ports import Polls
from syncd.core import retry
from syncd.engine.bridge import ENDS, Bridge
from syncd.engine.dispatch import Dispatcher, doubt_interrupted
from syncd.engine.health import Health
from syncd.engine.intake import Intake
from syncd.engine.metrics import Metrics
from syncd.engine.planner import Planner
from syncd.engine.poll import Asker, Poller
from syncd.engine.schedule import Schedule
from syncd.engine.storage import Storage
from syncd.store import ends, inbox, lanes

FINISH_SECONDS = 12.0
PROBE_SECONDS = 60.0


class Daemon:
    """Everything that runs beside the HTTP side."""

    def __init__(self, bridges: Mapping[BridgeName, Bridge], storage: Storage, metrics: Metrics) -> None:
        self.healths = {(name, end): Health(name, end, storage) for name in bridges for end in ENDS}
        self.planner = Planner(bridges, storage, metrics, self.wake)
        self.intake = Intake(storage, self.planner.wake)
        self._bridges = bridges
        self._storage = storage
        self._metrics = metrics
        self._schedule = Schedule()
        self._dispatchers: dict[tuple[BridgeName, End], Dispatcher] = {}
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Mend what a wrong clock or another configuration left, put in doubt what was under way, start every loop."""
        await self._mend()
        for bridge in self._bridges.values():
            await doubt_interrupted(bridge, self._storage)
            for end in ENDS:
                self._add(bridge, end)
        self._schedule.start()
        loops = [self.planner.run(), *(dispatcher.run() for dispatcher in self._dispatchers.values())]
        self._loops = [asyncio.create_task(loop) for loop in loops]

    async def _mend(self) -> None:
        now = clock.now()
        longest = max([retry.LONGEST_WAIT, *(bridge.doubt_seconds for bridge in self._bridges.values())])
        await self._storage.insist(partial(lanes.clamp, now=now, longest=longest))
        await self._storage.insist(partial(ends.clamp_blocks, now=now, longest=LONGEST_RETRY_AFTER))
        orphans = await self._storage.insist(partial(inbox.adopt, names=list(self._bridges)))
        if orphans:
            logger.warning("{} event(s) came in for bridges that are not configured any more: they are kept", orphans)

    async def stop(self) -> None:
        """Begin nothing further; wait for the calls under way, at most 12 seconds: what is not done is in doubt."""
        self._schedule.pause()
        for dispatcher in self._dispatchers.values():
            dispatcher.stop()
        planning, *delivering = self._loops
        _, late = await asyncio.wait([asyncio.create_task(self._finish(delivering))], timeout=FINISH_SECONDS)
        await _cancel([planning, *delivering, *late])
        self._schedule.end()

    async def _finish(self, delivering: Sequence[asyncio.Task[None]]) -> None:
        await asyncio.gather(*delivering, return_exceptions=True)
        await asyncio.gather(*(dispatcher.finish() for dispatcher in self._dispatchers.values()))

    async def look_at_the_clock(self) -> None:
        """Mend what a wall clock that was set would stall or hurry; call it about once a second."""
        moved = self._schedule.look_at_the_clock()
        if not moved:
            return
        logger.warning("the clock was set by {:+.0f} seconds: what waits waits no longer and no shorter for it", moved)
        await self._storage.insist(partial(lanes.shift, seconds=moved))
        await self._storage.insist(partial(ends.shift_calls, seconds=moved))
        for dispatcher in self._dispatchers.values():
            dispatcher.wake()

    def failed_loop(self) -> BaseException | None:
        """Give the exception of a loop that has ended, which none ever should."""
        return next((loop.exception() for loop in self._loops if loop.done() and not loop.cancelled()), None)

    def wake(self, bridge: BridgeName, end: End) -> None:
        """Say that an end may have work."""
        self._dispatchers[bridge, end].wake()

    def _add(self, bridge: Bridge, end: End) -> None:
        health = self.healths[bridge.name, end]
        ready = asyncio.Event()
        asker = Asker(bridge, end, self._storage, health, self._metrics)
        connector = bridge.connector(end)
        if isinstance(connector, Polls):
            self._schedule.every(connector.poll_seconds, Poller(asker, connector, self.planner.wake, ready).poll)
        else:
            ready.set()
            self._schedule.every(PROBE_SECONDS, asker.probe)
        self._dispatchers[bridge.name, end] = Dispatcher(
            bridge, end, self._storage, health, self._metrics, partial(self._settled, bridge.name), ready
        )

    def _settled(self, bridge: BridgeName, also: End | None) -> None:
        self.planner.wake()
        if also is not None:
            self.wake(bridge, also)


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
