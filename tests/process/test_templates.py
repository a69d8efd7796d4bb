"""A template of ops' that fails on somebody's data, in a daemon as ops run it."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from tests.process.poison import event, with_message, written
from tests.process.programs import DaemonProcess, nobody_there


def lines(daemon: DaemonProcess) -> list[str]:
    return [body.decode() for (body,) in daemon.rows("SELECT body FROM outbox WHERE kind = 'add_comment' ORDER BY id")]


def test_it_is_said_once_in_the_log_without_anybodys_words_and_the_shipped_sentence_is_there(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "line.txt").write_text("Kundin: {{ text }} {{ 1 / (text|length - 6) }}")
    bridge = {**nobody_there(), "BRIDGE_TEMPLATES": str(tmp_path / "words")}
    with DaemonProcess(tmp_path, bridge) as daemon:
        for body in (event(), with_message(text="harmless"), with_message(text="canary")):
            assert httpx.post(daemon.hook, content=written(body)).is_success
        deadline = time.monotonic() + 10
        while len(lines(daemon)) < 3:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        first, second, third = lines(daemon)
        assert daemon.end() == 0
    assert "(Visitor" not in first
    assert "UTC\\npoison" in first
    assert "Kundin: harmless 0.5" in second
    assert "UTC\\ncanary" in third
    (warning,) = (line for line in daemon.log.read_text().splitlines() if "template" in line)
    assert "the template line fails on some data (ZeroDivisionError): what is shipped is said" in warning
    assert "canary" not in daemon.log.read_text()
