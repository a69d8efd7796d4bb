"""The daemon of the demo: a process of its own, so that it can really be killed."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Mapping

import httpx

START_SECONDS = 30.0
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.executable, [sys.executable, "-m", "syncd", "run"])
"""
"""As systemd does it with `syncd.socket`: who connects while the daemon is down waits, and is not refused."""


class Child:
    """`syncd run` with these variables, on a socket that stays over its lives."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.client = httpx.AsyncClient(base_url=self.url, timeout=60.0)
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("SYNCD_", "BRIDGE_"))}
        self._variables = {**ours, **variables}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, and come back when it answers. Raises RuntimeError where it ends instead."""
        number = self._socket.fileno()
        command = (sys.executable, "-c", HAND_OVER, str(number))
        self._process = process = await asyncio.create_subprocess_exec(
            *command, env=self._variables, pass_fds=(number,)
        )
        ended = asyncio.create_task(process.wait())
        answered = asyncio.create_task(self.client.get("/healthz", timeout=START_SECONDS))
        await asyncio.wait([ended, answered], return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            answered.cancel()
            raise RuntimeError(f"the daemon ended with {process.returncode}: its words are above")
        ended.cancel()
        answered.result().raise_for_status()

    async def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> None:
        """End it as systemd would."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()
        await self.client.aclose()
        self._socket.close()
