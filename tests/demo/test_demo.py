"""The demo in a real browser: somebody types on both sides, and makes trouble."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import httpx
import pytest

from tests.browser import Browser
from tests.demo.conftest import DemoProcess
from tests.demo.drive import open_ticket, says, until_in_chat, until_on_ticket, writes
from tests.process.programs import free_port, syncd

pytestmark = pytest.mark.alone

AT_ONCE = 2.0
"""So many seconds may pass between a word on one side and the same on the other."""
LONG_ENOUGH = 7.0
"""So many seconds away, a call has given up meanwhile."""
AFTER_TROUBLE = 45.0


def turn(browser: Browser, trouble: str) -> None:
    browser.enter_frame("")
    browser.click(f"[data-trouble={trouble}]")


def is_on(browser: Browser, trouble: str) -> str:
    browser.enter_frame("")
    return f"return document.querySelector('[data-trouble={trouble}]').getAttribute('aria-pressed') === 'true'"


def chat_of(demo: DemoProcess) -> list[str]:
    return [line["text"] for line in httpx.get(f"{demo.url}/state").json()["messages"]]


def test_a_word_is_on_the_other_side_within_two_seconds_and_a_note_stays(browser: Browser, demo: DemoProcess) -> None:
    browser.open(demo.url)
    says(browser, "Do you ship to Cork?")
    print(f"\nvisitor's line on the desk: {until_on_ticket(browser, 'Ann Visitor', AT_ONCE):.2f} s")
    open_ticket(browser)
    until_on_ticket(browser, "Do you ship to Cork?", AT_ONCE)
    writes(browser, "She asked the same in May", "note")
    until_on_ticket(browser, "She asked the same in May", AT_ONCE)
    writes(browser, "Yes, two days", "reply")
    print(f"reply in the chat: {until_in_chat(browser, 'Yes, two days', AT_ONCE):.2f} s")
    says(browser, "Great, and to Galway?")
    print(f"next line on the ticket: {until_on_ticket(browser, 'Galway', AT_ONCE):.2f} s")
    assert chat_of(demo) == ["Do you ship to Cork?", "Yes, two days", "Great, and to Galway?"]
    assert not [line for line in browser.complaints() if "favicon" not in line]


def test_a_helpdesk_that_is_away_gets_what_was_said_meanwhile(browser: Browser) -> None:
    turn(browser, "helpdesk")
    browser.wait(is_on(browser, "helpdesk"))
    says(browser, "away one")
    says(browser, "away two")
    time.sleep(LONG_ENOUGH)
    turn(browser, "helpdesk")
    until_on_ticket(browser, "away two", AFTER_TROUBLE)
    words = browser.run("return document.querySelector('main').textContent")
    assert words.count("away one") == words.count("away two") == 1
    assert words.index("away one") < words.index("away two")


def test_a_chat_that_refuses_gets_the_replies_later_in_order(browser: Browser, demo: DemoProcess) -> None:
    turn(browser, "chat")
    browser.wait(is_on(browser, "chat"))
    writes(browser, "refused one", "reply")
    until_on_ticket(browser, "refused one", AFTER_TROUBLE)
    writes(browser, "refused two", "reply")
    until_on_ticket(browser, "refused two", AFTER_TROUBLE)
    assert "refused one" not in chat_of(demo)
    turn(browser, "chat")
    until_in_chat(browser, "refused two", AFTER_TROUBLE)
    assert [text for text in chat_of(demo) if text.startswith("refused")] == ["refused one", "refused two"]


def test_a_kill_loses_nothing_of_what_is_said_meanwhile(browser: Browser, demo: DemoProcess) -> None:
    browser.open(demo.url)
    says(browser, "said before")
    turn(browser, "kill")
    browser.wait(is_on(browser, "kill"))
    assert httpx.get(demo.url.replace("/demo", "/healthz")).status_code == 503
    says(browser, "said to nobody")
    browser.wait(f"return !({is_on(browser, 'kill').removeprefix('return ')})", AFTER_TROUBLE)
    browser.open(demo.url)
    open_ticket(browser)
    until_on_ticket(browser, "said to nobody", AFTER_TROUBLE)
    assert browser.run("return document.querySelector('main').textContent").count("said to nobody") == 1


def test_the_status_page_is_at_the_same_address(browser: Browser, demo: DemoProcess) -> None:
    browser.open(demo.url.removesuffix("/demo"))
    browser.wait("return document.querySelector('main').textContent.includes('Chatra')")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told_and_leaves_no_process(tmp_path: Path, how: signal.Signals) -> None:
    with DemoProcess(tmp_path) as one:
        assert one.process is not None
        children = Path(f"/proc/{one.process.pid}/task/{one.process.pid}/children").read_text().split()
        assert one.end(how) == 0
        assert children
        assert not [child for child in children if Path(f"/proc/{child}").exists()]
    assert re.fullmatch(rf"syncd shows itself at {one.url} \(Ctrl-C ends it\)\n", one.log.read_text())


def test_a_port_that_is_taken_is_named(demo: DemoProcess) -> None:
    port = demo.url.split(":")[2].removesuffix("/demo")
    done = syncd("demo", "--port", port)
    assert done.returncode == 78
    assert f"port {port} is taken" in done.stderr


def test_another_site_cannot_play(demo: DemoProcess) -> None:
    for path in ("says", "turn"):
        assert (
            httpx.post(f"{demo.url}/{path}", data={"text": "x"}, headers={"sec-fetch-site": "cross-site"}).status_code
            == 403
        )
    assert httpx.get(demo.url, headers={"host": f"evil.example:{free_port()}"}).status_code == 403
