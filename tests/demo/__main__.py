"""`make screenshots`: pictures of the demo and of the status pages, light and dark, into `tests/demo/pictures`."""

from __future__ import annotations

import math
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.browser import Browser, install
from tests.demo.conftest import DemoProcess
from tests.demo.drive import open_ticket, says, until_in_chat, until_on_ticket, writes
from tests.process.programs import ChatProcess, DaemonProcess, until

PICTURES = Path(__file__).parent / "pictures"
PATIENCE = 30.0
HOUR = 3600
SENT = "SELECT count(*) FROM outbox WHERE kind = 'add_comment' AND state = 'sent'"
SLOW = (5, 30, 60)
QUESTION = "Hi! Do you ship to Cork?"
TALK = (
    ("note", "She asked the same in May, see #812"),
    ("reply", "Hello Ann, yes: two days, and it is free above 50 €."),
    ("ann", "Great 👍 Can I still change the colour of my order?"),
    ("reply", "Sure, which one would you like?"),
)


def main() -> None:
    install()
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Browser(width=1280, height=960, scale=1.5) as browser:
        _demo(browser, Path(folder))
    with tempfile.TemporaryDirectory() as folder, Browser(width=1200, height=3000, scale=1.5) as browser:
        _status(browser, Path(folder))


def _keep(browser: Browser, name: str, selector: str = "body") -> None:
    for scheme in ("light", "dark"):
        browser.prefer(scheme)
        time.sleep(0.3)
        (PICTURES / f"{name}-{scheme}.png").write_bytes(browser.picture(selector))


def _demo(browser: Browser, folder: Path) -> None:
    with DemoProcess(folder) as demo:
        browser.open(demo.url)
        says(browser, QUESTION)
        until_on_ticket(browser, "Ann Visitor", PATIENCE)
        open_ticket(browser)
        for who, text in TALK:
            says(browser, text) if who == "ann" else writes(browser, text, who)
            until_on_ticket(browser, text, PATIENCE)
            if who == "reply":
                until_in_chat(browser, text, PATIENCE)
        browser.enter_frame("#desk")
        browser.run("document.querySelector('form.write').scrollIntoView({block: 'end'})")
        browser.enter_frame("")
        _keep(browser, "demo")


def _status(browser: Browser, folder: Path) -> None:
    chat = ChatProcess(folder, "http://127.0.0.1:9/")
    daemon = DaemonProcess(folder, {**chat.bridge, "BRIDGE_HELPDESK": "desk", "DESK_DATABASE": str(folder / "desk.db")})
    with chat, daemon:
        chat.ask("POST", "/webhooks", urls=[daemon.hook])
        for text in (QUESTION, "And to Galway?"):
            chat.ask("POST", "/visitors/ann/says", text=text)
        until(lambda: daemon.rows(SENT) == [(2,)], PATIENCE)
        _have_history(daemon.database)
        with closing(sqlite3.connect(folder / "desk.db", isolation_level=None, timeout=30)) as lock:
            lock.execute("BEGIN IMMEDIATE")
            for number in range(7):
                chat.ask("POST", f"/visitors/visitor-{number}/says", text="Is anybody there?")
            browser.open(daemon.url)
            browser.wait("return document.querySelector('.trouble')", PATIENCE)
            _keep(browser, "status")
        browser.open(f"{daemon.url}/trace?id=ann")
        _keep(browser, "trace")


def _have_history(database: Path) -> None:
    """Give the shop a week: busy by day, quiet at night."""
    with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        connection.executemany("INSERT OR IGNORE INTO hour VALUES (?, 'default', ?, 'delivered', ?, ?)", list(_week()))


def _week() -> Iterator[tuple[int, str, int, int]]:
    chance = random.Random(5)
    now = int(time.time()) // HOUR * HOUR
    for ago in range(1, 24 * 7 + 12):
        at = now - ago * HOUR
        busy = max(0.0, math.sin((at % 86400 / HOUR - 7) / 24 * 2 * math.pi)) + 0.03
        for end, share in (("helpdesk", 60), ("chat", 40)):
            yield at, end, 1, int(share * busy * chance.uniform(0.6, 1.2))
            yield at, end, chance.choice(SLOW), int(share * busy * chance.uniform(0.0, 0.25) + (ago in {5, 40}) * share)


if __name__ == "__main__":
    main()
