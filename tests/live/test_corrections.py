"""An agent corrects who the visitor is in a real Request Tracker, and Chatra's stand-in has it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from syncd.contract.model import Contact
from tests.live.conftest import Shop
from tests.live.request_tracker.server import RequestTrackerServer
from tests.process.programs import ChatProcess, DaemonProcess, until

pytestmark = pytest.mark.live

CHOSEN = {"BRIDGE_CONTACT": "name=both email=to-chat phone=none"}
POLLS_SECONDS = 3.0


@pytest.fixture(scope="module")
def shop(request_tracker: RequestTrackerServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("corrections")
    chat = ChatProcess(folder, "http://127.0.0.1:9/", rate=600)
    with chat, DaemonProcess(folder, {**chat.bridge, **request_tracker.bridge, **CHOSEN}) as daemon:
        chat.ask("POST", "/webhooks", urls=[daemon.hook])
        until(lambda: httpx.get(f"{daemon.url}/readyz").is_success)
        yield Shop(chat, request_tracker, daemon)


def info(shop: Shop, visitor: str) -> dict[str, Any]:
    """Give what agents in the chat see of a visitor."""
    found: dict[str, Any] = shop.chat.ask("PUT", f"/visitors/{visitor}")["basicInfo"]
    return found


def puts(shop: Shop, visitor: str) -> int:
    calls = shop.chat.ask("GET", "/calls")
    return sum(call["method"] == "PUT" and call["path"].endswith(f"/clients/{visitor}") for call in calls)


def test_a_corrected_name_is_one_update_and_comes_to_rest(shop: Shop) -> None:
    shop.meet("nina", basicInfo={"name": "Nnia", "email": "nina@example.com", "notes": "Loves skinny jeans"})
    shop.says("nina", "hello")
    ticket = shop.ticket("nina")
    shop.desk.correct(ticket, Contact("Nina Ødegård"))
    until(lambda: info(shop, "nina").get("name") == "Nina Ødegård")
    shop.says("nina", "how did you know?")
    until(lambda: "how did you know" in shop.shown("nina"))
    shop.desk.reply(ticket, "You told us")
    until(lambda: shop.replies("nina") == ["You told us"])
    time.sleep(POLLS_SECONDS)
    assert puts(shop, "nina") == 1
    assert info(shop, "nina") == {
        "name": "Nina Ødegård",
        "email": "nina@example.com",
        "notes": "Loves skinny jeans",
    }
    (requester,) = shop.desk.requesters(ticket)
    assert (requester["RealName"], requester["EmailAddress"]) == ("Nina Ødegård", "nina@example.com")
    assert "Nina" not in shop.daemon.log.read_text()


def test_what_the_chat_has_already_and_what_was_not_chosen_are_no_updates(shop: Shop) -> None:
    shop.meet("omar", basicInfo={"name": "Omar", "email": "omar@example.com"})
    shop.says("omar", "hello")
    ticket = shop.ticket("omar")
    shop.meet("omar", basicInfo={"name": "Omar Sy", "email": "omar@example.com"})
    shop.says("omar", "that is my whole name")
    until(lambda: "whole name" in shop.shown("omar"))
    shop.desk.correct(ticket, Contact("Omar Sy", phone="+1 555"))
    until(lambda: shop.daemon.rows("SELECT 1 FROM contact WHERE field = 'name' AND helpdesk = 'Omar Sy'"))
    assert puts(shop, "omar") == 0
    shop.desk.correct(ticket, Contact(email=""))
    until(lambda: info(shop, "omar") == {"name": "Omar Sy"})
    assert puts(shop, "omar") == 1


def test_an_update_that_fails_holds_up_no_reply_and_one_that_was_cut_off_is_made_again(shop: Shop) -> None:
    shop.meet("pia", basicInfo={"name": "Pai", "email": "pia@example.com"})
    shop.says("pia", "hello")
    ticket = shop.ticket("pia")
    shop.chat.ask("POST", "/faults", kind="cut_after", method="PUT", times=1)
    shop.chat.ask("POST", "/faults", kind="cut_before", method="PUT", times=1)
    shop.desk.correct(ticket, Contact("Pia"))
    until(lambda: puts(shop, "pia"))
    shop.desk.reply(ticket, "not held up")
    until(lambda: shop.replies("pia") == ["not held up"])
    until(lambda: puts(shop, "pia") == 3 and info(shop, "pia")["name"] == "Pia")
    until(lambda: shop.daemon.rows("SELECT 1 FROM outbox WHERE kind = 'update_visitor' AND state = 'in_doubt'") == [])
