"""The stand-in on a port of 127.0.0.1, with connections that can be cut."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from syncd.testing.chatra.gate import CUT_EXTENSION
from syncd.testing.chatra.stand_in import ChatraStandIn


class CuttableProtocol(HttpToolsProtocol):
    """HTTP whose requests can cut the connection they came over, without an answer."""

    def on_message_begin(self) -> None:
        """Give the request the extension."""
        super().on_message_begin()
        self.scope["extensions"] = {CUT_EXTENSION: {"abort": self.transport.abort}}


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()

    async def main_loop(self) -> None:
        """Keep the `Date` header fresh, and stop at once where uvicorn would look ten times a second."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self.stopping.wait()

    def stop(self) -> None:
        """Let `serve` return."""
        self.should_exit = True
        self.stopping.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the process this is a part of."""
        yield


@contextlib.asynccontextmanager
async def serve(stand_in: ChatraStandIn, port: int = 0) -> AsyncIterator[str]:
    """Serve on 127.0.0.1, on a free port for 0; give the base URL. At the end the stand-in is closed too.

    Raises OSError where the port is taken.
    """
    # asyncio sets TCP_NODELAY only where the protocol is named; without it each answer may stall for 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(2048)
        config = uvicorn.Config(
            stand_in.app,
            http=CuttableProtocol,
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.stop()
            await serving
            await stand_in.close()
