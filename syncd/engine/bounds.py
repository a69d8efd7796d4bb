"""What a client may take: time for its headers, room for them. uvicorn bounds neither."""

from __future__ import annotations

import asyncio
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
LARGEST_HEAD = 16 * 1024

TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class BoundedProtocol(HttpToolsProtocol):
    """HTTP whose headers must be there within 10 seconds of a connection or of their first byte, and within 16 KiB.

    What waits between two requests is uvicorn's business (`timeout_keep_alive`), and the body is the application's.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Give the first request's headers their time."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._head_size = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Refuse headers that grow too large before the parser keeps them."""
        if self._head_timer is None and not self._is_in_body():
            self._expect_head()
        if self._head_timer is not None:
            self._head_size += len(data)
            if self._head_size > LARGEST_HEAD and b"\r\n\r\n" not in data[:LARGEST_HEAD]:
                self.transport.write(TOO_LARGE)
                self.transport.close()
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """The headers are there: what follows is the body."""
        self._forget_head()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._forget_head()
        super().connection_lost(exc)

    def _is_in_body(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _expect_head(self) -> None:
        self._head_size = 0
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _forget_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
