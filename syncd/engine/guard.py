"""HTTP into the public internet only: what is checked is the address that is connected to, not the URL."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache

import httpx

from syncd.core.addresses import PORTS, is_public
from syncd.core.text import Reason, because

MOST_ADDRESSES = 4
"""So many of a host are tried: one may be of a kind that this machine has no way to."""

LAST_PORT = 65535

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the numeric addresses of a host and a port. Raises OSError."""


class ForbiddenError(Exception):
    """A request would leave the public internet, or carry more than it should; nothing was connected to."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Guard(httpx.AsyncBaseTransport):
    """Resolves each request's host once, and connects to an address that it found to be public, and to none other.

    `trusted` hosts may be anywhere, on any port. No connection is used twice: those to one address may be for two
    hosts. Raises ForbiddenError.
    """

    def __init__(
        self,
        trusted: frozenset[str],
        *,
        ports: frozenset[int | None] = PORTS,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._trusted = trusted
        self._ports = ports
        self._resolve = resolve or resolve_here
        limits = httpx.Limits(max_keepalive_connections=0)
        self._inner = httpx.AsyncHTTPTransport(verify=tls or _tls(), limits=limits, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Make the request of the first of the host's addresses that answers."""
        failure: httpx.TransportError = httpx.ConnectError("no address")
        for address in await self._allowed(request.url):
            try:
                return await self._inner.handle_async_request(_pinned(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as unreachable:
                failure = unreachable
        raise failure

    def refuse(self, url: httpx.URL) -> None:
        """Refuse what can be told of a URL alone. Raises ForbiddenError."""
        if url.scheme not in {"http", "https"} or not url.host:
            raise ForbiddenError(because("link_scheme"))
        if url.userinfo:
            raise ForbiddenError(because("link_login"))
        is_free = name_of(url) in self._trusted and (url.port is None or 0 < url.port <= LAST_PORT)
        if not is_free and url.port not in self._ports:
            raise ForbiddenError(because("link_port", port=url.port))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()

    async def _allowed(self, url: httpx.URL) -> Sequence[str]:
        host = name_of(url)
        self.refuse(url)
        try:
            found = await self._resolve(host, url.port or (443 if url.scheme == "https" else 80))
        except UnicodeError:
            raise ForbiddenError(because("host_none")) from None
        except OSError:
            raise httpx.ConnectError("not resolved") from None
        allowed = [address for address in found if host in self._trusted or is_public(address)]
        if not allowed:
            raise ForbiddenError(because("host_inside"))
        return allowed[:MOST_ADDRESSES]


def name_of(url: httpx.URL) -> str:
    """Give the host of a URL as `parse_hosts` writes it."""
    return url.host.lower().rstrip(".")


async def resolve_here(host: str, port: int) -> Sequence[str]:
    """Resolve as this machine does, which also reads numbers in any notation that it knows."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _pinned(request: httpx.Request, address: str) -> httpx.Request:
    # The header Host is set already, and the certificate is checked for the host by its name.
    named = {**request.extensions, "sni_hostname": name_of(request.url)}
    return httpx.Request(request.method, request.url.copy_with(host=address), headers=request.headers, extensions=named)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
