"""The wall clock is set by an hour, a day, ten years: nothing stalls, hurries, is lost or doubled."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from syncd.contract.errors import RateLimitedError, RetryableError
from syncd.contract.model import Author, Role, Visitor
from syncd.core import retry

from .clock_set import JUMPS, POLL_SECONDS, Polls, WatchedShop, clock_set, watched
from .conftest import ANN, until
from .faulty_ends import Faults
from .test_flow import fragment

BO = Author(Role.AGENT, "Bo", "bo@example.com")
BOB = Visitor("bob", "Bob")
NOISE_SECONDS = 0.4
"""How late a loop may be on a machine that does other things besides."""
WAIT_SECONDS = 0.8
PATIENCE_SECONDS = 3.0
SETTLED_SECONDS = 0.1

jumps = pytest.mark.parametrize("by", JUMPS.values(), ids=JUMPS)


async def talk(shop: WatchedShop, number: int) -> None:
    """Let a line and a reply pass each other, and give the polls time for a gap."""
    shop.chat.visitor_says(ANN, f"<line {number}>")
    for ticket in list(shop.helpdesk.tickets)[:1]:
        shop.helpdesk.agent_replies(ticket, BO, f"<reply {number}>")
        await until(lambda: f"<reply {number}>" in shop.heard(), PATIENCE_SECONDS)
    await until(lambda: f"<line {number}>" in shop.on_tickets(), PATIENCE_SECONDS)
    await asyncio.sleep(POLL_SECONDS)


async def fails(shop: WatchedShop, number: int, *, retry_after: float) -> float:
    """Let a line meet a helpdesk that asks for a wait; give when it did."""
    calls = shop.helpdesk.faults.calls
    count = len(calls)
    shop.helpdesk.faults.before.append(RateLimitedError("POST answered 429", retry_after=retry_after))
    await shop.webhook(fragment(f"<line {number}>", first_id=1000 + number))
    await until(lambda: len(calls) > count)
    # What came of it has to be written down before the clock is set.
    await asyncio.sleep(SETTLED_SECONDS)
    return calls[-1][2]


async def seconds_until_next(faults: Faults, since: float, polls: Sequence[float] = ()) -> float:
    """Wait for the first call after a moment; give how long it took from there to that or to a poll."""
    await until(lambda: faults.calls[-1][2] > since, WAIT_SECONDS + PATIENCE_SECONDS)
    later = [at for _, _, at in faults.calls if at > since]
    # A poll that was under way beside the call could not know.
    return min([*later, *(at for at in polls if at > since + SETTLED_SECONDS)]) - since


def lines_on(shop: WatchedShop) -> list[int]:
    return [int(number) for number in re.findall(r"<line (\d+)>", shop.on_tickets())]


@jumps
async def test_a_clock_that_is_set_under_a_daemon_stalls_hurries_loses_and_doubles_nothing(
    tmp_path: Path, by: timedelta
) -> None:
    async with watched(tmp_path) as shop:
        await talk(shop, 0)
        desk, chat = shop.helpdesk.faults, shop.chat.faults
        chat.held.add(ANN.id)
        chat.before.append(RetryableError("away", certain=True))
        shop.helpdesk.agent_replies(shop.ticket, BO, "<reply 1>")
        await until(lambda: chat.calls)
        asked_at = await fails(shop, 1, retry_after=WAIT_SECONDS)
        with clock_set(by):
            chat.held.clear()
            failed_at = time.monotonic()
            await shop.webhook(fragment("something to do at once", first_id=2000, visitor=BOB))
            waited = await seconds_until_next(desk, asked_at, shop.helpdesk.polls)
            tried_again = await seconds_until_next(chat, failed_at)
            await talk(shop, 2)
        gap = max(shop.chat.polls.longest_gap(), shop.helpdesk.polls.longest_gap() - WAIT_SECONDS)
        print(f"\nlongest gap between polls every {POLL_SECONDS} s: {gap:.2f} s; ", end="")
        print(f"a wait of {WAIT_SECONDS} s: {waited:.2f} s, of 0.5 to 1 s: {tried_again:.2f} s")
        assert gap <= 2 * POLL_SECONDS + NOISE_SECONDS
        assert WAIT_SECONDS <= waited <= WAIT_SECONDS + PATIENCE_SECONDS
        assert retry.FIRST_WAIT / 2 <= tried_again <= retry.FIRST_WAIT + PATIENCE_SECONDS
        assert lines_on(shop) == [0, 1, 2]
        assert shop.heard() == ["<reply 1>", "<reply 2>"]


@jumps
async def test_a_clock_that_is_set_while_no_daemon_runs_stalls_hurries_loses_and_doubles_nothing(
    tmp_path: Path, by: timedelta
) -> None:
    async with watched(tmp_path) as shop:
        await talk(shop, 0)
        asked_at = await fails(shop, 1, retry_after=WAIT_SECONDS)
        await shop.stop()
        with clock_set(by):
            started_at = time.monotonic()
            await shop.start()
            polled_after = min(at for at in shop.chat.polls if at > started_at) - started_at
            waited = await seconds_until_next(shop.helpdesk.faults, asked_at, shop.helpdesk.polls)
            await talk(shop, 2)
        print(f"\npolled {polled_after:.2f} s after the start; a wait of {WAIT_SECONDS} s: {waited:.2f} s")
        assert polled_after <= POLL_SECONDS + NOISE_SECONDS
        assert WAIT_SECONDS <= waited <= WAIT_SECONDS + PATIENCE_SECONDS
        assert lines_on(shop) == [0, 1, 2]
        assert shop.heard() == ["<reply 2>"]


async def test_the_control_apschedulers_own_interval_stalls_when_the_clock_is_set_back() -> None:
    polls, scheduler = Polls(), AsyncIOScheduler(timezone="UTC")

    async def poll() -> None:
        polls.append(time.monotonic())

    scheduler.add_job(poll, IntervalTrigger(seconds=POLL_SECONDS))
    scheduler.start()
    await until(lambda: len(polls) > 1)
    with clock_set(timedelta(hours=-1)):
        await asyncio.sleep(2 * POLL_SECONDS + 2 * NOISE_SECONDS)
        gap = polls.longest_gap()
    scheduler.shutdown()
    print(f"\nits longest gap: {gap:.2f} s and no end to be seen")
    assert gap > 2 * POLL_SECONDS + NOISE_SECONDS
