"""A daemon as a process tells somebody once what is wrong, and once that it is over, whatever happens in between."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.engine.test_flow import fragment
from tests.process.programs import ChatProcess, DaemonProcess, until
from tests.process.receiver import CANARY, Receiver
from tests.process.test_operations import put_aside

MEMORY = {"BRIDGE_CHAT": "memory", "BRIDGE_HELPDESK": "memory"}
WORDS = 'CAST(\'{"text": "my card is 4111, ann@example.com"}\' AS BLOB)'
A_LOOK = 12.0
"""So long after one there was another."""
HOUR = 3600


def parked(state: str) -> tuple[str, str, str]:
    return ("parked", "helpdesk", state)


def count_failures(daemon: DaemonProcess) -> int:
    return daemon.log.read_text().count("cannot be told")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


def test_a_parked_delivery_is_told_once_and_that_it_is_over_once_through_kills(
    tmp_path: Path, receiver: Receiver
) -> None:
    with DaemonProcess(tmp_path, {**MEMORY, **receiver.settings}) as daemon:
        put_aside(daemon, "ann@example.com", "default", WORDS)
        until(receiver.told)
        daemon.kill()
        daemon.start()
        time.sleep(A_LOOK)
        assert receiver.told() == [parked("begun")]
        daemon.kill()
        assert daemon.command("failed", "drop", "--all").returncode == 0
        daemon.start()
        until(lambda: len(receiver.told()) > 1)
        daemon.kill()
        daemon.start()
        time.sleep(A_LOOK)
        assert receiver.told() == [parked("begun"), parked("over")]
        for words in ("4111", "ann@example.com"):
            assert words not in json.dumps(receiver.posts)
            assert words not in daemon.log.read_text()
    begun, over = receiver.posts
    assert set(begun) == set(over) == {"what", "bridge", "end", "state", "since", "text"}
    assert begun["since"] == over["since"]
    assert "`syncd failed list`" in begun["text"]


def test_a_refused_key_is_told_once_and_that_it_is_mended_once(tmp_path: Path, receiver: Receiver) -> None:
    with ChatProcess(tmp_path, "http://127.0.0.1:9/") as chat:
        bridge = {**chat.bridge, "BRIDGE_HELPDESK": "memory", **receiver.settings}
        with DaemonProcess(tmp_path, {**bridge, "CHATRA_SECRET_KEY": "wrong"}) as wrong:
            until(receiver.told)
            assert wrong.end() == 0
        with DaemonProcess(tmp_path, bridge) as mended:
            until(lambda: len(receiver.told()) > 1)
            assert mended.end() == 0
    assert receiver.told() == [("refused", "chat", "begun"), ("refused", "chat", "over")]


def test_a_receiver_that_is_away_is_told_once_it_is_back_and_its_url_is_in_no_log(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.go()
    with DaemonProcess(tmp_path, {**MEMORY, **receiver.settings}) as daemon:
        put_aside(daemon, "syncd-1", "default", "x'7b7d'")
        until(lambda: count_failures(daemon))
        receiver.status = 500
        receiver.come()
        until(lambda: receiver.tries)
        receiver.status = 200
        until(receiver.told)
        time.sleep(A_LOOK)
        assert receiver.told() == [parked("begun")]
        assert count_failures(daemon) == 1
        assert CANARY not in daemon.log.read_text()


def test_what_is_over_before_it_could_be_told_is_not_told(tmp_path: Path, receiver: Receiver) -> None:
    receiver.go()
    with DaemonProcess(tmp_path, {**MEMORY, **receiver.settings}) as daemon:
        put_aside(daemon, "syncd-1", "default", "x'7b7d'")
        until(lambda: count_failures(daemon))
        assert daemon.command("failed", "drop", "--all").returncode == 0
        until(lambda: daemon.rows("SELECT count(*) FROM alert WHERE since IS NOT NULL") == [(0,)])
        receiver.come()
        time.sleep(A_LOOK)
        assert receiver.told() == []


def test_an_alert_that_is_refused_holds_up_no_other(tmp_path: Path, receiver: Receiver) -> None:
    receiver.refused.add("refused")
    with ChatProcess(tmp_path, "http://127.0.0.1:9/") as chat:
        bridge = {**chat.bridge, "CHATRA_SECRET_KEY": "wrong", "BRIDGE_HELPDESK": "memory", **receiver.settings}
        with DaemonProcess(tmp_path, bridge) as daemon:
            put_aside(daemon, "syncd-1", "default", "x'7b7d'")
            until(lambda: count_failures(daemon) and receiver.told())
            time.sleep(A_LOOK)
            assert receiver.told() == [parked("begun")]


def test_what_waits_for_too_long_is_told_and_that_it_does_no_more(tmp_path: Path, receiver: Receiver) -> None:
    with DaemonProcess(tmp_path, {**MEMORY, **receiver.settings, "SYNCD_ALERT_LAG_MINUTES": "0.02"}) as daemon:
        assert daemon.command("pause").returncode == 0
        assert httpx.post(daemon.hook, content=fragment("hello")).is_success
        until(receiver.told)
        assert "`syncd resume --bridge default`" in receiver.posts[0]["text"]
        assert "is paused, `syncd resume" in daemon.command("status").stdout
        assert daemon.command("resume").returncode == 0
        until(lambda: len(receiver.told()) > 1)
    assert receiver.told() == [("lag", "helpdesk", "begun"), ("lag", "helpdesk", "over")]


def test_where_nobody_is_to_be_told_status_shows_it_all_the_same(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, {**MEMORY, "SYNCD_ALERT_LAG_MINUTES": "0.02"}) as daemon:
        assert daemon.command("pause").returncode == 0
        assert httpx.post(daemon.hook, content=fragment("hello")).is_success
        until(lambda: "is paused, `syncd resume" in daemon.command("status").stdout)
        report = json.loads(daemon.command("status", "--json").stdout)
        (alert,) = report["bridges"]["default"]["alerts"]
        assert (alert["what"], alert["end"], alert["told_at"], report["well"]) == ("lag", "helpdesk", None, False)
        assert daemon.log.read_text().count("a delivery to the helpdesk waits since") == 1


def test_a_command_is_told_what_a_webhook_is_and_one_that_fails_is_run_again(tmp_path: Path) -> None:
    told, broken = tmp_path / "told", tmp_path / "broken"
    script = tmp_path / "alert.sh"
    environment = '"$ALERT_WHAT $ALERT_BRIDGE $ALERT_END $ALERT_STATE $ALERT_SINCE $BRIDGE_WEBHOOK_SECRET|"'
    script.write_text(f"#!/bin/sh\ntest -e {broken} && exit 3\n(printf '%s' {environment}; cat) >> '{told}'\n")
    script.chmod(0o755)
    broken.touch()
    with DaemonProcess(tmp_path, {**MEMORY, "SYNCD_ALERT_COMMAND": f"'{script}' --of syncd"}) as daemon:
        put_aside(daemon, "syncd-1", "default", "x'7b7d'")
        until(lambda: "the command ended with exit code 3" in daemon.log.read_text())
        broken.unlink()
        until(lambda: told.exists() and told.read_text().endswith("\n"))
        time.sleep(A_LOOK)
    (line,) = told.read_text().splitlines()
    names, _, text = line.partition("|")
    assert names.startswith("parked default helpdesk begun 2")
    assert names.endswith("Z ")
    assert text.startswith("bridge default: 1 parked on the way to the helpdesk")


def hear(daemon: DaemonProcess, hours: int, silent: int) -> None:
    """Let a webhook have come every hour for so many hours, the last so many hours ago."""
    now = time.time()
    rows = [(now - ago * HOUR,) for ago in range(hours, silent - 1, -1)]
    insert = "INSERT INTO inbox (bridge, end, form, received_at, state, reason)"
    with closing(sqlite3.connect(daemon.database, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.executemany(f"{insert} VALUES ('default', 'chat', 'webhook', ?, 'done', '')", rows)
        connection.execute("COMMIT")


@pytest.mark.parametrize(("silent", "is_silence"), [(1, False), (3, True)])
def test_no_webhook_for_twice_the_usual_time_is_one_alert_that_traffic_ends(
    tmp_path: Path, receiver: Receiver, silent: int, *, is_silence: bool
) -> None:
    with DaemonProcess(tmp_path, {**MEMORY, **receiver.settings}) as daemon:
        assert daemon.end() == 0
        hear(daemon, 21 * 24, silent)
        daemon.start()
        if is_silence:
            until(receiver.told)
        else:
            time.sleep(A_LOOK)
        status = daemon.command("status")
        assert ("no webhook has come from the chat" in status.stdout) == is_silence
        assert ("no webhook has come from the chat" in httpx.get(daemon.url).text) == is_silence
        assert status.returncode == int(is_silence)
        assert httpx.post(daemon.hook, content=b'{"events": []}').is_success
        if is_silence:
            until(lambda: len(receiver.told()) > 1)
        time.sleep(A_LOOK)
    expected = [("silence", "chat", "begun"), ("silence", "chat", "over")]
    assert receiver.told() == (expected if is_silence else [])


def test_status_reads_a_database_of_a_syncd_that_knew_no_alerts(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, MEMORY) as daemon:
        with closing(sqlite3.connect(daemon.database, isolation_level=None)) as connection:
            connection.execute("ALTER TABLE alert RENAME TO not_yet_there")
        status = daemon.command("status", "--json")
        assert (status.returncode, status.stderr) == (0, "")
        assert json.loads(status.stdout)["bridges"]["default"]["alerts"] == []


def test_a_stop_does_not_wait_for_a_command_that_hangs_and_leaves_none_behind(tmp_path: Path) -> None:
    running = tmp_path / "pid"
    script = tmp_path / "hang.sh"
    script.write_text(f"#!/bin/sh\nsleep 600 &\necho $! > '{running}'\nwait\n")
    script.chmod(0o755)
    with DaemonProcess(tmp_path, {**MEMORY, "SYNCD_ALERT_COMMAND": str(script)}) as daemon:
        put_aside(daemon, "syncd-1", "default", "x'7b7d'")
        until(lambda: running.exists() and running.read_text().strip())
        began = time.monotonic()
        assert daemon.end() == 0
        assert time.monotonic() - began < 10
    child = Path("/proc") / running.read_text().strip() / "stat"
    until(lambda: not child.exists() or child.read_text().rpartition(")")[2].split()[0] == "Z", 5)
