"""A Request Tracker that answers at once and keeps nothing but when which line came.

Run it as `python -m tests.bench.helpdesk PORT`.

`PUT /away` and `PUT /back` let it answer 503 to everything and answer again; `GET /calls` gives what came so far, each
with its time (of the monotonic clock, which all processes share) and the numbers of its lines.
"""

from __future__ import annotations

import json
import re
import sys
import time

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

LINE = re.compile(r"\bline(\d{17})\b")


class Desk:
    """The calls that made something, and those that were refused while it was away."""

    def __init__(self) -> None:
        self._taken: list[tuple[float, list[str]]] = []
        self._refused = 0
        self._is_away = False
        self.app = Starlette(
            routes=[
                Route("/away", self._control, methods=["PUT"]),
                Route("/back", self._control, methods=["PUT"]),
                Route("/calls", self._calls),
                Route("/REST/2.0/{path:path}", self._serve, methods=["GET", "POST"]),
            ]
        )

    async def _control(self, request: Request) -> Response:
        self._is_away = request.url.path == "/away"
        return Response()

    async def _calls(self, _: Request) -> Response:
        return JSONResponse({"taken": self._taken, "refused": self._refused})

    async def _serve(self, request: Request) -> Response:
        if self._is_away:
            self._refused += 1
            return Response(status_code=503)
        if request.method == "GET":
            return JSONResponse({"items": [], "count": 0, "page": 1, "per_page": 100})
        text = str(json.loads(await request.body()).get("Content", ""))
        self._taken.append((time.perf_counter(), LINE.findall(text)))
        made = len(self._taken)
        if request.path_params["path"] == "ticket":
            return JSONResponse({"id": str(made), "type": "ticket"}, 201)
        return JSONResponse(["Comments added"], 201, {"Location": f"/REST/2.0/transaction/{made}"})


if __name__ == "__main__":
    uvicorn.run(
        Desk().app, port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="critical"
    )
