"""Operations: by the running daemon, over its socket; or, where none runs, by this command itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from syncd import clock
from syncd.contract.errors import ConfigError
from syncd.engine.admin import PATH
from syncd.engine.serve import socket_beside
from syncd.settings.models import DaemonSettings
from syncd.store.database import opened, reader, writer
from syncd.store.lock import AlreadyRunningError, only_one
from syncd.store.operations import OPERATION, Operation, carry_out

T = TypeVar("T")


def _existing(daemon: DaemonSettings) -> Path:
    path = daemon.database_path()
    if not path.exists():
        raise ConfigError([f"SYNCD_DATABASE_URL: {path} is not there yet: `syncd run` makes it"])
    return path


def operate(daemon: DaemonSettings, operation: Operation) -> int:
    """Carry an operation out; give how much it has changed. Raises ConfigError where there is no database yet."""
    path = _existing(daemon)
    with ExitStack() as stack:
        try:
            stack.enter_context(only_one(path))
        except AlreadyRunningError:
            return _ask_daemon(daemon, operation)
        database = stack.enter_context(opened(writer(path)))
        return database.transact(partial(carry_out, operation=operation, now=clock.now())).count


def _ask_daemon(daemon: DaemonSettings, operation: Operation) -> int:
    transport = httpx.HTTPTransport(uds=str(socket_beside(daemon.database_path())))
    with httpx.Client(transport=transport, timeout=30.0) as client:
        answer = client.post(f"http://syncd{PATH}", content=OPERATION.dump_json(operation))
        return int(answer.raise_for_status().json()["count"])


def read(daemon: DaemonSettings, query: Callable[[Connection], T]) -> T:
    """Read something from the database, beside the daemon or without it. Raises ConfigError where that cannot be."""
    path = _existing(daemon)

    try:
        with opened(reader(path)) as readers:
            return readers.transact(query)
    except SQLAlchemyError as failure:
        cause = getattr(failure, "orig", failure)
        raise ConfigError([f"SYNCD_DATABASE_URL: {path} cannot be read: {cause}"]) from failure
