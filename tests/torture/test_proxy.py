"""Each fault of the proxy is what its name says, for the caller and for the helpdesk."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.torture.proxy import FaultyProxy
from tests.torture.stand_in import StandInDesk

OPENING = {
    "CustomFields": {"ExternalId": "k"},
    "Requestor": "a@example.com",
    "Content": "<anna says 00001>",
    "ContentType": "text/plain",
}
FAULTS = {
    "reset before": ("ReadError", 0),
    "reset after": ("ReadError", 1),
    "no answer": ("ReadError", 1),
    "429": ("429", 0),
    "500 before": ("500", 0),
    "500 after": ("500", 1),
    "502 before": ("502", 0),
    "garbage after": ("200", 1),
}


def post(url: str) -> str:
    try:
        return str(httpx.post(f"{url}/REST/2.0/ticket", json=OPENING, timeout=10).status_code)
    except httpx.TransportError as failure:
        return type(failure).__name__


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_shows_the_caller_one_thing_and_the_helpdesk_another(kind: str) -> None:
    seen, taken = FAULTS[kind]
    with StandInDesk() as desk, FaultyProxy(desk.url, 1.0, 1, (kind,)) as proxy:
        assert post(proxy.url) == seen
        assert len(desk.tickets()) == taken
        assert proxy.counts == {kind: 1}


def test_a_connection_is_kept_for_the_next_call_and_one_closed_behind_an_answer_is_not() -> None:
    with StandInDesk() as desk, FaultyProxy(desk.url, 0.0, 1, ("closed behind",)) as proxy, httpx.Client() as client:
        first = client.get(f"{proxy.url}/REST/2.0/user/x").extensions["network_stream"]
        proxy.probability = 1.0
        second = client.get(f"{proxy.url}/REST/2.0/user/x").extensions["network_stream"]
        time.sleep(0.2)
        third = client.get(f"{proxy.url}/REST/2.0/user/x").extensions["network_stream"]
    assert first is second
    assert second is not third


def test_for_a_moment_nobody_listens() -> None:
    with StandInDesk() as desk, FaultyProxy(desk.url, 1.0, 1, ("refused",)) as proxy:
        assert post(proxy.url) == "ReadError"
        proxy.probability = 0.0
        assert post(proxy.url) == "ConnectError"
        time.sleep(1)
        assert post(proxy.url) == "201"


def test_without_faults_every_call_gets_through() -> None:
    with StandInDesk() as desk, FaultyProxy(desk.url, 0.0, 1) as proxy:
        assert [post(proxy.url) for _ in range(5)] == ["201"] * 5
        assert proxy.counts.total() == 0
