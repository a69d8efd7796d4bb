"""The look and the telling of alerts, over hours that are skipped and with receivers that misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from loguru import logger
from sqlalchemy import Connection

from connectors.memory import MemoryChat, MemoryHelpdesk
from connectors.memory.world import MemorySettings
from syncd import clock
from syncd.contract.http import Http
from syncd.contract.model import BridgeName
from syncd.core.alarm import Message
from syncd.core.plan import Policy
from syncd.engine.alert_ways import UntoldError
from syncd.engine.alerts import Alerts
from syncd.engine.bridge import Bridge
from syncd.engine.storage import Storage
from syncd.store import ends, hearing, migrations
from syncd.store.database import writer
from syncd.store.tables import heard, inbox

from .skipped_time import InPlaceDatabase, run

T = TypeVar("T")

HOUR = 3600.0
SHOP = BridgeName("shop")


class Recorder:
    """A receiver that is told, or is away while `is_away`."""

    def __init__(self) -> None:
        self.told: list[tuple[float, str, str]] = []
        self.tries = 0
        self.is_away = False

    async def tell(self, message: Message) -> None:
        self.tries += 1
        if self.is_away:
            raise UntoldError("away")
        self.told.append((clock.now(), message.what, message.state))

    def states(self) -> list[tuple[str, str]]:
        return [(what, state) for _, what, state in self.told]


class Readers(InPlaceDatabase):
    """Readers that take some seconds and fail to order."""

    seconds = 0.0
    failures = 0
    looks = 0

    async def run(self, work: Callable[[Connection], T], *, waiting: int = 0) -> T:
        await asyncio.sleep(self.seconds)
        self.looks += 1
        if self.failures:
            self.failures -= 1
            raise RuntimeError("a bug")
        return await super().run(work, waiting=waiting)


class Watched:
    """A shop's database, and alerts that look at it."""

    def __init__(self, folder: Path) -> None:
        engine = writer(folder / "syncd.db")
        migrations.bring_up_to_date(engine)
        self.database = InPlaceDatabase(engine)
        self.readers = Readers(engine)
        self.receiver = Recorder()
        http = Http(httpx.AsyncClient())
        chat, helpdesk = MemoryChat(MemorySettings(), http), MemoryHelpdesk(MemorySettings(), http)
        bridge = Bridge(SHOP, chat, helpdesk, "s" * 16, Policy(tag="x"), doubt_seconds=600, on_doubt="park")
        self.alerts = Alerts({SHOP: bridge}, Storage(self.database), self.readers, self.receiver, 900.0)

    async def becomes(self, state: ends.EndState) -> None:
        now = clock.now()
        await self.database.run(lambda connection: ends.set_state(connection, SHOP, "chat", state, "", now))

    async def hears(self, times: Sequence[float]) -> None:
        rows = [
            {"bridge": SHOP, "end": "chat", "form": "webhook", "received_at": at, "state": "done", "reason": ""}
            for at in times
        ]
        await self.database.run(lambda connection: connection.execute(inbox.insert(), rows) and None)


def watch(folder: Path, story: Callable[[Watched], Awaitable[None]]) -> Watched:
    """Let a story happen while alerts look, in skipped time."""

    async def main() -> Watched:
        watched = Watched(folder)
        looking = asyncio.create_task(watched.alerts.run())
        await story(watched)
        looking.cancel()
        watched.database.close()
        watched.readers.close()
        return watched

    return run(main)


def test_an_end_that_comes_and_goes_is_told_at_most_every_quarter_of_an_hour(tmp_path: Path) -> None:
    async def story(watched: Watched) -> None:
        for _ in range(120):
            await watched.becomes("refused")
            await asyncio.sleep(60)
            await watched.becomes("ok")
            await asyncio.sleep(60)

    told = watch(tmp_path, story).receiver.told
    begun = [at for at, _, state in told if state == "begun"]
    assert 8 <= len(begun) <= 16
    assert all(later - earlier >= 900 for earlier, later in pairwise(begun))
    assert [state for _, _, state in told] == ["begun", "over"] * len(begun)


def test_a_receiver_that_is_away_for_hours_is_tried_seldom_and_told_once(tmp_path: Path) -> None:
    tries: list[int] = []

    async def story(watched: Watched) -> None:
        watched.receiver.is_away = True
        await watched.becomes("refused")
        await asyncio.sleep(6 * HOUR)
        tries.append(watched.receiver.tries)
        watched.receiver.is_away = False
        await asyncio.sleep(HOUR)

    watched = watch(tmp_path, story)
    assert watched.receiver.states() == [("refused", "begun")]
    assert 70 <= tries[0] <= 160


def test_an_end_that_is_out_of_reach_is_told_though_nothing_waits_for_it(tmp_path: Path) -> None:
    async def story(watched: Watched) -> None:
        await watched.becomes("down")
        await asyncio.sleep(HOUR)
        await watched.becomes("ok")
        await asyncio.sleep(HOUR)

    watched = watch(tmp_path, story)
    assert watched.receiver.states() == [("lag", "begun"), ("lag", "over")]


def test_hearing_is_counted_whole_before_it_is_judged_and_no_longer_than_needed(tmp_path: Path) -> None:
    counted: list[tuple[int, int]] = []

    async def story(watched: Watched) -> None:
        now = clock.now()
        await watched.hears([now - ago * 240 for ago in range(22_000, 0, -1)])
        await asyncio.sleep(HOUR / 2)

        def count(connection: Connection) -> tuple[int, int]:
            rows = connection.execute(heard.select()).all()
            return len(rows), max(row.inbox_id for row in rows)

        counted.append(await watched.database.run(count))

    watched = watch(tmp_path, story)
    assert watched.receiver.told == []
    hours, last = counted[0]
    assert last == 22_000
    assert hours <= hearing.KEPT_SECONDS / HOUR + 2


def test_looks_that_take_long_are_seldom(tmp_path: Path) -> None:
    async def story(watched: Watched) -> None:
        watched.readers.seconds = 3.0
        await asyncio.sleep(HOUR)

    looks = watch(tmp_path, story).readers.looks
    assert HOUR / 80 <= looks <= HOUR / 60


def test_a_look_that_fails_is_said_once_and_the_next_ones_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story(watched: Watched) -> None:
        watched.readers.failures = 20
        await watched.becomes("refused")
        await asyncio.sleep(HOUR)

    number = logger.add(lambda line: print(line, end=""))
    assert watch(tmp_path, story).receiver.states() == [("refused", "begun")]
    logger.remove(number)
    assert capsys.readouterr().out.count("a look failed, this is a bug: RuntimeError at ") == 1
