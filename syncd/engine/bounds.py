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
    Where a head ends and the next begins only the parser knows: packets may end anywhere.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Give the first request's headers their time."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._is_in_body = False
        self._head_timer: asyncio.TimerHandle | None = None
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Give the parser no more of a head than there is room for, and refuse what does not end there."""
        if self._is_between:
            # Some clients send a line break behind a body: it begins nothing.
            data = data.lstrip(b"\r\n")
        while data and not self.transport.is_closing():
            if self._is_between:
                self._expect_head()
            part = data
            if self._head_timer is not None:
                part = data[: LARGEST_HEAD - self._head_size]
                self._head_size += len(part)
            super().data_received(part)
            data = data[len(part) :]
            if self._head_timer is not None and self._head_size >= LARGEST_HEAD and not self.transport.is_closing():
                self.transport.write(TOO_LARGE)
                self.transport.close()

    def on_message_begin(self) -> None:
        """A head begins, in the middle of a packet perhaps."""
        super().on_message_begin()
        if self._head_timer is None:
            self._expect_head()

    def on_headers_complete(self) -> None:
        """The headers are there: what follows is the body."""
        self._forget_head()
        self._is_in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is there: what follows is the next head."""
        self._is_in_body = False
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._forget_head()
        super().connection_lost(exc)

    @property
    def _is_between(self) -> bool:
        return self._head_timer is None and not self._is_in_body

    def _expect_head(self) -> None:
        self._head_size = 0
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._end_wait)

    def _end_wait(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        else:
            # The answer to the request before is owed first, and until then uvicorn may not read on.
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._end_wait)

    def _forget_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
