"""`syncd demo`: a visitor's chat and an agent's desk in one page, the real daemon in between, and things that go wrong.

Nothing leaves the machine: the chat is the stand-in for Chatra, the helpdesk is the embedded one.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import webbrowser
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from syncd import logs
from syncd.contract.errors import ConfigError
from syncd.demo.front import front
from syncd.demo.stage import PUBLIC_KEY, SECRET_KEY, Stage
from syncd.engine.serve import address_of, listen, served
from syncd.testing.chatra import ChatraStandIn, Options, serve


async def show(port: int, ready: Callable[[str], None]) -> None:
    """Show it on a port of 127.0.0.1, any that is free for 0, until SIGINT or SIGTERM; `ready` gets its address.

    Raises ConfigError where the port is taken.
    """
    logs.set_up("WARNING", "text")
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    try:
        listener = listen(f"127.0.0.1:{port}")
    except ConfigError:
        raise ConfigError([f"--port: port {port} is taken: choose another, or 0 for any that is free"]) from None
    stand_in = ChatraStandIn(Options(PUBLIC_KEY, SECRET_KEY))
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="syncd-demo-"))
        chat_url = await stack.enter_async_context(serve(stand_in))
        stage = await stack.enter_async_context(Stage(stand_in, chat_url, Path(folder)))
        await stack.enter_async_context(served(front(stage), listener, finish_seconds=1))
        ready(f"{address_of(listener)}/demo")
        await stopping.wait()


def open_where_seen(address: str) -> None:
    """Open an address in a browser, where there is a screen to see it on."""
    if sys.platform in {"darwin", "win32"} or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
        webbrowser.open(address)
