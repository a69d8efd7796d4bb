"""The demo's one address: its own page below `/demo`, and everything else from the daemon, which may be down."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from syncd.demo.stage import Stage, Trouble
from syncd.engine.door import Door
from syncd.pages.access import Access
from syncd.pages.site import STATIC as SHARED

STATIC = Path(__file__).parent / "static"
POLICY = "content-security-policy"
LONGEST_LINE = 5000
OF_THE_CONNECTION = frozenset(
    {b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"content-encoding", b"date"}
)
IS_DOWN = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="1">
<title>syncd is down</title><link rel="stylesheet" href="/static/colours.css">
<link rel="stylesheet" href="/demo/static/demo.css">
<main class="down"><p>syncd is down. This page comes back with it.</p></main></html>"""


def front(stage: Stage) -> ASGIApp:
    """Give the application; like the status pages without a token it is for browsers on this machine only."""
    play = _Play(stage)
    routes = [
        Route("/demo", play.page),
        Route("/demo/state", play.state),
        Route("/demo/says", play.say, methods=["POST"]),
        Route("/demo/turn", play.turn, methods=["POST"]),
        Mount("/demo/static", StaticFiles(directory=STATIC)),
        Mount("/static", StaticFiles(directory=SHARED)),
        Route("/{path:path}", play.pass_on, methods=["GET", "POST"]),
    ]
    return Access(Starlette(routes=routes), Door(""), lambda _: False, frames="'self'")


class _Play:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def page(self, _: Request) -> Response:
        return FileResponse(STATIC / "demo.html")

    async def state(self, _: Request) -> Response:
        return JSONResponse(await self._stage.told())

    async def say(self, request: Request) -> Response:
        async with request.form(max_files=0, max_fields=1) as form:
            text = str(form.get("text", "")).strip()[:LONGEST_LINE]
        if text:
            await self._stage.say(text)
        return JSONResponse(await self._stage.told())

    async def turn(self, request: Request) -> Response:
        async with request.form(max_files=0, max_fields=1) as form:
            wanted = form.get("trouble")
        for trouble in get_args(Trouble):
            if trouble == wanted:
                await self._stage.turn(trouble)
                return JSONResponse(await self._stage.told())
        return PlainTextResponse("no such trouble\n", 400)

    async def pass_on(self, request: Request) -> Response:
        """Ask the daemon, in the name of the browser."""
        if self._stage.is_down:
            return HTMLResponse(IS_DOWN, 503)
        address = httpx.URL(path=request.url.path, query=request.url.query.encode())
        headers = [(name, value) for name, value in request.headers.raw if name not in OF_THE_CONNECTION]
        body = await request.body()
        try:
            answer = await self._stage.child.client.request(request.method, address, headers=headers, content=body)
        except httpx.TransportError:
            return HTMLResponse(IS_DOWN, 503)
        passed = Response(answer.content, answer.status_code)
        ours = [(name.lower(), value) for name, value in answer.headers.raw if name.lower() not in OF_THE_CONNECTION]
        passed.raw_headers += [(name, value) for name, value in ours if name != POLICY.encode()]
        return passed
