"""Restarts by systemd, whose socket takes the connections meanwhile."""

from __future__ import annotations

import os

import pytest

from tests.booted.service import URL, Service
from tests.process.knocking import knock

pytestmark = [pytest.mark.torture, pytest.mark.alone]

RESTARTS = int(os.environ.get("SYNCD_RESTARTS", "100"))


async def test_no_connection_is_refused_reset_or_left_without_an_answer(service: Service) -> None:
    took: list[float] = []
    with service.machine.network():
        counts = await knock(URL, lambda: took.append(service.ctl("restart")), RESTARTS)
    print(f"\n{len(took)} restarts of {sum(took) / len(took):.2f} s, {counts.total()} connections: {dict(counts)}")
    assert set(counts) == {"answered"}


async def test_the_control_where_the_socket_is_restarted_too_connections_are_refused(service: Service) -> None:
    def restart() -> None:
        service.machine.run("systemctl", "stop", "syncd.socket", "syncd.service")
        service.machine.run("systemctl", "start", "syncd.service")

    with service.machine.network():
        counts = await knock(URL, restart, 2)
    assert counts["refused"] > 0
