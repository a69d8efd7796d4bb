"""What a stranger can send, and what the daemon answers and keeps."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.process.programs import SECRET, ChatProcess, DaemonProcess, nobody_there

CANARY = "a-visitors-very-private-words"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    folder = tmp_path_factory.mktemp("daemon")
    chat = ChatProcess(folder, "http://127.0.0.1:9/")
    with chat, DaemonProcess(folder, {**chat.bridge, "BRIDGE_HELPDESK": "memory"}) as running:
        yield running


def fragment(text: object = CANARY, number: int = 1) -> dict[str, object]:
    message = {"id": f"m{number}", "type": "client", "text": text, "createdAt": 1767225600000}
    return {"eventName": "chatFragment", "messages": [message], "client": {"id": "v1", "chatId": "c1"}}


def inbox(daemon: DaemonProcess) -> list[tuple[str, bytes, str]]:
    return daemon.rows(
        "SELECT state, body, reason FROM inbox JOIN payload ON inbox_id = id WHERE end = 'chat' ORDER BY id"
    )


def test_a_webhook_is_answered_200_and_kept_byte_for_byte(daemon: DaemonProcess) -> None:
    body = b"  " + json.dumps(fragment()).encode() + b"\n"
    assert httpx.post(daemon.hook, content=body).status_code == 200
    assert inbox(daemon)[-1][1] == body


@pytest.mark.parametrize(
    "path",
    [
        "/hooks/default/chat/wrong-secret-wrong",
        f"/hooks/nobody/chat/{SECRET}",
        f"/hooks/default/chat/{SECRET}x",
        f"/hooks/default/chat/{SECRET[:-1]}",
        f"/hooks/default/other/{SECRET}/more",
        "/hooks/default/chat/",
    ],
)
def test_a_wrong_secret_or_bridge_is_404_and_nothing_is_kept(daemon: DaemonProcess, path: str) -> None:
    before = len(inbox(daemon))
    assert httpx.post(f"{daemon.url}{path}", json=fragment()).status_code == 404
    assert len(inbox(daemon)) == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[1, 2]",
        b'"text"',
        b'{"eventName": "chatFragment"',
        b'{"eventName": "\xff\xfe"}',
        b'{"a": NaN}',
        b'{"a": "\\ud80"}',
        b"\xef\xbb\xbf{}",
        b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"a": 1} trailing',
    ],
)
def test_what_is_not_a_json_object_is_400_with_the_reason_and_kept_in_quarantine(
    daemon: DaemonProcess, body: bytes
) -> None:
    answer = httpx.post(daemon.hook, content=body)
    assert answer.status_code == 400
    assert answer.text.startswith("not ")
    state, kept, reason = inbox(daemon)[-1]
    assert (state, kept) == ("quarantined", body)
    assert reason


@pytest.mark.parametrize(
    "body",
    [
        {"eventName": "chatFragment", "messages": 5, "client": {"id": "v1"}},
        {"eventName": "chatFragment", "messages": [1], "client": {"id": "v1"}},
        {"eventName": "chatFragment", "messages": [{"id": "x"}], "client": {"id": "v1"}},
        {"eventName": "chatFragment", "messages": [], "client": "v1"},
        {"eventName": "chatFragment", "messages": []},
    ],
)
def test_wrong_types_are_taken_and_end_in_quarantine_or_are_read_leniently(
    daemon: DaemonProcess, body: dict[str, object]
) -> None:
    assert httpx.post(daemon.hook, json=body).status_code == 200
    wait_until_planned(daemon)
    assert inbox(daemon)[-1][0] in {"quarantined", "done"}


def test_an_unknown_event_is_200_kept_and_counted(daemon: DaemonProcess) -> None:
    assert httpx.post(daemon.hook, json={"eventName": "chatRated", "client": {"id": "v1"}}).status_code == 200
    wait_until_planned(daemon)
    assert inbox(daemon)[-1][0] == "done"
    assert 'syncd_unknown_total{bridge="default",what="event chatRated"} 1.0' in httpx.get(f"{daemon.url}/metrics").text


def test_more_than_a_mebibyte_is_413_and_not_kept(daemon: DaemonProcess) -> None:
    before = len(inbox(daemon))
    assert httpx.post(daemon.hook, content=b"x" * (1024 * 1024 + 1)).status_code == 413
    assert httpx.post(daemon.hook, content=iter([b"x" * 65536] * 17)).status_code == 413
    assert len(inbox(daemon)) == before
    assert httpx.post(daemon.hook, content=json.dumps(fragment("x" * 1_000_000, 77)).encode()).status_code == 200


def test_other_methods_and_paths_are_refused(daemon: DaemonProcess) -> None:
    assert httpx.get(daemon.hook).status_code == 405
    assert httpx.get(f"{daemon.url}/nothing").status_code == 404


def test_after_all_this_it_is_well_and_the_next_line_flows(daemon: DaemonProcess) -> None:
    assert httpx.post(daemon.hook, json=fragment("after all this", 99)).status_code == 200
    wait_until_planned(daemon)
    assert httpx.get(f"{daemon.url}/healthz").status_code == 200
    deadline = time.monotonic() + 10
    while daemon.rows("SELECT state FROM outbox ORDER BY id DESC LIMIT 1") != [("sent",)]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_no_secret_and_no_visitors_word_is_in_the_log(daemon: DaemonProcess) -> None:
    log = daemon.log.read_text()
    assert SECRET not in log
    assert CANARY not in log


def wait_until_planned(daemon: DaemonProcess) -> None:
    deadline = time.monotonic() + 10
    while any(state == "new" for state, _, _ in inbox(daemon)):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_everything_answered_200_survives_a_kill(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, nobody_there()) as daemon, httpx.Client() as client:
        for number in range(50):
            assert client.post(daemon.hook, json=fragment("x", number)).status_code == 200
        daemon.kill()
        assert len(inbox(daemon)) == 50
        daemon.start()
        wait_until_planned(daemon)
        assert daemon.rows("SELECT count(*) FROM ledger WHERE end = 'chat'") == [(50,)]
        assert daemon.end() == 0
