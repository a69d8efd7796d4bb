"""Bursts, ends of chats and what nobody saw: Chatra's stand-in, a real Request Tracker and the settings of ops."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.conftest import Shop, opened
from tests.live.request_tracker.server import RequestTrackerServer
from tests.process.programs import until

pytestmark = pytest.mark.live

CHOSEN = {"BRIDGE_DEBOUNCE_SECONDS": "4", "BRIDGE_CHAT_END": "note+solve", "BRIDGE_MISSED_PRIORITY": "70"}


@pytest.fixture(scope="module")
def shop(request_tracker: RequestTrackerServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened(tmp_path_factory.mktemp("ends"), request_tracker, **CHOSEN) as made:
        yield made


def ids(shop: Shop, visitor: str) -> list[str]:
    return [message["id"] for message in shop.messages(visitor)]


def test_a_burst_is_one_comment_with_the_time_of_each_line_and_a_reply_does_not_wait_for_it(shop: Shop) -> None:
    shop.meet("bea")
    shop.says("bea", "hello")
    until(lambda: "hello" in shop.shown("bea"))
    for number in range(5):
        shop.says("bea", f"line {number}")
    shop.desk.reply(shop.ticket("bea"), "at once")
    until(lambda: "line 4" in shop.shown("bea"))
    (burst,) = [text for text in shop.desk.comments(shop.ticket("bea")) if "line" in text]
    assert re.findall(r"line (\d)", burst) == [*"01234"]
    assert len(re.findall(r"\d\d:\d\d:\d\d UTC\nline", burst)) == 5
    until(lambda: shop.replies("bea") == ["at once"])


def test_a_chat_that_was_answered_is_noted_and_solved_and_the_next_line_reopens_it(shop: Shop) -> None:
    shop.meet("sol")
    shop.says("sol", "hello")
    ticket = shop.ticket("sol")
    shop.desk.reply(ticket, "here you are")
    until(lambda: shop.replies("sol"))
    shop.says("sol", "Thank you! 🙏")
    shop.ends("sol")
    until(lambda: shop.desk.ticket(ticket)["Status"] == "resolved")
    until(shop.is_quiet)
    assert shop.shown("sol").count("The chat ended") == 1
    assert "Thank you" in shop.shown("sol")
    shop.says("sol", "it fails again")
    until(lambda: shop.desk.ticket(ticket)["Status"] == "open" and "fails again" in shop.shown("sol"))


def test_an_answer_that_the_visitor_did_not_see_is_one_note_and_solves_nothing(shop: Shop) -> None:
    shop.meet("lea")
    shop.says("lea", "anybody there?")
    ticket = shop.ticket("lea")
    shop.desk.reply(ticket, "a bit late")
    until(lambda: shop.replies("lea"))
    until(shop.is_quiet)
    shop.ends("lea", ids(shop, "lea")[-1])
    until(lambda: "The visitor left before this answer" in shop.shown("lea"))
    until(shop.is_quiet)
    (note,) = [text for text in shop.desk.comments(ticket) if "left before" in text]
    assert note.endswith("a bit late")
    assert "still waits for an answer" in shop.shown("lea")
    assert shop.desk.ticket(ticket)["Status"] == "open"


def test_lines_that_nobody_saw_are_one_note_and_a_priority(shop: Shop) -> None:
    shop.meet("kim")
    shop.says("kim", "anybody there?")
    shop.says("kim", "hello?")
    ticket = shop.ticket("kim")
    until(shop.is_quiet)
    shop.ends("kim", *ids(shop, "kim"))
    until(lambda: shop.desk.ticket(ticket)["Priority"] == "70")
    until(shop.is_quiet)
    assert shop.shown("kim").count("2 of the visitor's messages were seen by nobody") == 1
    assert shop.desk.values(ticket, "Tags") == ["missed"]
    assert shop.desk.ticket(ticket)["Status"] == "new"


def test_a_follow_up_and_the_ticket_that_it_goes_on_with_are_linked(shop: Shop) -> None:
    shop.meet("max")
    shop.says("max", "hello")
    former = shop.ticket("max")
    until(shop.is_quiet)
    shop.desk.change(former, Status="rejected")
    until(lambda: shop.daemon.rows("SELECT 1 FROM talk WHERE status = 'closed'"))
    shop.says("max", "another matter")
    until(lambda: shop.ticket("max") != former)
    assert shop.desk.links(shop.ticket("max")) == {("refers-to", former)}
    assert shop.desk.links(former) == {("referred-to-by", shop.ticket("max"))}


def test_a_solved_ticket_that_the_account_may_not_reopen_is_followed_up(
    request_tracker: RequestTrackerServer, tmp_path: Path
) -> None:
    with opened(tmp_path, request_tracker, RT_QUEUE="Plain") as plain:
        plain.meet("ulf")
        plain.says("ulf", "hello")
        former = plain.ticket("ulf")
        until(plain.is_quiet)
        time.sleep(1.1)  # the helpdesk's times are whole seconds
        plain.desk.change(former, Status="resolved")
        until(lambda: plain.daemon.rows("SELECT 1 FROM talk WHERE status = 'solved'"))
        plain.says("ulf", "it fails again")
        until(lambda: plain.ticket("ulf") != former)
        until(lambda: f"goes on with ticket {former}, which could not be reopened" in plain.shown("ulf"))
        until(plain.is_quiet)
        assert "it fails again" in "".join(plain.desk.comments(former))
        assert "could not change this ticket as it should (status open)" in "".join(plain.desk.comments(former))
        assert plain.desk.ticket(former)["Status"] == "resolved"
