"""The points of a daemon's life at which it can be killed, and the hooks that stand there.

There is one before and after each commit, before each call to an end and after its answer. The killer ends the life at
the one that it was told. From that instant every hook refuses: nothing is committed and nothing sent any more, whatever
the code does that is cut off, as no code of a process runs after SIGKILL.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any, Literal, NamedTuple, Never, TypeVar

import httpx
from sqlalchemy import Connection, Engine

from syncd.store.database import Database, Together, Work

T = TypeVar("T")
NOTHING = ", nothing changed"
Moment = Literal["before commit", "after commit", "before send", "after receive"]


class KilledError(Exception):
    """The process is gone."""


class Point(NamedTuple):
    """The `number`-th time, from 1, that a life comes by `name` at such a moment."""

    moment: Moment
    name: str
    number: int

    @property
    def changes_nothing(self) -> bool:
        """Whether it is at a transaction that only reads."""
        return self.name.endswith(NOTHING)


class Killer:
    """Ends a life at a point, or with None never; `passed` are the points that it came by. For every thread."""

    def __init__(self, target: Point | None = None) -> None:
        self.target = target
        self.passed: list[Point] = []
        self.is_dead = False
        self.died: Future[None] = Future()
        self._counts: Counter[tuple[Moment, str]] = Counter()
        self._turn = threading.Lock()

    def come_by(self, moment: Moment, name: str) -> None:
        """Pass a point. Raises KilledError at the target and everywhere after it."""
        with self._turn:
            if self.is_dead:
                raise KilledError
            self._counts[moment, name] += 1
            self.passed.append(Point(moment, name, self._counts[moment, name]))
            self.is_dead = self.passed[-1] == self.target
        if self.is_dead:
            self.died.set_result(None)
            raise KilledError

    async def wait_by(self, moment: Moment, name: str) -> None:
        """Pass a point; at the target and after it stand still until cancelled."""
        try:
            self.come_by(moment, name)
        except KilledError:
            await stand_still()

    async def call(self, name: str, call: Callable[[], Awaitable[T]], told: Callable[[T], str] = lambda _: "") -> T:
        """Make a call to an end between its two points; `told` adds to the second one's name what was answered."""
        await self.wait_by("before send", name)
        answer = await call()
        await self.wait_by("after receive", f"{name}{told(answer)}")
        return answer


async def stand_still() -> Never:
    """Wait for ever."""
    while True:
        await asyncio.get_running_loop().create_future()


class MortalDatabase(Database):
    """A database that the killer's hooks stand at: what was not committed at the kill never is, nor is it answered."""

    def __init__(self, engine: Engine, killer: Killer) -> None:
        super().__init__(engine)
        self._killer = killer

    async def run(self, work: Callable[[Connection], T], *, waiting: int = 0) -> T:
        try:
            return await super().run(work, waiting=waiting)
        except KilledError:
            await stand_still()

    def transact(self, work: Callable[[Connection], T]) -> T:
        names: list[str] = []

        def watched(one: Work) -> Work:
            def do(connection: Connection) -> Any:
                before = changes(connection)
                value = one(connection)
                names.append(name_of(one) + ("" if changes(connection) > before else NOTHING))
                self._killer.come_by("before commit", names[-1])
                return value

            return do

        shared: Work = (
            replace(work, works=tuple(map(watched, work.works))) if isinstance(work, Together) else watched(work)
        )
        value: T = super().transact(shared)
        for name in names:
            self._killer.come_by("after commit", name)
        return value


def changes(connection: Connection) -> int:
    """Count the rows that this connection has ever changed."""
    driver: Any = connection.connection.driver_connection
    return int(driver.total_changes)


def name_of(work: Callable[[Connection], object]) -> str:
    """Name a transaction: its function, and which end or what kind of delivery it is about."""
    function: Any = work.func if isinstance(work, partial) else work
    told: dict[str, Any] = work.keywords if isinstance(work, partial) else {}
    about = (
        [told["claim"].rows[0].delivery.kind]
        if "claim" in told
        else [told[one] for one in ("end", "lane_name") if one in told]
    )
    name = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}".removesuffix(".<locals>.<lambda>")
    return " ".join([name, *about])


class MortalTransport(httpx.AsyncBaseTransport):
    """HTTP with the killer's hooks at each call; ids are left out of the points' names."""

    def __init__(self, killer: Killer) -> None:
        self._killer = killer
        self._wire = httpx.AsyncHTTPTransport(verify=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async def read() -> httpx.Response:
            answer = await self._wire.handle_async_request(request)
            await answer.aread()
            return answer

        words = [word for word in request.url.path.split("/") if word.isalpha() and word not in {"REST", "api"}]
        return await self._killer.call(f"{request.method} {'/'.join(words)}", read)

    async def aclose(self) -> None:
        await self._wire.aclose()
