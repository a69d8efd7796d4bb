"""A host that files are fetched from: what it answers is told, and every connection to it is counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


def answer(content: bytes = PNG, *headers: str, status: str = "200 OK") -> bytes:
    """Write an answer with its true length; further headers come first."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(content)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + content


def moved(to: str) -> bytes:
    """Write a redirect."""
    return answer(b"", f"Location: {to}", status="302 Found")


@dataclass
class FileHost:
    """`answers` by path, each used until the last of its list remains; a path without any is 404."""

    port: int = 0
    answers: dict[str, list[bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    connections: int = 0
    held: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.held.set()

    def url(self, path: str = "/file", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def gives(self, path: str, *answers: bytes) -> str:
        """Set what a path answers; give its URL."""
        self.answers[path] = list(answers)
        return self.url(path)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ")[1]
            self.asked.append(path)
            self.hosts += [line[6:] for line in head.split("\r\n") if line.lower().startswith("host: ")]
            await self.held.wait()
            left = self.answers.get(path, [answer(b"gone", status="404 Not Found")])
            writer.write(left.pop(0) if len(left) > 1 else left[0])
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def file_host(*addresses: str) -> AsyncIterator[FileHost]:
    """Serve on addresses of this machine, 127.0.0.1 by default, all on one port."""
    host = FileHost()
    servers = []
    for address in addresses or ("127.0.0.1",):
        servers.append(await asyncio.start_server(host.serve, address, host.port))
        host.port = servers[0].sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        for server in servers:
            server.close()
