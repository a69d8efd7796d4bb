"""The pages as one application: which address shows what, and who stands before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, ExceptionHandler

from syncd.contract.model import BridgeName
from syncd.engine.admin import Admin
from syncd.engine.bridge import Bridge
from syncd.engine.door import Door
from syncd.engine.metrics import Metrics
from syncd.engine.storage import Storage
from syncd.pages.access import LOGIN, Access, Login
from syncd.pages.deeds import Deeds
from syncd.pages.mount import Mounted
from syncd.pages.overview import Overview
from syncd.pages.show import missing
from syncd.pages.trace import Trace
from syncd.store.database import Database

STATIC = Path(__file__).parent / "static"
"""The files that all pages need, at `/static/`."""
SESSION_SECONDS = 12 * 3600


def site(
    bridges: Mapping[BridgeName, Bridge],
    storage: Storage,
    readers: Database,
    metrics: Metrics,
    admin: Admin,
    door: Door,
    *,
    is_https: bool,
) -> ASGIApp:
    """Give the pages of a daemon. `is_https`: browsers come over TLS, so that cookies need not go without."""
    mounted = Mounted(bridges)
    routes = [
        Route("/", Overview(bridges, storage, readers, metrics, mounted).answer),
        Route("/trace", Trace(readers).answer),
        *mounted.routes,
        *_routes_of_deeds(Deeds(readers, admin, list(bridges))),
        *_routes_of_login(Login(door)),
    ]

    async def unreadable(_: Request, failure: Exception) -> Response:
        if isinstance(failure, SQLAlchemyError):
            storage.sees_damage(failure)
        return PlainTextResponse("the database cannot be read now: /healthz says why\n", 503)

    return guarded(routes, {SQLAlchemyError: unreadable}, mounted, door, is_https=is_https)


def guarded(
    routes: Sequence[BaseRoute],
    failures: Mapping[Any, ExceptionHandler],
    mounted: Mounted,
    door: Door,
    *,
    is_https: bool,
) -> ASGIApp:
    """Give pages, and the static files that they need, behind the door."""
    static = Mount("/static", StaticFiles(directory=STATIC))
    pages = Starlette(routes=[*routes, static], exception_handlers={404: _not_found, **failures})
    access = Access(pages, door, lambda path: path.startswith("/static/") or mounted.is_open(path))
    return SessionMiddleware(
        access, door.seal, session_cookie="syncd", max_age=SESSION_SECONDS, same_site="strict", https_only=is_https
    )


def _routes_of_deeds(deeds: Deeds) -> list[Route]:
    return [
        Route("/parked", deeds.parked),
        Route("/parked/{key}", deeds.delivery),
        Route("/parked/{key}/{deed}", deeds.ask, methods=["GET"]),
        Route("/parked/{key}/{deed}", deeds.do, methods=["POST"]),
        Route("/bridges/{bridge}/{deed}", deeds.ask, methods=["GET"]),
        Route("/bridges/{bridge}/{deed}", deeds.do, methods=["POST"]),
    ]


def _routes_of_login(login: Login) -> list[Route]:
    return [
        Route(LOGIN, login.ask, methods=["GET"]),
        Route(LOGIN, login.answer, methods=["POST"]),
        Route("/logout", login.leave, methods=["POST"]),
    ]


async def _not_found(request: Request, _: Exception) -> Response:
    return missing(request)
