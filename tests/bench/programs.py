"""What is measured: the bare server, the daemon, and a helpdesk that answers at once."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.process.programs import SECRET, free_port

PATH = f"/hooks/default/chat/{SECRET}"


class Process:
    """A process and its address; its CPU time is what the kernel counted."""

    def __init__(self, arguments: list[str], port: int, environment: dict[str, str]) -> None:
        self.url = f"http://127.0.0.1:{port}{PATH}"
        self._port = port
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            env={"PATH": os.environ["PATH"], **environment},
            stderr=subprocess.DEVNULL,
        )

    def wait_until_up(self) -> None:
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return

    @property
    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()


@contextmanager
def bare() -> Iterator[Process]:
    port = free_port()
    process = Process(["-m", "tests.bench.bare", str(port)], port, {})
    process.wait_until_up()
    yield process
    process.end()


@contextmanager
def daemon(helpdesk_url: str, folder: Path | None = None, **environment: str) -> Iterator[Process]:
    """Run the daemon between a chat that is away and the helpdesk at the URL."""
    with tempfile.TemporaryDirectory(prefix="syncd-bench-") as scratch:
        port = free_port()
        settings = {
            "SYNCD_DATABASE_URL": f"sqlite:///{(folder or Path(scratch)) / 'syncd.db'}",
            "SYNCD_LISTEN": f"127.0.0.1:{port}",
            "SYNCD_LOG_LEVEL": "ERROR",
            "BRIDGE_CHAT": "chatra",
            "BRIDGE_HELPDESK": "request_tracker",
            "BRIDGE_WEBHOOK_SECRET": SECRET,
            "CHATRA_PUBLIC_KEY": "p",
            "CHATRA_SECRET_KEY": "s",
            "CHATRA_API_URL": "http://127.0.0.1:9/api",
            "RT_URL": helpdesk_url,
            "RT_TOKEN": "t",
            "RT_QUEUE": "Support",
        }
        process = Process(["-m", "syncd", "run"], port, {**settings, **environment})
        process.wait_until_up()
        yield process
        process.end()


class InstantHelpdesk:
    """Answers Request Tracker's calls at once and notes when each text came; it keeps nothing else."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.texts: list[tuple[float, str]] = []
        self._made = 0
        routes = [
            Route("/REST/2.0/ticket", self._open, methods=["POST"]),
            Route("/REST/2.0/ticket/{ticket}/comment", self._comment, methods=["POST"]),
            Route("/REST/2.0/{kind}", self._list),
        ]
        config = uvicorn.Config(Starlette(routes=routes), port=self.port, log_level="critical", access_log=False)
        self._server = uvicorn.Server(config)
        threading.Thread(target=self._server.run, daemon=True).start()

    async def _open(self, request: Request) -> Response:
        self._note(await request.body())
        return JSONResponse({"id": str(self._made), "type": "ticket"}, 201)

    async def _comment(self, request: Request) -> Response:
        self._note(await request.body())
        return JSONResponse(["Comments added"], 201, {"Location": f"/REST/2.0/transaction/{self._made}"})

    async def _list(self, _: Request) -> Response:
        return JSONResponse({"items": [], "count": 0, "page": 1, "per_page": 100})

    def _note(self, body: bytes) -> None:
        self._made += 1
        self.texts.append((time.perf_counter(), str(json.loads(body).get("Content", ""))))

    def end(self) -> None:
        self._server.should_exit = True
