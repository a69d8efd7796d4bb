"""Webhooks: the secret first, then the size, then a look by the connector, then the disk, then 200."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Mapping

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from syncd import clock
from syncd.contract.errors import AuthError, PayloadError
from syncd.contract.model import BridgeName, End, WebhookRequest
from syncd.contract.ports import ReceivesWebhooks
from syncd.engine.bridge import Bridge
from syncd.engine.intake import FullError, Intake
from syncd.engine.metrics import Metrics
from syncd.store.inbox import Received

LARGEST_BODY = 1024 * 1024
BODY_SECONDS = 15.0
RETRY_AFTER = {"Retry-After": "10"}
NOT_KEPT = frozenset({"authorization", "cookie", "proxy-authorization"})

NOT_FOUND = PlainTextResponse("no such hook\n", 404)
STORED = Response(status_code=200)


class RefusedError(Exception):
    """The request gets this answer instead of being stored as an event."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Hooks:
    """Answers what the ends send. Only what is on disk is answered 200."""

    def __init__(self, bridges: Mapping[BridgeName, Bridge], intake: Intake, metrics: Metrics) -> None:
        self._bridges = bridges
        self._intake = intake
        self._metrics = metrics

    async def answer(self, request: Request) -> Response:
        """Answer a POST to /hooks/{bridge}/{end}/{secret}."""
        parts = request.path_params
        bridge = self._bridges.get(BridgeName(parts["bridge"]))
        expected = bridge.secret if bridge is not None else ""
        if not hmac.compare_digest(expected.encode(), parts["secret"].encode()) or bridge is None:
            return NOT_FOUND
        end: End = "chat" if parts["end"] == "chat" else "helpdesk"
        try:
            await self._take(bridge, end, request)
        except RefusedError as refused:
            status = refused.status
            headers = RETRY_AFTER if status == 503 else None
            response: Response = PlainTextResponse(f"{refused}\n", status, headers)
        else:
            status, response = 200, STORED
        self._metrics.webhooks.labels(bridge.name, end, status).inc()
        return response

    async def _take(self, bridge: Bridge, end: End, request: Request) -> None:
        connector = bridge.connector(end)
        if not isinstance(connector, ReceivesWebhooks):
            raise RefusedError(404, f"the {end} of this bridge takes no webhooks")
        body = await read_body(request)
        kept = {name: value for name, value in request.headers.items() if name not in NOT_KEPT}
        row = Received(bridge.name, end, "webhook", json.dumps(kept), body, clock.now())
        try:
            connector.admit_webhook(WebhookRequest(body, dict(request.headers)))
        except AuthError:
            raise RefusedError(401, "the signature is wrong") from None
        except PayloadError as unreadable:
            await self._store(row._replace(state="quarantined", reason=str(unreadable)))
            raise RefusedError(400, str(unreadable)) from None
        await self._store(row)

    async def _store(self, row: Received) -> None:
        try:
            await self._intake.receive(row)
        except FullError:
            raise RefusedError(503, "cannot store this now, send it again") from None


async def read_body(request: Request) -> bytes:
    """Read the body, at most 1 MiB and for at most 15 seconds."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > LARGEST_BODY:
        raise RefusedError(413, "larger than 1 MiB")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise RefusedError(413, "larger than 1 MiB")
    except TimeoutError:
        raise RefusedError(408, "the body took longer than 15 seconds") from None
    except ClientDisconnect:
        raise RefusedError(400, "the body was cut off") from None
    return bytes(body)
