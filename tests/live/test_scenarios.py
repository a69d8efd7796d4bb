"""What an agent sees in Request Tracker and a visitor in the chat, one story each."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.live.conftest import Shop, opened
from tests.live.request_tracker.server import RequestTrackerServer
from tests.process.programs import until

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def shop(request_tracker: RequestTrackerServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened(tmp_path_factory.mktemp("scenarios"), request_tracker) as made:
        yield made


def test_a_ticket_that_is_deleted_gets_a_successor_with_the_next_line_and_replies_on_both_arrive(shop: Shop) -> None:
    shop.meet("della")
    shop.says("della", "first")
    deleted = shop.ticket("della")
    until(lambda: "Page" in shop.shown("della"))
    shop.desk.change(deleted, Status="deleted")
    until(lambda: shop.daemon.rows("SELECT 1 FROM outbox WHERE kind = 'open_ticket' AND state = 'held'"))
    for text in ("second", "third"):
        shop.says("della", text)
    until(lambda: shop.ticket("della") != deleted and "third" in shop.shown("della"))
    assert "second" in shop.shown("della")
    assert [line.text for line in shop.desk.history(deleted) if re.search("second|third", line.text)] == []
    for ticket in (deleted, shop.ticket("della")):
        shop.desk.reply(ticket, f"on {ticket}")
    until(lambda: len(shop.replies("della")) == 2)


def test_a_visitor_is_the_requester_with_what_the_chat_knows_in_a_note(shop: Shop) -> None:
    shop.meet("dora", basicInfo={"name": "Dora", "email": "dora@example.com"}, country="Ireland", city="Cork")
    shop.says("dora", "Do you ship to Cork? 🚚")
    until(lambda: "Page" in shop.shown("dora"))
    (requester,) = shop.desk.requesters(shop.ticket("dora"))
    assert (requester["RealName"], requester["EmailAddress"]) == ("Dora", "dora@example.com")
    text = shop.shown("dora")
    assert re.search(r"Dora \(visitor\) · \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\nDo you ship to Cork\? 🚚", text)
    for fact in ("Place: Cork, Ireland", "Browser: ", "Chat: https://app.chatra.io/chat/", "Page: Example shop"):
        assert fact in text


def test_a_visitor_without_an_address_is_a_requester_too(shop: Shop) -> None:
    shop.meet("emil", basicInfo={"name": "Emil"})
    shop.says("emil", "hello")
    (requester,) = shop.desk.requesters(shop.ticket("emil"))
    assert requester["RealName"] == "Emil"


def test_a_reply_is_in_the_chat_as_clean_text_under_the_agents_name_and_a_note_is_not(shop: Shop) -> None:
    shop.meet("fina")
    shop.says("fina", "hello")
    ticket = shop.ticket("fina")
    shop.desk.note(ticket, "PRIVATE thoughts")
    shop.desk.reply(
        ticket, "<p>Two days, see <a href='https://shop.example/s'>here</a>&nbsp;&amp; there.</p>", html=True
    )
    until(lambda: shop.replies("fina"))
    time.sleep(2.5)
    assert shop.replies("fina") == ["Two days, see here (https://shop.example/s) & there."]
    (agent,) = [a for a in shop.chat.ask("GET", "/agents") if a["email"] == "agent1@rt.test"]
    assert agent["name"] == "Agent One"


def test_a_long_reply_comes_in_parts_in_order(shop: Shop) -> None:
    shop.meet("olga")
    shop.says("olga", "tell me everything")
    words = "\n\n".join(f"Chapter {number:02}. " + "word " * 150 for number in range(16))
    shop.desk.reply(shop.ticket("olga"), words)
    until(lambda: len(shop.replies("olga")) == 3)
    assert max(map(len, shop.replies("olga"))) <= 5000
    assert re.findall(r"Chapter (\d\d)", "".join(shop.replies("olga"))) == [f"{number:02}" for number in range(16)]


def test_a_line_typed_in_the_chat_by_an_agent_is_on_the_ticket_and_nobody_is_mailed(shop: Shop) -> None:
    shop.meet("gunda", basicInfo={"name": "Gunda", "email": "gunda@example.com"})
    shop.says("gunda", "hello")
    shop.chat.ask("POST", "/chats/gunda/agent-says", text="I answer right here")
    until(lambda: "I answer right here" in shop.shown("gunda"))
    assert "(agent, in the chat)" in shop.shown("gunda")
    assert shop.shown("gunda").count("I answer right here") == 1
    assert shop.desk.mails_to("gunda@example.com") == []
    assert shop.replies("gunda") == ["I answer right here"]


def test_automatic_messages_alone_open_no_ticket_and_come_along_once(shop: Shop) -> None:
    shop.meet("hugo", basicInfo={"name": "Hugo"})
    shop.chat.ask("POST", "/chats/hugo/trigger", text="Can we help you?")
    time.sleep(1)
    assert shop.daemon.rows("SELECT 1 FROM link WHERE conversation = 'hugo' AND ticket IS NOT NULL") == []
    shop.says("hugo", "Yes, please")
    until(lambda: "Yes, please" in shop.shown("hugo"))
    shop.says("hugo", "Still there?")
    until(lambda: "Still there?" in shop.shown("hugo"))
    assert shop.shown("hugo").count("Can we help you?") == 1
    assert shop.shown("hugo").index("Can we help you?") < shop.shown("hugo").index("Still there?")
    assert shop.shown("hugo").count("Yes, please") == 1


def test_a_transcript_repairs_what_fragments_lost_and_the_drift_is_counted(shop: Shop) -> None:
    shop.meet("ida")
    shop.says("ida", "line 0")
    shop.ticket("ida")
    before = drift(shop)
    for number in range(1, 6):
        if number in {2, 4}:
            shop.chat.ask("POST", "/faults", kind="lost")
        shop.says("ida", f"line {number}")
        shop.chat.ask("POST", "/webhooks/settled")
    shop.chat.ask("POST", "/chats/ida/end")
    until(lambda: all(f"line {number}" in shop.shown("ida") for number in range(6)))
    assert [shop.shown("ida").count(f"line {number}") for number in range(6)] == [1] * 6
    assert drift(shop) - before == 2


def drift(shop: Shop) -> float:
    found = re.search(r'syncd_drift_total\{bridge="default"\} (\S+)', httpx.get(f"{shop.daemon.url}/metrics").text)
    return float(found[1]) if found else 0.0


def test_a_line_is_on_the_ticket_and_a_reply_in_the_chat_within_about_a_second(shop: Shop) -> None:
    shop.meet("jana")
    shop.says("jana", "first")
    ticket = shop.ticket("jana")
    began = time.monotonic()
    shop.says("jana", "how long does this take?")
    until(lambda: "how long" in shop.shown("jana"))
    there = time.monotonic() - began
    began = time.monotonic()
    shop.desk.reply(ticket, "not long")
    until(lambda: "not long" in shop.replies("jana"))
    back = time.monotonic() - began
    print(f"\n{there:.2f} s to the ticket, {back:.2f} s to the chat")
    assert max(there, back) < 5


def test_a_merged_ticket_is_followed_both_ways(shop: Shop) -> None:
    shop.meet("kira")
    shop.says("kira", "one")
    loser = shop.ticket("kira")
    body = {"Queue": "Support", "Subject": "by mail", "Content": "the same thing", "ContentType": "text/plain"}
    winner = str(shop.desk.ask("POST", "ticket", body).json()["id"])
    shop.desk.change(loser, MergeInto=winner)
    shop.desk.reply(winner, "both in one")
    until(lambda: shop.replies("kira") == ["both in one"])
    shop.says("kira", "two")
    until(lambda: any("two" in line.text for line in shop.desk.history(winner)))
    assert shop.ticket("kira") == winner
