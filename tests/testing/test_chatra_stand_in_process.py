from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from typing import Any

import httpx


async def test_it_runs_as_a_process_until_sigterm(hook: str, heard: list[Any]) -> None:
    arguments = (
        "--port",
        "0",
        "--public-key",
        "p",
        "--secret-key",
        "s",
        "--webhook",
        hook,
        "--rate",
        "1",
        "--seed",
        "1",
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "syncd.testing.chatra", *arguments, stdout=PIPE, stderr=PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        line = (await process.stdout.readline()).decode()
    assert line.startswith("listening on http://127.0.0.1:")
    async with httpx.AsyncClient(base_url=line.split()[-1], auth=("p", "s"), trust_env=False) as client:
        assert (await client.post("/stand-in/visitors/v1/says", json={"text": "hello"})).status_code == 200
        assert (await client.post("/stand-in/webhooks/settled")).status_code == 200
        assert [(await client.get("/api/clients/v1")).status_code for _ in range(2)] == [200, 429]
        await client.post("/stand-in/faults", json={"kind": "cut_before"})
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            told, complaints = await process.communicate()
    assert (process.returncode, told, complaints) == (0, b"", b"")
    assert [body["eventName"] for body in heard] == ["chatStarted", "chatFragment"]


async def test_wrong_usage_is_exit_2() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "syncd.testing.chatra", stderr=PIPE)
    async with asyncio.timeout(20):
        _, complaints = await process.communicate()
    assert process.returncode == 2
    assert b"--public-key" in complaints
