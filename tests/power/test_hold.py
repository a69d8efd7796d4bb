"""Each thing that a database must hold is missed when it is not there."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.power.hold import CORRUPT, MISSING, TEARS, TORN, UNCLAIMED, Known, Told, lay_out, wrongs
from tests.power.record import Recording

BREAKS = {
    "an event that is new has deliveries": ("UPDATE inbox SET state = 'new' WHERE id IN (SELECT inbox_id FROM outbox)"),
    "an event that is new is on the ledger": (
        "UPDATE inbox SET state = 'new' WHERE id IN (SELECT inbox_id FROM ledger)"
    ),
    "an event has no payload": "DELETE FROM payload WHERE inbox_id = 1",
    "an entry of the ledger has no origin": "UPDATE ledger SET inbox_id = NULL, outbox_id = NULL WHERE id = 1",
    "an opened ticket is not linked": "UPDATE link SET ticket = NULL WHERE id = 1",
    "a link's ticket is not named": "DELETE FROM link_ticket WHERE link_id = 1",
    "a reply that is sent is not on the ledger": "DELETE FROM ledger WHERE end = 'chat' AND outbox_id IS NOT NULL",
    "a lane with work has stopped": (
        "UPDATE outbox SET state = 'waiting' WHERE id = (SELECT max(id) FROM outbox WHERE state = 'sent' AND link_id IN"
        " (SELECT link_id FROM lane WHERE lane.end = outbox.end AND due_at IS NULL))"
    ),
    "a foreign key points nowhere": "UPDATE outbox SET link_id = 999999 WHERE id = 1",
    "an event is done without its delivery": "DELETE FROM outbox WHERE kind = 'add_comment'",
    "the cursor has moved past replies that are not there": (
        "UPDATE payload SET body = x'' WHERE CAST(body AS TEXT) LIKE '%[agent_ answers %'"
    ),
    MISSING: (
        "UPDATE payload SET body = x''"
        " WHERE inbox_id = (SELECT max(inbox_id) FROM payload WHERE CAST(body AS TEXT) LIKE '%about my order%')"
    ),
    UNCLAIMED: "UPDATE outbox SET state = 'waiting' WHERE batch = (SELECT batch FROM outbox WHERE id = 1)",
}


def told(recording: Recording) -> tuple[Told, Known]:
    known = Known(recording.sent, recording.replies)
    return Told({left.what for left in recording.answered}, {left.what for left in recording.called}), known


def test_what_the_daemon_left_has_nothing_wrong(recording: Recording, tmp_path: Path) -> None:
    lay_out(recording.files, tmp_path / "image")
    assert wrongs(tmp_path / "image" / recording.database.name, *told(recording)) == {}


def test_every_tear_is_shown_to_be_found() -> None:
    assert set(TEARS) < set(BREAKS)


@pytest.mark.parametrize("name", BREAKS)
def test_each_wrong_is_found(recording: Recording, tmp_path: Path, name: str) -> None:
    lay_out(recording.files, tmp_path / "image")
    database = tmp_path / "image" / recording.database.name
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute(BREAKS[name])
    connection.close()
    found = wrongs(database, *told(recording))
    assert found[name] > 0
    assert found[TORN] > 0 or name in {MISSING, UNCLAIMED}


@pytest.mark.parametrize("offset", [0, 3 * 4096, 20 * 4096])
def test_a_damaged_page_is_corrupt(recording: Recording, tmp_path: Path, offset: int) -> None:
    name = recording.database.name
    damaged = bytearray(recording.files[name])
    damaged[offset : offset + 4096] = b"\xff" * 4096
    lay_out({name: bytes(damaged)}, tmp_path / "image")
    assert wrongs(tmp_path / "image" / name, *told(recording))[CORRUPT] > 0
