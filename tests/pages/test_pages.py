"""What the pages show is what the database holds, and what may be done on them is what the commands do."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.pages.conftest import NASTY, park
from tests.process.programs import DaemonProcess, until

TAGS = {
    *("html", "head", "meta", "title", "link", "script", "body", "header", "nav", "main", "section", "figure", "form"),
    *("a", "img", "p", "h1", "h2", "h3", "div", "span", "table", "caption", "thead", "tbody", "tr", "th", "td", "svg"),
    *("line", "rect", "figcaption", "ol", "li", "dl", "dt", "dd", "pre", "code", "q", "time", "strong", "label"),
    *("input", "button"),
}
"""What the pages are made of."""
PATHS = ["/", "/parked", "/parked/syncd-1", "/parked/syncd-1/drop", "/trace", "/trace?id=ann", "/nowhere"]


@pytest.fixture
def browser(daemon: DaemonProcess) -> Iterator[httpx.Client]:
    """A browser that has opened a page of the daemon's."""
    with httpx.Client(base_url=daemon.url, headers={"sec-fetch-site": "same-origin"}, timeout=30) as client:
        yield client


def words_of(page: httpx.Response) -> str:
    """Give what a page shows, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", page.text).split())


def test_the_first_page_tells_how_both_ends_are(browser: httpx.Client) -> None:
    words = words_of(browser.get("/"))
    assert re.search(r"Chatra chat (answers since|was not asked yet)", words)
    assert re.search(r"Memory Helpdesk helpdesk answers since", words)
    assert "1 parked on the way to Memory Helpdesk" in words


def test_its_figures_are_those_of_the_ledger(browser: httpx.Client, daemon: DaemonProcess) -> None:
    page = browser.get("/").text
    today = re.search(r'Today.*?</th>((?:\s*<td class="number">[^<]*</td>){5})', page, re.DOTALL)
    assert today
    opened, lines, replies, _, _ = re.findall(r'<td class="number">([^<]*)</td>', today[1])
    done = "SELECT count(*) FROM outbox WHERE state = 'sent' AND kind = ?"
    kinds = ("open_ticket", "add_comment", "post_message")
    assert [(int(opened),), (int(lines),), (int(replies),)] == [daemon.rows(done, kind)[0] for kind in kinds]
    assert f"24 hours: {lines} lines, " in page


def test_a_trace_tells_what_the_command_tells(browser: httpx.Client, daemon: DaemonProcess) -> None:
    (conversation,) = daemon.rows("SELECT conversation FROM link WHERE ticket IS NOT NULL")[0]
    printed = daemon.command("trace", conversation, "--json")
    told = [moment["what"] for moment in json.loads(printed.stdout)]
    page = browser.get("/trace", params={"id": conversation})
    shown = re.findall(r"</time> <span>(.*?)</span></li>", page.text)
    assert shown == told
    assert len(shown) > 5


def test_an_unknown_id_is_said_to_be_unknown(browser: httpx.Client) -> None:
    page = browser.get("/trace", params={"id": NASTY})
    assert page.status_code == 404
    assert "Nothing is known of" in page.text


@pytest.mark.parametrize("path", [*PATHS, f"/trace?id={NASTY}", f"/parked/{NASTY}"])
def test_words_of_others_are_text_and_nothing_else(browser: httpx.Client, path: str) -> None:
    page = LexborHTMLParser(browser.get(path).text)
    found = [node for node in page.css("*") if node.tag not in TAGS]
    assert [node.tag for node in found] == []
    attributes = {name for node in page.css("*") for name in node.attributes}
    assert not [name for name in attributes if name.startswith("on") or name == "style"]
    assert [node.attributes.get("src") for node in page.css("script")] == ["/static/pages.js"]
    assert not [node for node in page.css("main") if "54439" in node.text()]


def test_the_words_of_a_delivery_are_on_its_own_page_only(browser: httpx.Client) -> None:
    assert "&lt;b onclick=x&gt;bold" in browser.get("/parked/syncd-1").text
    assert not any("bold" in browser.get(path).text for path in PATHS if path != "/parked/syncd-1")


@pytest.mark.parametrize("path", [*PATHS, "/static/syncd.css", "/login"])
def test_every_answer_has_a_strict_policy(browser: httpx.Client, path: str) -> None:
    answer = browser.get(path)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "*" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_drop_asks_first_and_the_log_has_who_did_it(browser: httpx.Client, daemon: DaemonProcess) -> None:
    park(daemon, "syncd-drop")
    asked = browser.get("/parked/syncd-drop/drop")
    assert "Drop delivery syncd-drop?" in asked.text
    state = "SELECT state, reason FROM outbox WHERE key = 'syncd-drop'"
    assert daemon.rows(state) == [("parked", "because")]
    done = browser.post("/parked/syncd-drop/drop", data={"who": "Bea\nERROR x"})
    assert (done.status_code, done.headers["location"]) == (303, "/parked")
    assert daemon.rows(state) == [("dropped", "dropped by Bea ERROR x on the pages")]
    assert "drop by Bea ERROR x on the pages, from 127.0.0.1: 1 changed" in daemon.log.read_text()
    assert browser.get("/parked/syncd-drop").status_code == 404


def test_a_retry_lets_it_go_again(browser: httpx.Client, daemon: DaemonProcess) -> None:
    park(daemon, "syncd-again")
    browser.post("/parked/syncd-again/retry", data={"who": "Bea"})
    first = "SELECT created_at FROM outbox WHERE key = 'syncd-again'"
    until(lambda: daemon.rows(first) != [(0,)])
    assert "retry by Bea on the pages, from 127.0.0.1: 1 changed" in daemon.log.read_text()


def test_a_bridge_is_paused_and_resumed(browser: httpx.Client, daemon: DaemonProcess) -> None:
    assert "Pause default?" in browser.get("/bridges/default/pause").text
    assert browser.post("/bridges/default/pause", data={"who": "Bea"}).headers["location"] == "/"
    assert "paused for" in browser.get("/").text
    assert json.loads(daemon.command("status", "--json").stdout)["bridges"]["default"]["paused"]
    browser.post("/bridges/default/resume", data={"who": "Bea"})
    assert "paused for" not in browser.get("/").text


@pytest.mark.parametrize("path", ["/bridges/nobody/pause", "/bridges/default/shut", "/parked/syncd-9/drop"])
def test_what_is_not_there_cannot_be_done(browser: httpx.Client, path: str) -> None:
    assert browser.post(path, data={"who": "Bea"}).status_code == 404


@pytest.mark.parametrize("path", ["/bridges/default/pause", "/parked/syncd-1/drop", "/logout"])
@pytest.mark.parametrize(
    "sent_from", [{"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}, {}], ids=str
)
def test_a_form_of_another_site_does_nothing(daemon: DaemonProcess, path: str, sent_from: dict[str, str]) -> None:
    answer = httpx.post(f"{daemon.url}{path}", data={"who": "Eve"}, headers=sent_from)
    assert answer.status_code == 403
    assert "Eve" not in daemon.log.read_text()


def test_a_form_that_is_too_large_or_tells_no_length_is_refused(browser: httpx.Client) -> None:
    assert browser.post("/bridges/default/pause", content=iter([b"x"])).status_code == 413
    connection = http.client.HTTPConnection(browser.base_url.host, browser.base_url.port, timeout=30)
    connection.putrequest("POST", "/bridges/default/pause")
    connection.putheader("Sec-Fetch-Site", "same-origin")
    connection.putheader("Content-Length", str(64 * 1024 * 1024))
    connection.endheaders(b"x")
    with closing(connection), connection.getresponse() as answer:
        answer.read()
        assert answer.status == 413


def test_another_method_is_refused(browser: httpx.Client) -> None:
    assert browser.delete("/parked/syncd-1").status_code == 405
