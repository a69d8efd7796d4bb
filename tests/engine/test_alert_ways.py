"""The two ways to tell an alert, and how each fails: in time, with what it started, and with no secret in its words."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from syncd.contract.http import Http
from syncd.core.alarm import Message
from syncd.engine.alert_ways import AlertCommand, AlertWebhook, UntoldError

MESSAGE = Message("parked", "shop", "chat", "begun", 1_780_000_000.0, "bridge shop: 1 parked")


async def untold(way: AlertCommand | AlertWebhook) -> str:
    with pytest.raises(UntoldError) as caught:
        await way.tell(MESSAGE)
    return str(caught.value)


async def test_a_command_that_takes_too_long_is_killed_with_what_it_started(tmp_path: Path) -> None:
    late = tmp_path / "late"
    began = time.monotonic()
    assert "was killed" in await untold(AlertCommand(f"sh -c '(sleep 2; touch {late}) & wait'", seconds=0.5))
    assert time.monotonic() - began < 1.8
    await asyncio.sleep(2.2)
    assert not late.exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/nowhere/at-all", "cannot be run: No such file or directory"),
        ("sh -c 'exit 7'", "exit code 7"),
        ("sh -c 'kill -9 $$'", "exit code -9"),
    ],
)
async def test_a_command_that_fails_says_how(command: str, words: str) -> None:
    assert words in await untold(AlertCommand(command))


async def test_a_command_that_reads_nothing_is_no_failure() -> None:
    await AlertCommand("true").tell(MESSAGE)


async def test_a_command_is_given_no_shell_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIDGE_WEBHOOK_SECRET", "canary")
    out = tmp_path / "out"
    await AlertCommand(f"python3 -c 'import os; open(\"{out}\", \"w\").write(str(dict(os.environ)))' '$HOME;ls'").tell(
        MESSAGE
    )
    assert "ALERT_STATE" in out.read_text()
    assert "canary" not in out.read_text()


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 429, 500, 503])
async def test_any_answer_but_2xx_is_no_answer_and_its_words_name_no_url(status: int) -> None:
    answer = partial(httpx.Response, status, headers={"location": "http://127.0.0.1:9/canary"}, text="canary")
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer())) as client:
        words = await untold(AlertWebhook(SecretStr("https://hooks.example.com/canary"), Http(client)))
    assert str(status) in words
    assert "canary" not in words
