"""Who comes in, and what every answer says to the browser.

A page is for whoever has logged in, or sits at the machine where no token is set. A POST must come from a page of ours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal
from urllib.parse import quote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncd.engine.door import Door, is_here
from syncd.pages.show import show

LOGIN = "/login"
WRONG_TOKEN_SECONDS = 1.0
LARGEST_FORM = 32 * 1024 * 1024
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-src {frames}; frame-ancestors {frames}; base-uri 'none'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""What a proxy adds: behind one everybody seems to sit at the machine."""


class Access:
    """Stands before the pages. `is_open` says which paths are for everybody, `frames` who may show whom in a frame."""

    def __init__(
        self,
        app: ASGIApp,
        door: Door,
        is_open: Callable[[str], bool],
        *,
        frames: Literal["'none'", "'self'"] = "'none'",
    ) -> None:
        self._app = app
        self._door = door
        self._is_open = is_open
        self._headers = {"content-security-policy": POLICY.format(frames=frames), **HEADERS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope)
        refusal = None if self._is_open(request.url.path) else self._refusal(request)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await (refusal or self._app)(scope, receive, send_with_headers)

    def _refusal(self, request: Request) -> Response | None:
        if request.method not in {"GET", "HEAD", "POST"}:
            return PlainTextResponse("pages are read and sent, nothing else\n", 405, {"allow": "GET, HEAD, POST"})
        if request.method == "POST":
            if not _is_from_here(request):
                return PlainTextResponse("this form was not sent from a page of this syncd\n", 403)
            if not 0 <= _length(request) <= LARGEST_FORM:
                return PlainTextResponse("a form must tell its length, at most 32 MiB\n", 413)
        if not self._door.has_lock:
            return None if _sits_here(request) else PlainTextResponse(NOT_HERE, 403)
        if request.url.path == LOGIN or request.session.get("in"):
            return None
        if request.method == "POST":
            return PlainTextResponse("log in first\n", 403)
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{LOGIN}?next={quote(asked)}", 303)


NOT_HERE = (
    "No SYNCD_ADMIN_TOKEN is set: these pages are shown only to a browser on the machine itself, and behind no proxy.\n"
)


def comes_from(request: Request) -> str:
    """Give the address that a request comes from, over TCP."""
    return request.client.host if request.client else "somewhere"


def _sits_here(request: Request) -> bool:
    """Say whether a browser on this machine asks for this machine: names of others may be made to lead here."""
    named = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    return is_here(comes_from(request)) and is_here(named) and not any(name in request.headers for name in FORWARDED)


def _is_from_here(request: Request) -> bool:
    """Say whether a browser sends this from a page of ours; each tells it in at least one of two headers."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host", "") != ""


def _length(request: Request) -> int:
    told = request.headers.get("content-length", "")
    return int(told) if told.isdecimal() and len(told) < 16 else -1


class Login:
    """The form that asks for the token, and the way out."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def ask(self, request: Request) -> Response:
        """Show the form."""
        if not self._door.has_lock:
            return RedirectResponse("/", 303)
        return show(request, "login.html", next=_inside(request.query_params.get("next", "/")))

    async def answer(self, request: Request) -> Response:
        """Let in who has the token; who has not waits a second."""
        async with request.form(max_files=0, max_fields=4) as form:
            token, then = str(form.get("token", "")), _inside(str(form.get("next", "/")))
        if self._door.opens(token, comes_from(request)):
            request.session["in"] = True
            return RedirectResponse(then, 303)
        await asyncio.sleep(WRONG_TOKEN_SECONDS)
        return show(request, "login.html", 403, next=then, is_wrong=True)

    async def leave(self, request: Request) -> Response:
        """Forget the browser."""
        request.session.clear()
        return RedirectResponse(LOGIN, 303)


def _inside(path: str) -> str:
    """Give a path of ours to go to, whatever was asked for."""
    is_ours = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if is_ours else "/"
