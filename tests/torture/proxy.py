"""A proxy in front of a helpdesk that lets calls fail in every documented way, each with the same chance."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from typing import NamedTuple, Self

KINDS = (
    "refused",
    "reset before",
    "reset after",
    "no answer",
    "429",
    "500 before",
    "500 after",
    "502 before",
    "garbage after",
    "closed behind",
)
CLOSED_SECONDS = 0.4
LONGEST_OPEN_SECONDS = 0.02
SILENT_SECONDS = 3.0
RESET = struct.pack("ii", 1, 0)
HOP_BY_HOP = (b"connection:", b"keep-alive:", b"transfer-encoding:", b"host:", b"accept-encoding:")


class Exchange(NamedTuple):
    """A message of HTTP: its first line, its header lines, its body."""

    first: bytes
    headers: list[bytes]
    body: bytes

    def written(self, *more: bytes) -> bytes:
        kept = [line for line in self.headers if not line.lower().startswith((*HOP_BY_HOP, b"content-length:"))]
        length = b"Content-Length: %d" % len(self.body)
        return b"\r\n".join([self.first, *kept, *more, length, b"", self.body])


async def read_exchange(reader: asyncio.StreamReader) -> Exchange:
    """Read one message. Raises IncompleteReadError where the other side closes before it is whole."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *headers = head[:-4].split(b"\r\n")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in headers)}
    if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
        body = await _read_chunks(reader)
    elif b"content-length" in fields:
        body = await reader.readexactly(int(fields[b"content-length"]))
    else:
        body = await reader.read() if first.startswith(b"HTTP/") else b""
    return Exchange(first, headers, body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return body


def answer(status: bytes, body: bytes = b'{"message": "ordered"}', *more: bytes) -> bytes:
    return Exchange(b"HTTP/1.1 " + status, [b"Content-Type: application/json"], body).written(*more)


INSTEAD = {
    "429": answer(b"429 Too Many Requests", b"{}", b"Retry-After: 1"),
    "500 before": answer(b"500 Internal Server Error"),
    "500 after": answer(b"500 Internal Server Error"),
    "502 before": answer(b"502 Bad Gateway", b"<html>Bad Gateway</html>"),
    "garbage after": answer(b"200 OK", b'<html>{"id": \x00'),
}


class FaultyProxy(AbstractContextManager["FaultyProxy"]):
    """Listens at `url`, keeps connections open, and forwards to `target` with one connection for each call.

    Each of `kinds` happens with `probability`; `counts` says how often it did. refused: it goes away with every
    connection, and for a moment nobody listens.
    `… before`: the helpdesk never sees the call. `… after`, no answer, garbage: it does, and the answer is lost.
    closed behind: the answer is good, and the connection is closed a moment later without a word, as an idle one is.
    """

    def __init__(self, target: str, probability: float, seed: int, kinds: Sequence[str] = KINDS) -> None:
        host, _, port = target.removeprefix("http://").partition(":")
        self._target = (host, int(port))
        self._kinds = kinds
        self._chance = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._callers: set[asyncio.StreamWriter] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._port = 0
        self.probability = probability
        self.calls = 0
        self.counts: Counter[str] = Counter(dict.fromkeys(kinds, 0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port, reuse_address=True)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for away in self._closing:
            away.cancel()
        for caller in list(self._callers):
            _reset(caller)
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*under_way, return_exceptions=True)

    def _draw(self) -> str:
        self.calls += 1
        drawn = self._chance.random()
        index = int(drawn / self.probability) if self.probability else len(self._kinds)
        kind = self._kinds[index] if index < len(self._kinds) else ""
        if kind:
            self.counts[kind] += 1
        return kind

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._callers.add(writer)
        try:
            while await self._serve_call(reader, writer):
                pass
        except (OSError, EOFError):
            _reset(writer)
        finally:
            self._callers.discard(writer)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _serve_call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one call; say whether the connection stays for the next."""
        call = await read_exchange(reader)
        kind = self._draw()
        written = await self._answered(call, kind)
        if written is None:
            _reset(writer)
            return False
        writer.write(written)
        await writer.drain()
        if kind == "closed behind":
            await asyncio.sleep(self._chance.uniform(0, LONGEST_OPEN_SECONDS))
        return kind != "closed behind"

    async def _answered(self, call: Exchange, kind: str) -> bytes | None:
        """Give what the caller reads; None for a reset."""
        if kind == "refused":
            task = asyncio.create_task(self._be_away())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        if kind in {"429", "500 before", "502 before"}:
            return INSTEAD[kind]
        if kind == "reset before":
            return None
        real = await self._forward(call)
        if kind == "no answer":
            await asyncio.sleep(SILENT_SECONDS)
        return None if kind in {"reset after", "no answer"} else INSTEAD.get(kind, real)

    async def _be_away(self) -> None:
        """Let connections be refused for a moment."""
        if self._server is not None and self._server.is_serving():
            self._server.close()
            for caller in list(self._callers):
                _reset(caller)
            await asyncio.sleep(CLOSED_SECONDS)
            await self._listen()

    async def _forward(self, call: Exchange) -> bytes:
        reader, writer = await asyncio.open_connection(*self._target)
        try:
            writer.write(
                call.written(b"Host: %s:%d" % (self._target[0].encode(), self._target[1]), b"Connection: close")
            )
            await writer.drain()
            return (await read_exchange(reader)).written()
        finally:
            writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection: socket.socket | None = writer.get_extra_info("socket")
    if connection is not None and not writer.is_closing():
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
