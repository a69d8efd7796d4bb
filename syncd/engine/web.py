"""The HTTP side: webhooks in, health and figures out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from syncd import clock
from syncd.contract.model import BridgeName, End
from syncd.engine.health import Health
from syncd.engine.hooks import PREFIX, Hooks
from syncd.engine.metrics import Metrics
from syncd.engine.storage import Storage
from syncd.store import reports
from syncd.store.database import Database
from syncd.store.failures import words_of

LONGEST_READ_SECONDS = 6.0
"""A reader waits 5 seconds for a lock."""
PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class Figures:
    """`/healthz` (process and database), `/readyz` (every end), `/metrics`. Reads never go through the writer."""

    def __init__(
        self, healths: Mapping[tuple[BridgeName, End], Health], storage: Storage, readers: Database, metrics: Metrics
    ) -> None:
        self._healths = healths
        self._storage = storage
        self._readers = readers
        self._metrics = metrics

    async def healthz(self, _: Request) -> Response:
        """Answer 200 while the database can be written and read, else 503 with the reason."""
        trouble = self._storage.trouble or await self._reading_trouble()
        return JSONResponse(
            {"status": "failing" if trouble else "ok", "database": trouble or "ok"}, 503 if trouble else 200
        )

    async def readyz(self, _: Request) -> Response:
        """Answer 200 while every end answers too, else 503; each end with its state and the reason."""
        bridges: dict[str, dict[str, dict[str, str]]] = {}
        for (bridge, end), health in self._healths.items():
            bridges.setdefault(bridge, {})[end] = {"state": health.state, "reason": health.reason}
        ready = not self._storage.trouble and all(health.state == "ok" for health in self._healths.values())
        body = {"ready": ready, "database": self._storage.trouble or "ok", "bridges": bridges}
        return JSONResponse(body, 200 if ready else 503)

    async def metrics(self, _: Request) -> Response:
        """Give every figure in Prometheus' text format; 503 while the database cannot be read."""
        names = sorted({bridge for bridge, _ in self._healths})
        try:
            found = await self._readers.run(partial(reports.ends_of, names=names))
        except SQLAlchemyError as failure:
            self._storage.sees_damage(failure)
            return PlainTextResponse(f"{words_of(failure)}\n", 503)
        return Response(self._metrics.render(found, clock.now()), media_type=PROMETHEUS_TEXT)

    async def _reading_trouble(self) -> str:
        try:
            async with asyncio.timeout(LONGEST_READ_SECONDS):
                await self._readers.run(_touch)
        except TimeoutError:
            return f"a read takes more than {LONGEST_READ_SECONDS:.0f} seconds"
        except SQLAlchemyError as failure:
            self._storage.sees_damage(failure)
            return words_of(failure)
        return ""


def _touch(connection: Connection) -> None:
    connection.exec_driver_sql("SELECT 1 FROM bridge_end LIMIT 1")


def application(hooks: Hooks, figures: Figures, site: ASGIApp) -> ASGIApp:
    """Give the ASGI application: the webhooks, what programs ask, and the pages for people."""
    others = Starlette(
        routes=[
            Route("/healthz", figures.healthz),
            Route("/readyz", figures.readyz),
            Route("/metrics", figures.metrics),
            Mount("/", site),
        ],
    )

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        app = hooks if scope["path"].startswith(PREFIX) else others
        await app(scope, receive, send)

    return serve
