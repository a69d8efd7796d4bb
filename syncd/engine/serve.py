"""HTTP servers on sockets: one for everybody, and one beside the database for who may write there."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from syncd import clock
from syncd.contract.errors import ConfigError
from syncd.engine.bounds import BoundedProtocol
from syncd.store.failures import refusal

BACKLOG = 2048
MOST_CONNECTIONS = 4000
OTHER_FILES = 200
"""What is open beside them: the database, the log, the calls to the ends."""
LONGEST_UNIX_PATH = 100
DRAIN_SECONDS = 0.3
"""So long those who had just connected before a stop may take to ask: uvicorn would hang up on them."""


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, which would stop it alone; `up` is set once it takes requests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self.stopping = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def main_loop(self) -> None:
        """Wake once a second for the `Date` header, where uvicorn wakes ten times, and at once to stop."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(clock.to_next_second()):
                    await self.stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no further connections, answer what comes over those that are there, then end as uvicorn does."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        await asyncio.sleep(DRAIN_SECONDS)
        await super().shutdown(sockets)

    def stop(self) -> None:
        """Let `serve` return once the requests under way are answered."""
        self.should_exit = True
        self.stopping.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def allow_files() -> None:
    """Let this process open a file for each connection: systemd and shells give 1024 where nobody asks for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    if soft not in {resource.RLIM_INFINITY, hard} and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def socket_beside(database: Path) -> Path:
    """Give where the socket for operations is. Raises ConfigError where the path is too long for a Unix socket."""
    path = database.absolute().with_name(f"{database.name}.sock")
    if len(os.fsencode(path)) > LONGEST_UNIX_PATH:
        raise ConfigError([f"SYNCD_DATABASE_URL: {database}: choose a path of at most {LONGEST_UNIX_PATH - 5} bytes"])
    return path


def listen_beside(database: Path) -> socket.socket:
    """Listen on a Unix socket that only the daemon's own user can open. The database's lock must be held.

    Raises ConfigError, and TryLaterError where the disk has no room for it.
    """
    path = socket_beside(database)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        path.unlink(missing_ok=True)
        listener.bind(str(path))
    except OSError as failure:
        listener.close()
        raise refusal(database, failure, f"used: its socket {path.name} cannot be made") from failure
    finally:
        os.umask(before)
    listener.listen(16)
    return listener


def listen(address: str) -> socket.socket:
    """Listen on HOST:PORT. Raises ConfigError."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        # asyncio switches Nagle's delay off only where the protocol is named.
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, int(port)))
        listener.listen(BACKLOG)
    except OSError as failure:
        raise ConfigError([f"SYNCD_LISTEN: cannot listen on {address}: {failure.strerror or failure}"]) from failure
    return listener


def address_of(listener: socket.socket) -> str:
    """Give the URL of a TCP listener."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@asynccontextmanager
async def served(app: ASGIApp, listener: socket.socket, *, finish_seconds: int = 4) -> AsyncIterator[None]:
    """Serve an application on a listener, which is closed afterwards; what is under way then gets some seconds."""
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        loop="uvloop",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=finish_seconds,
        backlog=BACKLOG,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await asyncio.wait([serving, asyncio.create_task(server.up.wait())], return_when=asyncio.FIRST_COMPLETED)
    try:
        yield
    finally:
        server.stop()
        await serving
