"""What every API call meets before its route: the key, the rate limit, the ordered faults, and the log of calls.

See "REST API" in Chatra's developer documents: errors are `{"status", "message"}`, 429 carries `Retry-After`.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import math
import time
from collections import deque
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncd.testing.chatra.faults import Fault, FaultKind, Faults
from syncd.testing.chatra.refusal import RefusedError

CUT_EXTENSION = "syncd.testing.cut"
"""The ASGI extension that cuts the connection a request came over: `{"abort": callable}`."""
BREAKING: tuple[FaultKind, ...] = ("cut_before", "too_many_requests", "server_error", "cut_after", "garbage")


@dataclass(slots=True)
class Call:
    """One call as the service saw it. `at` is monotonic; `status` is None until it is answered, and where it is cut."""

    at: float
    method: str
    path: str
    status: int | None = None
    retry_after: int | None = None
    fault: str = ""


class RateLimit:
    """At most `calls` in any `seconds`; calls that were turned away do not count."""

    def __init__(self, calls: int, seconds: float) -> None:
        self.calls = calls
        self.seconds = seconds
        self._taken: deque[float] = deque()

    def admit(self, now: float) -> int:
        """Take a call: 0, or turn it away: the whole seconds to wait."""
        while self._taken and self._taken[0] <= now - self.seconds:
            self._taken.popleft()
        if len(self._taken) < self.calls:
            self._taken.append(now)
            return 0
        oldest = self._taken[0] if self._taken else now
        return max(1, math.ceil(oldest + self.seconds - now))


class Gate:
    """Wraps the API's routes; `keys` is `PUBLIC:SECRET`."""

    def __init__(self, app: ASGIApp, keys: str, limit: RateLimit, faults: Faults) -> None:
        self._app = app
        self._keys = keys.encode()
        self._limit = limit
        self._faults = faults
        self.calls: list[Call] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        call = Call(time.monotonic(), scope["method"], scope["path"])
        self.calls.append(call)
        turned_away = self._turn_away(scope, call)
        if turned_away is not None:
            call.status = turned_away.status_code
            await turned_away(scope, receive, send)
            return
        slow = self._faults.draw("slow", method=call.method)
        if slow is not None:
            call.fault = slow.kind
            await asyncio.sleep(slow.seconds)
        fault = self._faults.draw(*BREAKING, method=call.method)
        if fault is None:
            await self._app(scope, receive, _noting(call, send))
            return
        call.fault = fault.kind
        await self._break(fault, call, scope, receive, send)

    def _turn_away(self, scope: Scope, call: Call) -> Response | None:
        if not self._knows(scope):
            return JSONResponse(RefusedError(401, "Unauthorized").body, status_code=401)
        wait = self._limit.admit(call.at)
        return _too_many(call, wait) if wait else None

    def _knows(self, scope: Scope) -> bool:
        given = dict(scope["headers"]).get(b"authorization", b"")
        scheme, _, keys = given.partition(b" ")
        if scheme.lower() == b"basic":
            try:
                keys = base64.b64decode(keys, validate=True)
            except binascii.Error:
                return False
        elif scheme.lower() != b"chatra.simple":
            return False
        return hmac.compare_digest(keys.strip(), self._keys)

    async def _break(self, fault: Fault, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.kind in {"cut_after", "garbage"} or (fault.kind == "server_error" and fault.taken):
            await self._app(scope, receive, _swallow)
        if fault.kind in {"cut_before", "cut_after"}:
            await _cut(scope, receive)
            return
        answer = _broken_answer(fault, call)
        call.status = answer.status_code
        await answer(scope, receive, send)


def _broken_answer(fault: Fault, call: Call) -> Response:
    if fault.kind == "too_many_requests":
        return _too_many(call, fault.retry_after)
    if fault.kind == "garbage":
        return PlainTextResponse('<html>{"id": \x00', media_type="application/json")
    return JSONResponse(RefusedError(fault.status, "Something went wrong").body, status_code=fault.status)


def _too_many(call: Call, wait: int) -> Response:
    call.retry_after = wait
    body = RefusedError(429, "Too Many Requests").body
    return JSONResponse(body, status_code=429, headers={"Retry-After": str(wait)})


def _noting(call: Call, send: Send) -> Send:
    async def note(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            call.status = message["status"]
        await send(message)

    return note


async def _swallow(_message: Message) -> None:
    """Take an answer that nobody is to see."""


async def _cut(scope: Scope, receive: Receive) -> None:
    """Cut the connection without an answer.

    Raises ConnectionAbortedError where the server lacks the extension, as under httpx's ASGITransport.
    """
    extension = scope.get("extensions", {}).get(CUT_EXTENSION)
    if extension is None:
        raise ConnectionAbortedError("the stand-in cut the connection")
    abort: Callable[[], None] = extension["abort"]
    abort()
    # The server must know that the client is gone before this returns, else it answers 500 for an app that was silent.
    while (await receive())["type"] != "http.disconnect":
        pass
