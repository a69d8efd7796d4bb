"""Restarts by systemd, whose socket takes the connections meanwhile."""

from __future__ import annotations

import os
import time

import pytest

from tests.booted.service import URL, Service
from tests.process.knocking import knock

pytestmark = [pytest.mark.torture, pytest.mark.alone]

LIFE_SECONDS = 1.0
RESTARTS = int(os.environ.get("SYNCD_RESTARTS", "100"))


async def test_no_connection_is_refused_reset_or_left_without_an_answer(service: Service) -> None:
    took: list[float] = []

    def restart() -> None:
        took.append(service.ctl("restart"))
        # One that is stopped as soon as it is ready answers fewer than come meanwhile, and they wait in vain.
        time.sleep(LIFE_SECONDS)

    with service.machine.network():
        counts = await knock(URL, restart, RESTARTS)
    print(f"\n{len(took)} restarts of {sum(took) / len(took):.2f} s, {counts.total()} connections: {dict(counts)}")
    assert set(counts) == {"answered"}


async def test_the_control_where_the_socket_is_restarted_too_connections_are_refused(service: Service) -> None:
    def restart() -> None:
        service.machine.run("systemctl", "stop", "syncd.socket", "syncd.service")
        service.machine.run("systemctl", "start", "syncd.service")

    with service.machine.network():
        counts = await knock(URL, restart, 2)
    assert counts["refused"] > 0
