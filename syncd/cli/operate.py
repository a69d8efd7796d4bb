"""Operations: by the running daemon, over its socket; or, where none runs, by this command itself."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from syncd import clock
from syncd.contract.errors import ConfigError, TryLaterError
from syncd.engine.admin import PATH
from syncd.engine.serve import socket_beside
from syncd.settings.models import DaemonSettings
from syncd.store.database import opened, reader, writer
from syncd.store.failures import refusal
from syncd.store.lock import AlreadyRunningError, only_one
from syncd.store.operations import OPERATION, Operation, Touched, carry_out
from syncd.store.timeline import follow

T = TypeVar("T")


def _existing(daemon: DaemonSettings) -> Path:
    path = daemon.database_path()
    if not path.exists():
        raise ConfigError([f"SYNCD_DATABASE_URL: {path} is not there yet: `syncd run` makes it"])
    return path


def operate(daemon: DaemonSettings, operation: Operation) -> int:
    """Carry an operation out; give how much it has changed.

    Raises ConfigError where there is no database that can be used, TryLaterError where that passes.
    """
    path = _existing(daemon)
    with ExitStack() as stack:
        try:
            stack.enter_context(only_one(path))
            database = stack.enter_context(opened(writer(path)))
            return database.transact(partial(_by_this_clock, operation=operation)).count
        except AlreadyRunningError:
            return _ask_daemon(path, operation)
        except (OSError, SQLAlchemyError) as failure:
            raise refusal(path, failure, "changed") from failure


def _by_this_clock(connection: Connection, operation: Operation) -> Touched:
    follow(connection, clock.boot(), clock.ahead())
    return carry_out(connection, operation, clock.now())


def _ask_daemon(path: Path, operation: Operation) -> int:
    transport = httpx.HTTPTransport(uds=str(socket_beside(path)))
    try:
        with httpx.Client(transport=transport, timeout=30.0) as client:
            answer = client.post(f"http://syncd{PATH}", content=OPERATION.dump_json(operation)).raise_for_status()
    except httpx.TransportError as failure:
        told = f"the syncd that works on {path} does not answer ({failure}): it starts, stops or waits for its disk"
        raise TryLaterError(f"{told}, try again later") from failure
    except httpx.HTTPStatusError as failure:
        sys.exit(f"the daemon answers {failure.response.status_code}: its log says why")
    return int(answer.json()["count"])


def read(daemon: DaemonSettings, query: Callable[[Connection], T]) -> T:
    """Read something from the database, beside the daemon or without it.

    Raises ConfigError where that cannot be, TryLaterError where that passes.
    """
    path = _existing(daemon)

    try:
        with opened(reader(path)) as readers:
            return readers.transact(query)
    except SQLAlchemyError as failure:
        raise refusal(path, failure, "read") from failure
