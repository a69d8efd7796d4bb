"""A daemon with something to show: a chat that has spoken, and a parked delivery with hostile words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.process.programs import ChatProcess, DaemonProcess, until
from tests.process.test_operations import put_aside

TOKEN = "a-token-for-these-tests"
NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7777}}"
PARKED = "syncd-1"


def park(daemon: DaemonProcess, key: str = PARKED) -> None:
    """Put a delivery of hostile words aside."""
    put_aside(daemon, key, "default", "CAST('{\"text\": \"' || char(60) || 'b onclick=x>bold' || '\"}' AS BLOB)")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon whose chat is the Chatra stand-in; a visitor with a hostile name has spoken twice."""
    folder = tmp_path_factory.mktemp("pages")
    chat = ChatProcess(folder, "http://127.0.0.1:9/")
    with chat, DaemonProcess(folder, {**chat.bridge, "BRIDGE_HELPDESK": "memory"}) as daemon:
        chat.ask("POST", "/webhooks", urls=[daemon.hook])
        chat.ask("PUT", "/visitors/ann", facts={"basicInfo": {"name": NASTY, "email": "ann@example.com"}})
        for text in ("first", NASTY):
            chat.ask("POST", "/visitors/ann/says", text=text)
        until(
            lambda: daemon.rows("SELECT count(*) FROM outbox WHERE kind = 'add_comment' AND state = 'sent'") == [(2,)]
        )
        park(daemon)
        yield daemon


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon with an admin token."""
    memory = {"BRIDGE_CHAT": "memory", "BRIDGE_HELPDESK": "memory", "SYNCD_ADMIN_TOKEN": TOKEN}
    with DaemonProcess(tmp_path_factory.mktemp("locked"), memory) as daemon:
        yield daemon
