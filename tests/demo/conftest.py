"""The demo as a process, and a browser that looks at it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.browser import Browser, NoBrowserError, install
from tests.debian import skip
from tests.demo import axe
from tests.process.programs import Program, free_port

START_SECONDS = 60.0


class DemoProcess(Program):
    """`syncd demo` on a port of its own; `url` is its page."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/demo"
        super().__init__(["-m", "syncd", "demo", "--no-browser", "--port", str(port)], {}, folder / "demo.log")

    def start(self) -> None:
        super().start()
        deadline = time.monotonic() + START_SECONDS
        while not self.is_up():
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def __exit__(self, *details: object) -> None:
        # Not killed: it has a daemon to take with it.
        if self.process is not None and self.process.poll() is None:
            self.end()
        super().__exit__(*details)

    def is_up(self) -> bool:
        try:
            return httpx.get(self.url, timeout=5).is_success
        except httpx.TransportError:
            return False


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser, and axe-core; without these tests are skipped, or fail where SYNCD_REQUIRE_LIVE is 1."""
    try:
        install()
        axe.script()
    except NoBrowserError as reason:
        skip(f"no browser: {reason}")
    with Browser(width=1280, height=1000, scale=1) as one:
        yield one


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    with DemoProcess(tmp_path_factory.mktemp("demo")) as one:
        yield one
