"""The composition root: the one file that knows every other. It makes the parts, starts and stops them in order."""

from __future__ import annotations

import asyncio
import math
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

import httpx
from loguru import logger
from starlette.applications import Starlette

from syncd import clock
from syncd.bridges import connected
from syncd.contract.http import Http
from syncd.contract.model import BridgeName
from syncd.contract.ports import Polls
from syncd.engine import systemd
from syncd.engine.admin import Admin
from syncd.engine.alert_ways import AlertCommand, AlertWebhook, Way
from syncd.engine.alerts import Alerts
from syncd.engine.bridge import ENDS, Bridge
from syncd.engine.daemon import Daemon
from syncd.engine.door import Door
from syncd.engine.faults import frames
from syncd.engine.hooks import Hooks
from syncd.engine.metrics import Metrics
from syncd.engine.serve import address_of, allow_files, listen, listen_beside, served
from syncd.engine.storage import Storage
from syncd.engine.web import Figures, application
from syncd.pages.site import site
from syncd.settings.alerting import AlertSettings
from syncd.settings.models import Configuration
from syncd.store.database import Database, opened, reader
from syncd.store.opening import ours

DAMAGED_SECONDS = 10.0
"""So long a daemon whose database is damaged says so to who asks it."""


@dataclass(frozen=True)
class Running:
    """A daemon that runs. `address` is where it listens, like `http://127.0.0.1:8020`."""

    bridges: dict[BridgeName, Bridge]
    daemon: Daemon
    storage: Storage
    databases: tuple[Database, ...]
    address: str


@asynccontextmanager
async def running(configuration: Configuration) -> AsyncIterator[Running]:
    """Run the daemon. Started from the disk outwards and stopped the other way round, so that no 200 is ever untrue.

    Raises ConfigError and TryLaterError. The waits of a stop make 19 seconds: 1 for alerts, 4 for HTTP, 1 for
    operations, 0.4 before each of these, 10 for calls under way, 1 for each thread of the database.
    """
    path = configuration.daemon.database_path()
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(ours(path))
        readers = stack.enter_context(opened(reader(path), thread_name="syncd-readers"))
        bridges = await stack.enter_async_context(connected(configuration.bridges))
        storage, metrics = Storage(database), Metrics()
        daemon = Daemon(bridges, storage, metrics)
        figures = Figures(daemon.healths, storage, readers, metrics)
        hooks = Hooks(bridges, daemon.intake, metrics)
        listener = systemd.listening_socket() or listen(configuration.daemon.listen)
        await daemon.start()
        stack.push_async_callback(daemon.stop)
        admin = Admin(storage, daemon.wake, daemon.planner.wake)
        operations = served(Starlette(routes=admin.routes), listen_beside(path), finish_seconds=1)
        await stack.enter_async_context(operations)
        pages = site(bridges, storage, readers, metrics, admin, _door(configuration), is_https=_is_https(configuration))
        await stack.enter_async_context(served(application(hooks, figures, pages), listener))
        await stack.enter_async_context(_alerting(configuration.daemon, partial(Alerts, bridges, storage, readers)))
        yield Running(bridges, daemon, storage, (database, readers), address_of(listener))


@asynccontextmanager
async def _alerting(settings: AlertSettings, made: Callable[[Way | None, float], Alerts]) -> AsyncIterator[None]:
    """Look and tell meanwhile; what is being told at the end is cut off and told at the next start."""
    async with AsyncExitStack() as stack:
        way: Way | None = AlertCommand(settings.alert_command) if settings.alert_command else None
        if settings.alert_url is not None:
            client = await stack.enter_async_context(httpx.AsyncClient())
            way = AlertWebhook(settings.alert_url, Http(client))
        task = asyncio.create_task(made(way, settings.alert_lag_minutes * 60).run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task], timeout=1)


def _door(configuration: Configuration) -> Door:
    token = configuration.daemon.admin_token
    return Door(token.get_secret_value() if token else "")


def _is_https(configuration: Configuration) -> bool:
    return str(configuration.daemon.public_url or "").startswith("https:")


async def run(configuration: Configuration) -> int:
    """Run until SIGTERM or SIGINT; give the exit code."""
    allow_files()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    async with AsyncExitStack() as stack:
        run_ = await started(stack, configuration, stopping)
        if run_ is None:
            return 0
        logger.info("syncd listens on {} with {} bridge(s)", run_.address, len(run_.bridges))
        if configuration.daemon.warning:
            logger.warning(configuration.daemon.warning)
        systemd.notify("READY=1")
        failure = await watch(run_, stopping)
        if any(database.is_dead for database in run_.databases):
            # Nothing under way could be settled or answered any more: to wait for it would only put off the next start.
            logger.critical("a thread of the database has ended, this is a bug, systemd starts the daemon again")
            os._exit(1)
        if run_.storage.damaged_seconds:
            # The same, and the file is left as it is for whoever saves what is in it.
            logger.info("syncd ends: its database is damaged")
            os._exit(os.EX_CONFIG)
        systemd.notify("STOPPING=1")
        logger.info("syncd stops")
    logger.info("syncd has stopped")
    if failure is not None:
        logger.critical("a part of the daemon failed, this is a bug, systemd starts it again: {}", frames(failure))
    return 0 if failure is None else 1


async def started(stack: AsyncExitStack, configuration: Configuration, stopping: asyncio.Event) -> Running | None:
    """Start the daemon; the stack stops it. None where it is told to stop before it runs: a disk may hang for long."""
    starting = asyncio.create_task(stack.enter_async_context(running(configuration)))
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait([starting, told], return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        told.cancel()
        return starting.result()
    starting.cancel()
    await asyncio.wait([starting])
    return None


async def watch(run_: Running, stopping: asyncio.Event) -> BaseException | None:
    """Wait for the stop signal or for a part that is dead, telling systemd meanwhile that loop and database move.

    It also ends some seconds after the database was found damaged. Gives the failure of a loop that has ended.
    """
    beat = systemd.watchdog_seconds()
    keeping_time = asyncio.create_task(_keep_time(run_))
    try:
        while not (stopping.is_set() or _is_lost(run_)):
            with suppress(TimeoutError):
                async with asyncio.timeout(min(beat or 1.0, clock.to_next_second())):
                    await stopping.wait()
            failure = run_.daemon.failed_loop() or (keeping_time.exception() if keeping_time.done() else None)
            if failure is not None:
                return failure
            if run_.storage.is_moving() and beat is not None:
                systemd.beat()
    finally:
        keeping_time.cancel()
    return None


def _is_lost(run_: Running) -> bool:
    return run_.storage.damaged_seconds > DAMAGED_SECONDS or any(database.is_dead for database in run_.databases)


async def _keep_time(run_: Running) -> None:
    # Beside the beats: it writes, and a database that is full or locked for long is no reason to be killed.
    connectors = [bridge.connector(end) for bridge in run_.bridges.values() for end in ENDS]
    shortest = min((one.poll_seconds for one in connectors if isinstance(one, Polls)), default=math.inf)
    while True:
        # Often enough for a poll that a clock set back has stalled to come within twice its interval.
        await asyncio.sleep(min(clock.to_next_second(), 0.8 * shortest))
        await run_.daemon.look_at_the_clock()
