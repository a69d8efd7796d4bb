"""Replies that an administrator of Request Tracker changed, automatic ones, and those of nobody's, up to the chat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.live.conftest import Shop
from tests.live.request_tracker.server import RequestTrackerServer
from tests.process.programs import ChatProcess, DaemonProcess, until

pytestmark = pytest.mark.live
SCRIP = "my $t = $self->TicketObj; $t->Priority == 88 or return 1; $t->Correspond(Content => 'It is on its way.'); 1;"


@pytest.fixture(scope="module")
def shop(request_tracker: RequestTrackerServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("edits")
    chat = ChatProcess(folder, "http://127.0.0.1:9/", rate=600)
    bridge = {**chat.bridge, **request_tracker.bridge, "BRIDGE_NOTICES": "pushed"}
    with chat, DaemonProcess(folder, bridge) as daemon:
        chat.ask("POST", "/webhooks", urls=[daemon.hook])
        until(lambda: httpx.get(f"{daemon.url}/readyz").is_success)
        yield Shop(chat, request_tracker, daemon)


def begin(shop: Shop, visitor: str, **facts: Any) -> str:
    shop.meet(visitor, **facts)
    shop.says(visitor, "hello")
    return shop.ticket(visitor)


def calls(shop: Shop, method: str, place: str = "") -> list[dict[str, Any]]:
    """Give the calls of a method that came in since the last look."""
    found = shop.chat.ask("GET", "/calls")
    return [call for call in found if call["method"] == method and f"/{place}" in call["path"]]


def test_a_reply_that_was_rewritten_is_put_and_one_that_was_emptied_is_deleted_in_the_chat(shop: Shop) -> None:
    ticket = begin(shop, "edda")
    shop.desk.reply(ticket, "your password is hunter1")
    shop.desk.reply(ticket, "SECRET")
    until(lambda: len(shop.replies("edda")) == 2)
    ids = [message["id"] for message in shop.chat.ask("GET", "/chats/edda/messages") if message["type"] == "agent"]
    shop.desk.rewrite(ticket, "hunter1", "in your mail")
    until(lambda: shop.replies("edda")[0] == "your password is in your mail")
    shop.desk.rewrite(ticket, "SECRET", " ")
    until(lambda: shop.replies("edda") == ["your password is in your mail"])
    assert [call["path"] for call in calls(shop, "PUT")] == [f"/api/messages/{ids[0]}"]
    assert [call["path"] for call in calls(shop, "DELETE")] == [f"/api/messages/{ids[1]}"]
    shop.chat.ask("POST", "/chats/edda/end")
    until(lambda: "The chat ended" in shop.shown("edda"))
    assert shop.shown("edda").count("in your mail") == 1


def test_calls_of_changes_that_fail_or_are_cut_off_are_made_again_until_they_are_done(shop: Shop) -> None:
    ticket = begin(shop, "egon")
    shop.desk.reply(ticket, "hunter2")
    until(lambda: shop.replies("egon"))
    for kind in ("cut_after", "garbage"):
        shop.chat.ask("POST", "/faults", kind=kind)
    shop.desk.rewrite(ticket, "hunter2", "in your mail")
    shop.desk.reply(ticket, "anything else?")
    until(lambda: shop.replies("egon") == ["in your mail", "anything else?"], 60)
    assert shop.daemon.rows("SELECT count(*) FROM outbox WHERE state IN ('parked', 'in_doubt')") == [(0,)]


def test_what_a_scrip_says_is_pushed_and_what_an_agent_says_is_not(shop: Shop) -> None:
    shop.desk.automate("On Priority Change", SCRIP)
    ticket = begin(shop, "ines")
    before = len(calls(shop, "POST", "messages/"))
    shop.desk.change(ticket, Priority="88")
    until(lambda: shop.replies("ines") == ["It is on its way."])
    shop.desk.reply(ticket, "it really is")
    until(lambda: len(shop.replies("ines")) == 2)
    assert len(calls(shop, "POST", "pushedMessages/")) == 1
    assert len(calls(shop, "POST", "messages/")) - before == 1
    marks = [(one.get("isPushed"), one.get("receivedFrom")) for one in shop.chat.ask("GET", "/chats/ines/messages")]
    assert marks[1:] == [(True, None), (None, "syncd-default")]
    shop.says("ines", "thank you so much")
    until(lambda: "thank you so much" in shop.shown("ines"))
    assert shop.shown("ines").count("It is on its way.") == 1
    shop.desk.rewrite(ticket, "on its way", "there")
    until(lambda: shop.replies("ines")[0] == "It is there.")
    assert len(calls(shop, "PUT", "pushedMessages/")) == 1


def test_strangers_mails_leave_one_note_on_the_ticket_and_the_visitors_own_leave_none(shop: Shop) -> None:
    ticket = begin(shop, "olga", basicInfo={"name": "Olga", "email": "olga@example.com"})
    subject = f"Re: [rt.test #{ticket}] Chat"
    shop.desk.mail_in("olga@example.com", subject, "it is me, Olga")
    shop.desk.reply(ticket, "hello Olga")
    until(lambda: shop.replies("olga") == ["hello Olga"])
    assert "did not go into the chat" not in shop.shown("olga")
    for number in range(3):
        shop.desk.mail_in("Otto <otto@example.net>", subject, f"I am Otto {number}")
    shop.desk.reply(ticket, "hello Otto")
    until(lambda: shop.replies("olga") == ["hello Olga", "hello Otto"])
    until(lambda: "did not go into the chat" in shop.shown("olga"))
    shown = shop.shown("olga")
    assert shown.count("did not go into the chat") == 1
    assert "What Otto wrote" in shown or "What otto@example.net wrote" in shown
