"""SIGTERM while calls or the database hang: it is gone within 20 seconds with 0, and the next start goes on there."""

from __future__ import annotations

import signal
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.process.programs import DaemonProcess, nobody_there
from tests.torture.stand_in import StandInDesk

LONGEST_STOP_SECONDS = 20.0
LINES = 5
STORED = """
    SELECT json_extract(body, '$.messages[0].id') FROM payload JOIN inbox ON inbox.id = inbox_id
    WHERE "end" = 'chat' ORDER BY inbox_id"""


def bridge_to(desk: StandInDesk) -> dict[str, str]:
    helpdesk = {"BRIDGE_HELPDESK": "request_tracker", "RT_URL": desk.url, "RT_TOKEN": desk.token, "RT_QUEUE": "Support"}
    return {**nobody_there(), **helpdesk, "BRIDGE_DOUBT_MINUTES": "0.05"}


def webhook(number: int) -> dict[str, object]:
    message = {"id": f"m{number}", "type": "client", "text": f"<line {number}>", "createdAt": 1767225600000 + number}
    return {"eventName": "chatFragment", "messages": [message], "client": {"id": "v1"}}


def until_rows(daemon: DaemonProcess, query: str, count: int) -> None:
    deadline = time.monotonic() + 20
    while daemon.rows(query)[0][0] != count:
        assert time.monotonic() < deadline, daemon.log.read_text()
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_gives_back_what_hangs_and_the_next_start_goes_on(tmp_path: Path, how: signal.Signals) -> None:
    with StandInDesk() as desk, DaemonProcess(tmp_path, bridge_to(desk)) as daemon:
        desk.is_silent = True
        for number in range(LINES):
            assert httpx.post(daemon.hook, json=webhook(number)).status_code == httpx.codes.OK
        until_rows(daemon, "SELECT count(*) FROM outbox WHERE state = 'sending' AND kind = 'open_ticket'", 1)
        began = time.monotonic()
        assert daemon.end(how) == 0
        took = time.monotonic() - began
        print(f"\nstopped by {how.name} in {took:.1f} s with a call that hangs")
        desk.is_silent = False
        daemon.start()
        until_rows(daemon, "SELECT count(*) FROM outbox WHERE state <> 'sent'", 0)
        assert daemon.end() == 0
        (ticket,) = desk.tickets()
        shown = "".join(line.text for line in desk.history(ticket))
    assert took <= LONGEST_STOP_SECONDS
    assert [shown.count(f"<line {number}>") for number in range(LINES)] == [1] * LINES


def test_a_stop_while_somebody_has_locked_the_database_waits_for_nobody(tmp_path: Path) -> None:
    daemon = DaemonProcess(tmp_path, nobody_there())
    with daemon, ThreadPoolExecutor(LINES) as senders, closing(sqlite3.connect(daemon.database)) as backup:
        assert httpx.post(daemon.hook, json=webhook(0)).status_code == httpx.codes.OK
        backup.isolation_level = None
        backup.execute("BEGIN IMMEDIATE")
        sending = [senders.submit(status_of, daemon, number) for number in range(1, LINES)]
        time.sleep(1)
        began = time.monotonic()
        assert daemon.end() == 0
        took = time.monotonic() - began
        answers = [one.result() for one in sending]
        backup.execute("ROLLBACK")
        daemon.start()
        assert httpx.post(daemon.hook, json=webhook(LINES)).status_code == httpx.codes.OK
        stored = daemon.rows(STORED)
        assert daemon.end() == 0
    print(f"\nstopped in {took:.1f} s on a locked database; {LINES - 1} that waited were answered {answers}")
    assert took <= LONGEST_STOP_SECONDS
    assert httpx.codes.OK not in answers
    assert stored == [("m0",), (f"m{LINES}",)]


def status_of(daemon: DaemonProcess, number: int) -> int | None:
    """Send a webhook; give the answer's status, None where there is none."""
    try:
        return httpx.post(daemon.hook, json=webhook(number), timeout=60).status_code
    except httpx.TransportError:
        return None
