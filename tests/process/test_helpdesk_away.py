"""A helpdesk that is away: nobody who sends webhooks notices, and what has waited goes out in order."""

from __future__ import annotations

import time

import pytest

from tests.bench.backlog import wait_for_lines
from tests.bench.figures import load
from tests.bench.programs import daemon, helpdesk

pytestmark = pytest.mark.alone

ASKED_MS = 50.0
MOST_GROWTH_MB = 10.0
NOISE = 10
"""Other programs share the machine on which this runs; `make bench` measures by itself."""


def test_webhooks_are_answered_at_once_while_the_helpdesk_is_away_and_the_backlog_drains_in_order() -> None:
    with helpdesk() as desk, daemon(desk.base) as measured:
        desk.put("/away")
        time.sleep(1)
        warm = load(measured, 10, 200)
        memory = measured.resident_bytes
        found = load(measured, 10)
        growth = (measured.resident_bytes - memory) / 1e6
        refused = desk.get("/calls")["refused"]
        desk.put("/back")
        began = time.monotonic()
        lines = wait_for_lines(desk, int(warm["count"] + found["count"]))
        drained = time.monotonic() - began
    print(
        f"\n{found['count']} webhooks over 10 connections, p99 {found['p99']:.1f} ms, memory {growth:+.1f} MB,"
        f" {refused} calls while away; {len(lines)} conversations drained in {drained:.0f} s"
    )
    assert found["refused"] == 0
    assert found["p99"] < ASKED_MS * NOISE
    numbers = [number for conversation in lines.values() for number in conversation]
    assert len(numbers) == len(set(numbers))
    assert [conversation for conversation in lines.values() if conversation != sorted(conversation)] == []
    assert refused < 20
    assert growth < MOST_GROWTH_MB


def test_the_control_lines_that_nobody_said_do_not_come() -> None:
    with helpdesk() as desk, daemon(desk.base) as measured:
        found = load(measured, 10, 100)
        with pytest.raises(TimeoutError):
            wait_for_lines(desk, int(found["count"]) + 100, seconds=3)
