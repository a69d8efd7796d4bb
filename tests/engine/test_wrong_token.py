"""A wrong token is 404, costs next to nothing, touches no disk, and its time tells nothing of the right one."""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncd.engine.bridge import Bridge
from syncd.engine.hooks import Hooks
from syncd.engine.metrics import Metrics
from syncd.store.tables import inbox

from .conftest import SHOP, Shop

pytestmark = pytest.mark.alone

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WRONG = {
    "wrong at its first byte": f"/hooks/shop/chat/x{SECRET[1:]}",
    "wrong at its last byte": f"/hooks/shop/chat/{SECRET[:-1]}x",
    "too short": f"/hooks/shop/chat/{SECRET[:-1]}",
    "too long": f"/hooks/shop/chat/{SECRET}x",
    "of an unknown bridge": f"/hooks/shoe/chat/{SECRET}",
    "of an unknown end": f"/hooks/shop/chad/{SECRET}",
}
GOAL_MICROSECONDS = 60.0
NOISE = 3
ROUNDS = 400
CALLS_A_ROUND = 25
LARGEST_DIFFERENCE = 0.1
"""Of the whole time that an answer takes here: far less than any network lets through."""


class Answers:
    """An application's answers to requests whose bodies nobody may read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.statuses: set[int] = set()

    async def ask(self, path: str) -> None:
        scope = {"type": "http", "method": "POST", "path": path, "headers": [(b"content-length", b"3000")]}
        await self._app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        raise AssertionError("the body was read")

    async def _send(self, message: Message) -> None:
        self.statuses.add(message.get("status", 404))

    async def microseconds(self) -> dict[str, float]:
        """Measure all kinds of wrong tokens in turns; give each one's median CPU time."""
        rounds: dict[str, list[float]] = {kind: [] for kind in WRONG}
        for _ in range(ROUNDS):
            for kind, path in WRONG.items():
                began = time.thread_time()
                for _ in range(CALLS_A_ROUND):
                    await self.ask(path)
                rounds[kind].append((time.thread_time() - began) / CALLS_A_ROUND * 1e6)
        return {kind: statistics.median(times) for kind, times in rounds.items()}


async def compare_by_characters(scope: Scope, _: Receive, send: Send) -> None:
    """Answer as `Hooks` does, but end the comparison at the first difference."""
    name, _, token = scope["path"].removeprefix("/hooks/").partition("/chat/")
    is_right = name == "shop" and len(token) == len(SECRET)
    for given, wanted in zip(token, SECRET, strict=False):
        is_right = is_right and given == wanted
        if given != wanted:
            break
    await send({"type": "http.response.start", "status": 200 if is_right else 404})


def hooks_of(shop: Shop) -> Hooks:
    bridge = Bridge(SHOP, shop.chat, shop.helpdesk, SECRET, shop.policy, doubt_seconds=1, on_doubt="park")
    return Hooks({SHOP: bridge}, shop.daemon.intake, Metrics())


def changes(connection: Connection) -> tuple[int, int]:
    """Give how many rows this connection ever changed, and how many are in the inbox."""
    total: int = connection.connection.driver_connection.total_changes  # type: ignore[union-attr]
    return total, connection.execute(select(func.count()).select_from(inbox)).scalar_one()


async def at_rest(shop: Shop) -> tuple[int, int]:
    """Wait until the daemon has written down how it found its ends; give what `changes` says."""
    last: tuple[int, int] | None = None
    while (now := await shop.database.run(changes)) != last:
        last = now
        await asyncio.sleep(0.1)
    return now


def files(folder: Path) -> dict[str, tuple[int, int]]:
    """Give size and time of change of the database's files."""
    stats = {name: (folder / name).stat() for name in ("syncd.db", "syncd.db-wal")}
    return {name: (stat.st_size, stat.st_mtime_ns) for name, stat in stats.items()}


def spread(measured: dict[str, float]) -> float:
    """Give the largest difference between two kinds, as a part of their middle."""
    return (max(measured.values()) - min(measured.values())) / statistics.median(measured.values())


async def test_a_wrong_token_changes_nothing_costs_little_and_its_time_tells_nothing(
    shop: Shop, tmp_path: Path
) -> None:
    answers = Answers(hooks_of(shop))
    before = await at_rest(shop), files(tmp_path)
    measured = await answers.microseconds()
    print("\n" + "\n".join(f"{kind}: {median:.2f} µs" for kind, median in measured.items()))
    print(f"between them {spread(measured):.1%}; goal {GOAL_MICROSECONDS:.0f} µs each")
    assert answers.statuses == {404}
    assert (await shop.database.run(changes), files(tmp_path)) == before
    assert max(measured.values()) <= NOISE * GOAL_MICROSECONDS
    assert spread(measured) <= LARGEST_DIFFERENCE


async def test_the_control_a_comparison_that_ends_at_the_first_difference_is_seen() -> None:
    measured = await Answers(compare_by_characters).microseconds()
    first, last = measured["wrong at its first byte"], measured["wrong at its last byte"]
    print(f"\nby characters: {first:.2f} µs at the first byte, {last:.2f} µs at the last")
    assert spread(measured) > 3 * LARGEST_DIFFERENCE
    assert last > first
