"""The loops of all bridges, wired to each other, and their start and stop."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial

from loguru import logger

from syncd import clock
from syncd.contract.deliveries import LaneName
from syncd.contract.http import LONGEST_RETRY_AFTER
from syncd.contract.model import BridgeName, End
from syncd.contract.ports import Polls, UpdatesRequester, UpdatesVisitors, UploadsFiles
from syncd.core import retry
from syncd.engine.account import Account, account_of
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

FINISH_SECONDS = 10.0
PROBE_SECONDS = 60.0


class Daemon:
    """Everything that runs beside the HTTP side."""

    def __init__(self, bridges: Mapping[BridgeName, Bridge], storage: Storage, metrics: Metrics) -> None:
        accounts: defaultdict[str, Account] = defaultdict(Account)
        self.healths = {
            (name, end): Health(name, end, storage, accounts[account_of(bridge, end)])
            for name, bridge in bridges.items()
            for end in ENDS
        }
        self.planner = Planner(bridges, storage, metrics, self.wake)
        self.intake = Intake(storage, self.planner.wake)
        self._bridges = bridges
        self._storage = storage
        self._metrics = metrics
        self._schedule = Schedule()
        self._dispatchers: dict[tuple[BridgeName, LaneName], Dispatcher] = {}
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Mend what a wrong clock or another configuration left, put in doubt what was under way, start every loop."""
        await self._mend()
        for bridge in self._bridges.values():
            await doubt_interrupted(bridge, self._storage)
            for end in ENDS:
                self._add(bridge, end)
        self._schedule.start()
        loops = [
            self._storage.keep_trying(),
            self.planner.run(),
            *(dispatcher.run() for dispatcher in self._dispatchers.values()),
        ]
        self._loops = [asyncio.create_task(loop) for loop in loops]

    async def _mend(self) -> None:
        now = clock.now()
        longest = max([retry.LONGEST_WAIT, *(bridge.doubt_seconds for bridge in self._bridges.values())])
        await self._storage.insist(partial(lanes.clamp, now=now, longest=longest))
        await self._storage.insist(partial(ends.clamp_blocks, now=now, longest=LONGEST_RETRY_AFTER))
        blocked = await self._storage.insist(ends.blocked_until)
        for (name, end), health in self.healths.items():
            health.account.hold(blocked.get(account_of(self._bridges[name], end), now) - now)
        orphans = await self._storage.insist(partial(inbox.adopt, names=list(self._bridges)))
        if orphans:
            logger.warning("{} event(s) came in for bridges that are not configured any more: they are kept", orphans)

    async def stop(self) -> None:
        """Begin nothing further; wait for the calls under way, at most 10 seconds: what is not done is in doubt."""
        self._schedule.pause()
        for dispatcher in self._dispatchers.values():
            dispatcher.stop()
        trying, planning, *delivering = self._loops
        _, late = await asyncio.wait([asyncio.create_task(self._finish(delivering))], timeout=FINISH_SECONDS)
        await _cancel([trying, planning, *delivering, *late])
        self._schedule.end()

    async def _finish(self, delivering: Sequence[asyncio.Task[None]]) -> None:
        await asyncio.gather(*delivering, return_exceptions=True)
        await asyncio.gather(*(dispatcher.finish() for dispatcher in self._dispatchers.values()))

    async def look_at_the_clock(self) -> None:
        """Let polls and deliveries go on where the wall clock was set; call it about once a second."""
        if not self._schedule.look_at_the_clock():
            return
        for dispatcher in self._dispatchers.values():
            dispatcher.wake()

    def failed_loop(self) -> BaseException | None:
        """Give the exception of a loop that has ended, which none ever should."""
        return next((loop.exception() for loop in self._loops if loop.done() and not loop.cancelled()), None)

    def wake(self, bridge: BridgeName, name: LaneName) -> None:
        """Say that lanes of a name may have work; those of a bridge that is not configured any more have nobody."""
        if (bridge, name) in self._dispatchers:
            self._dispatchers[bridge, name].wake()

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
        names: list[LaneName] = [end]
        names += ["files"] if isinstance(connector, UploadsFiles | UpdatesRequester) else []
        names += ["contact"] if isinstance(connector, UpdatesVisitors) else []
        for name in names:
            self._dispatchers[bridge.name, name] = Dispatcher(
                bridge, name, self._storage, health, self._metrics, partial(self._settled, bridge.name), ready
            )

    def _settled(self, bridge: BridgeName, also: LaneName | None) -> None:
        self.planner.wake()
        if also is not None:
            self.wake(bridge, also)


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
