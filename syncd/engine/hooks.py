"""Webhooks: the secret first, then the size, then a look by the connector, then the disk, then 200.

This is an ASGI application of its own, in front of the other pages: what thousands of webhooks a second do not need
(middleware, request objects, routing) they do not pay for.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from http import HTTPStatus

import pydantic_core
from loguru import logger
from starlette.types import Receive, Scope, Send

from syncd import clock
from syncd.contract.errors import AuthError, PayloadError
from syncd.contract.model import BridgeName, End, WebhookRequest
from syncd.contract.ports import ReceivesWebhooks
from syncd.engine.bridge import Bridge
from syncd.engine.faults import frames
from syncd.engine.intake import FullError, Intake
from syncd.engine.metrics import Metrics
from syncd.store.inbox import Received

PREFIX = "/hooks/"
LARGEST_BODY = 1024 * 1024
BODY_SECONDS = 15.0
MOST_READ_BYTES = 64 * 1024 * 1024
"""Of all bodies that are being read: thousands may come in at once, each for 15 seconds."""
NOT_KEPT = frozenset({"authorization", "cookie", "proxy-authorization"})
UNREAD = frozenset({HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_TIMEOUT})
"""Answers to a body that was not read whole: nothing more is taken over that connection."""
ENDS: Mapping[str, End] = {"chat": "chat", "helpdesk": "helpdesk"}


class RefusedError(Exception):
    """The request gets this answer; it is not an event."""

    def __init__(self, status: HTTPStatus, words: str) -> None:
        super().__init__(words)
        self.status = status


class Hooks:
    """Answers POST /hooks/{bridge}/{end}/{secret}. Only what is on disk is answered 200."""

    def __init__(self, bridges: Mapping[BridgeName, Bridge], intake: Intake, metrics: Metrics) -> None:
        self._bridges = bridges
        self._intake = intake
        self._metrics = metrics
        self._bodies = Bodies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        found = self._find(scope["path"])
        if found is None:
            await answer(send, HTTPStatus.NOT_FOUND, "no such hook")
            return
        bridge, end = found
        status, words = HTTPStatus.OK, ""
        try:
            await self._take(bridge, end, scope, receive)
        except RefusedError as refused:
            status, words = refused.status, str(refused)
        self._metrics.webhooks.labels(bridge.name, end, status.value).inc()
        await answer(send, status, words)

    def _find(self, path: str) -> tuple[Bridge, End] | None:
        """Find whom a path is for; the secret takes the same time to compare whatever is wrong with it."""
        name, _, rest = path.removeprefix(PREFIX).partition("/")
        side, _, secret = rest.partition("/")
        bridge = self._bridges.get(BridgeName(name))
        end = ENDS.get(side)
        is_right = hmac.compare_digest(secret.encode(), (bridge.secret if bridge else "").encode())
        return (bridge, end) if bridge and end and is_right else None

    async def _take(self, bridge: Bridge, end: End, scope: Scope, receive: Receive) -> None:
        connector = bridge.connector(end)
        if not isinstance(connector, ReceivesWebhooks):
            raise RefusedError(HTTPStatus.NOT_FOUND, f"the {end} of this bridge takes no webhooks")
        if scope["method"] != "POST":
            raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "webhooks are sent by POST")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await self._bodies.read(receive, headers.get("content-length", ""))
        kept = {name: value for name, value in headers.items() if name not in NOT_KEPT}
        row = Received(bridge.name, end, "webhook", pydantic_core.to_json(kept).decode(), body, clock.now())
        try:
            connector.admit_webhook(WebhookRequest(body, headers))
        except AuthError:
            raise RefusedError(HTTPStatus.UNAUTHORIZED, "the signature is wrong") from None
        except PayloadError as unreadable:
            await self._store(row._replace(state="quarantined", reason=str(unreadable)))
            raise RefusedError(HTTPStatus.BAD_REQUEST, str(unreadable)) from None
        except Exception as bug:  # noqa: BLE001  (a connector from elsewhere may have any fault; the body is kept all the same)
            logger.error("bridge {}: looking at a webhook failed, this is a bug: {}", bridge.name, frames(bug))
        await self._store(row)

    async def _store(self, row: Received) -> None:
        try:
            await self._intake.receive(row)
        except FullError:
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, "cannot store this now, send it again") from None


class Bodies:
    """The bodies that are being read, which together take 64 MiB at most."""

    def __init__(self) -> None:
        self._bytes = 0

    async def read(self, receive: Receive, declared: str) -> bytes:
        """Read a body, at most 1 MiB and for at most 15 seconds. Raises RefusedError."""
        if declared.isdecimal() and int(declared[:20]) > LARGEST_BODY:
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "larger than 1 MiB")
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while await self._read_part(receive, body):
                    pass
        except TimeoutError:
            raise RefusedError(HTTPStatus.REQUEST_TIMEOUT, "the body took longer than 15 seconds") from None
        finally:
            self._bytes -= len(body)
        return bytes(body)

    async def _read_part(self, receive: Receive, body: bytearray) -> bool:
        """Read on; False at the end of the body."""
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RefusedError(HTTPStatus.BAD_REQUEST, "the body was cut off")
        part: bytes = message.get("body", b"")
        body += part
        self._bytes += len(part)
        if len(body) > LARGEST_BODY:
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "larger than 1 MiB")
        if self._bytes > MOST_READ_BYTES:
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, "too much comes in at once, send it again")
        return bool(message.get("more_body"))


async def answer(send: Send, status: HTTPStatus, words: str) -> None:
    """Send a plain answer: nothing beside 200, else a line that says what is wrong."""
    body = f"{words}\n".encode() if words else b""
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"text/plain; charset=utf-8")]
    if status in UNREAD:
        headers.append((b"connection", b"close"))
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"10"))
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body})
