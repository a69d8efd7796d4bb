"""A daemon that hangs or has lost a part of itself is serving again soon after systemd's watchdog has had its time."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import httpx
import pytest

from tests.process.brittle_desk import done, install
from tests.process.programs import nobody_there
from tests.process.systemd import Systemd, WatchedDaemon

pytestmark = pytest.mark.alone

WATCHDOG_SECONDS = 2.0
GOAL_SECONDS = WATCHDOG_SECONDS + 1.0
NOISE_SECONDS = 5.0
"""What a machine that does other things besides may need more than the goal says."""


def watched(folder: Path) -> WatchedDaemon:
    return WatchedDaemon(folder, {**nobody_there(), **install(folder / "elsewhere")}, WATCHDOG_SECONDS)


def commit(daemon: WatchedDaemon, fault: str) -> float:
    """Let the daemon commit a fault; give when it did."""
    order = Path(daemon.environment["BRITTLE_ORDERS"]) / fault
    order.touch()
    while not done(order).exists():
        time.sleep(0.002)
    return time.monotonic()


def is_serving(daemon: WatchedDaemon, client: httpx.Client) -> bool:
    try:
        answer = client.post(daemon.hook, json={"eventName": "x"})
        return answer.status_code == 200 and client.get(f"{daemon.url}/metrics").is_success
    except httpx.TransportError:
        return False


def seconds_until_serving(daemon: WatchedDaemon, since: float, patience: float) -> float | None:
    """Give how long after a moment the daemon serves; None where it does not in time."""
    time.sleep(0.3)
    with httpx.Client(timeout=1.0, limits=httpx.Limits(max_keepalive_connections=0)) as client:
        while not is_serving(daemon, client):
            if time.monotonic() - since > patience:
                return None
            time.sleep(0.01)
    return time.monotonic() - since


@pytest.mark.parametrize(("fault", "end"), [("hung loop", -signal.SIGABRT), ("dead writer", 1), ("dead reader", 1)])
def test_it_serves_again_within_the_watchdogs_time_and_a_second(tmp_path: Path, fault: str, end: int) -> None:
    daemon = watched(tmp_path)
    with Systemd(daemon, WATCHDOG_SECONDS) as systemd:
        took = seconds_until_serving(daemon, commit(daemon, fault), 2 * GOAL_SECONDS + NOISE_SECONDS)
        assert took is not None
        print(f"\n{fault}: serving again after {took:.1f} s (goal {GOAL_SECONDS:.0f} s)")
        assert took <= GOAL_SECONDS + NOISE_SECONDS
        assert systemd.ends == [end]
    if end == 1:
        assert daemon.log.read_text().count("CRITICAL") == 1


def test_the_control_where_nobody_enforces_the_watchdog_a_hung_daemon_stays_away(tmp_path: Path) -> None:
    daemon = watched(tmp_path)
    with Systemd(daemon, WATCHDOG_SECONDS, enforced=False) as systemd:
        assert seconds_until_serving(daemon, commit(daemon, "hung loop"), GOAL_SECONDS + 0.5) is None
        assert systemd.ends == []
