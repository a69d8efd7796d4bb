"""The composition root: the one file that knows every other. It makes the parts, starts and stops them in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from loguru import logger
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette

from syncd.contract.errors import ConfigError
from syncd.contract.http import Http
from syncd.contract.model import BridgeName
from syncd.contract.ports import AddsNotes
from syncd.core.plan import Policy
from syncd.core.route import parse
from syncd.engine import systemd
from syncd.engine.admin import Admin
from syncd.engine.bridge import Bridge
from syncd.engine.daemon import Daemon
from syncd.engine.faults import frames
from syncd.engine.hooks import Hooks
from syncd.engine.metrics import Metrics
from syncd.engine.serve import address_of, listen, listen_beside, served
from syncd.engine.storage import Storage
from syncd.engine.web import Pages, application
from syncd.settings.models import BridgeConfiguration, Configuration, DaemonSettings
from syncd.store import migrations
from syncd.store.database import Database, opened, reader, writer
from syncd.store.lock import only_one

CALL_TIMEOUT = httpx.Timeout(30.0, connect=5.0, pool=5.0)
CONNECTIONS = httpx.Limits(max_connections=10, max_keepalive_connections=10, keepalive_expiry=5.0)


@dataclass(frozen=True)
class Running:
    """A daemon that runs. `address` is where it listens, like `http://127.0.0.1:8020`."""

    bridges: dict[BridgeName, Bridge]
    daemon: Daemon
    address: str


def open_database(settings: DaemonSettings, stack: AsyncExitStack) -> tuple[Database, Path]:
    """Open the database for writing, for us alone, and bring its schema up to date; the stack closes it.

    Raises ConfigError that names the file, and AlreadyRunningError.
    """
    path = settings.database_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        stack.enter_context(only_one(path))
        engine = writer(path)
        migrations.bring_up_to_date(engine)
    except (OSError, SQLAlchemyError) as failure:
        cause = getattr(failure, "orig", None) or failure
        raise ConfigError([f"SYNCD_DATABASE_URL: {path} cannot be used: {cause}"]) from failure
    database = Database(engine)
    stack.callback(database.close)
    return database, path


@asynccontextmanager
async def connected(configurations: tuple[BridgeConfiguration, ...]) -> AsyncIterator[dict[BridgeName, Bridge]]:
    """Give the configured bridges, each end with an HTTP client of its own; close the clients afterwards."""
    async with AsyncExitStack() as stack:
        bridges = {}
        for configured in configurations:
            clients = [
                await stack.enter_async_context(httpx.AsyncClient(timeout=CALL_TIMEOUT, limits=CONNECTIONS))
                for _ in range(2)
            ]
            bridges[configured.name] = _bridge(configured, *map(Http, clients))
        yield bridges


def _bridge(configured: BridgeConfiguration, chat_http: Http, helpdesk_http: Http) -> Bridge:
    settings = configured.settings
    policy = Policy(
        tag=settings.received_from or f"syncd-{configured.name}",
        subject=settings.subject,
        to_helpdesk=settings.direction != "to-chat",
        to_chat=settings.direction != "to-helpdesk",
        notes=issubclass(configured.helpdesk, AddsNotes),
        routes=parse(settings.routes),
        longest_reply=configured.chat.longest_text,
    )
    return Bridge(
        name=configured.name,
        chat=configured.chat(configured.chat_settings, chat_http),
        helpdesk=configured.helpdesk(configured.helpdesk_settings, helpdesk_http),
        secret=settings.webhook_secret.get_secret_value(),
        policy=policy,
        doubt_seconds=settings.doubt_minutes * 60,
        on_doubt=settings.on_doubt,
    )


@asynccontextmanager
async def running(configuration: Configuration) -> AsyncIterator[Running]:
    """Run the daemon. Started from the disk outwards and stopped the other way round, so that no 200 is ever untrue."""
    async with AsyncExitStack() as stack:
        database, path = open_database(configuration.daemon, stack)
        readers = stack.enter_context(opened(reader(path)))
        bridges = await stack.enter_async_context(connected(configuration.bridges))
        storage, metrics = Storage(database), Metrics()
        daemon = Daemon(bridges, storage, metrics)
        pages = Pages(daemon.healths, storage, readers, metrics)
        hooks = Hooks(bridges, daemon.intake, metrics)
        listener = systemd.listening_socket() or listen(configuration.daemon.listen)
        await daemon.start()
        stack.push_async_callback(daemon.stop)
        admin = Admin(storage, daemon.wake, daemon.planner.wake)
        await stack.enter_async_context(served(Starlette(routes=admin.routes), listen_beside(path)))
        await stack.enter_async_context(served(application(hooks, pages), listener))
        yield Running(bridges, daemon, address_of(listener))


async def run(configuration: Configuration) -> int:
    """Run until SIGTERM or SIGINT; give the exit code."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    async with running(configuration) as run_:
        logger.info("syncd listens on {} with {} bridge(s)", run_.address, len(run_.bridges))
        systemd.notify("READY=1")
        failure = await _watch(run_.daemon, stopping)
        systemd.notify("STOPPING=1")
        logger.info("syncd stops")
    logger.info("syncd has stopped")
    if failure is not None:
        logger.critical("a part of the daemon failed, this is a bug, systemd starts it again: {}", frames(failure))
    return 0 if failure is None else 1


async def _watch(daemon: Daemon, stopping: asyncio.Event) -> BaseException | None:
    """Wait for the stop signal, telling systemd meanwhile that the loop turns; give the failure of a dead part."""
    beat = systemd.watchdog_seconds()
    while not stopping.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), min(beat or 1.0, 1.0))
        await daemon.look_at_the_clock()
        failure = daemon.failed_loop()
        if failure is not None:
            return failure
        if beat is not None:
            systemd.notify("WATCHDOG=1")
    return None
