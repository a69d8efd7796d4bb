"""What ops do by hand, on a daemon that runs and on one that does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.live.conftest import Shop
from tests.live.request_tracker.server import RequestTrackerServer
from tests.process.programs import ChatProcess, DaemonProcess, until

pytestmark = pytest.mark.live


@pytest.fixture
def shop(request_tracker: RequestTrackerServer, tmp_path: Path) -> Iterator[Shop]:
    bridge = {**request_tracker.bridge, "BRIDGE_DOUBT_MINUTES": "0.02"}
    chat = ChatProcess(tmp_path, "http://127.0.0.1:9/", rate=600)
    with chat, DaemonProcess(tmp_path, {**chat.bridge, **bridge}) as daemon:
        chat.ask("POST", "/webhooks", urls=[daemon.hook])
        until(lambda: httpx.get(f"{daemon.url}/readyz").is_success)
        yield Shop(chat, request_tracker, daemon)


def parked(shop: Shop) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(shop.daemon.command("failed", "list", "--json").stdout)
    return found


def lose_a_reply(shop: Shop, visitor: str, text: str) -> str:
    """Let a reply be cut off on its way to the chat; give its delivery once it is parked."""
    shop.meet(visitor)
    shop.says(visitor, "hello")
    ticket = shop.ticket(visitor)
    shop.chat.ask("POST", "/faults", kind="cut_before")
    shop.desk.reply(ticket, text)
    until(lambda: parked(shop))
    return parked(shop)[0]["key"]


@pytest.mark.parametrize("runs", [True, False])
def test_a_parked_reply_is_noted_listed_shown_retried_and_traced(shop: Shop, *, runs: bool) -> None:
    visitor = f"kai-{runs}".lower()
    key = lose_a_reply(shop, visitor, "lost on its way")
    until(lambda: "did not reach the visitor" in shop.shown(visitor))
    assert shop.shown(visitor).count("did not reach the visitor") == 1
    assert shop.daemon.log.read_text().count("is parked") == 1
    assert 'syncd_deliveries_parked{bridge="default",end="chat"} 1.0' in httpx.get(f"{shop.daemon.url}/metrics").text
    assert shop.daemon.command("failed", "list").returncode == 1
    assert "lost on its way" not in shop.daemon.command("failed", "list").stdout
    assert "lost on its way" in shop.daemon.command("failed", "show", key).stdout
    if not runs:
        assert shop.daemon.end() == 0
    assert shop.daemon.command("failed", "retry", key).stdout == "1 retried\n"
    if not runs:
        shop.daemon.start()
    until(lambda: shop.replies(visitor) == ["lost on its way"])
    assert shop.daemon.command("failed", "list").returncode == 0
    told = shop.daemon.command("trace", visitor)
    assert told.returncode == 0
    for step in ("came in from the chat", "open_ticket", "post_message", "entered as ours in the chat"):
        assert step in told.stdout
    assert "lost on its way" not in told.stdout
    assert shop.daemon.command("trace", "nobody-knows-this").returncode == 1


def test_a_dropped_reply_is_gone_for_good_and_says_by_whom(shop: Shop) -> None:
    lose_a_reply(shop, "lena", "no longer true")
    assert shop.daemon.command("failed", "drop", "--all").stdout == "1 dropped\n"
    assert parked(shop) == []
    (row,) = shop.daemon.rows("SELECT reason FROM outbox WHERE state = 'dropped'")
    assert row[0].startswith("dropped by ")
    assert shop.replies("lena") == []


def test_a_paused_bridge_takes_everything_and_delivers_it_in_order_when_it_is_resumed(shop: Shop) -> None:
    shop.meet("mona")
    shop.says("mona", "before")
    until(lambda: "before" in shop.shown("mona"))
    assert "is paused" in shop.daemon.command("pause").stdout
    for number in range(3):
        shop.says("mona", f"meanwhile {number}")
    until(lambda: shop.daemon.rows("SELECT count(*) FROM outbox WHERE state = 'waiting'")[0][0] == 3)
    assert "paused, delivers nothing" in shop.daemon.command("status").stdout
    assert "meanwhile" not in shop.shown("mona")
    assert "delivers again" in shop.daemon.command("resume").stdout
    until(lambda: "meanwhile 2" in shop.shown("mona"))
    shown = shop.shown("mona")
    places = [shown.index(f"meanwhile {number}") for number in range(3)]
    assert places == sorted(places)
    assert shop.daemon.command("pause", "--bridge", "nobody").returncode == 2


def test_a_replay_of_everything_changes_nothing(shop: Shop) -> None:
    shop.meet("nina")
    shop.says("nina", "only once")
    until(lambda: "only once" in shop.shown("nina"))
    shop.desk.reply(shop.ticket("nina"), "and back")
    until(lambda: shop.replies("nina") == ["and back"])
    before = shop.daemon.rows("SELECT count(*) FROM outbox")
    assert "planned again" in shop.daemon.command("replay", "1", "1000").stdout
    until(lambda: shop.daemon.rows("SELECT count(*) FROM inbox WHERE state = 'new'") == [(0,)])
    assert shop.daemon.rows("SELECT count(*) FROM outbox") == before
    assert shop.shown("nina").count("only once") == 1
    assert shop.replies("nina") == ["and back"]
