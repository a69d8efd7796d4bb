"""The operations of ops on a running daemon: over a Unix socket beside the database, for those who may write there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from loguru import logger
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from syncd import clock
from syncd.contract.model import BridgeName, End
from syncd.engine.storage import Storage
from syncd.store.operations import OPERATION, carry_out

PATH = "/operations"


class Admin:
    """Carries operations out and wakes what they concern."""

    def __init__(self, storage: Storage, wake: Callable[[BridgeName, End], None], arrived: Callable[[], None]) -> None:
        self._storage = storage
        self._wake = wake
        self._arrived = arrived
        self.routes = [Route(PATH, self.answer, methods=["POST"])]

    async def answer(self, request: Request) -> Response:
        """Answer a POST of an operation as JSON: how much it has changed."""
        try:
            operation = OPERATION.validate_json(await request.body())
        except ValueError:
            return PlainTextResponse("no such operation\n", 400)
        touched = await self._storage.insist(partial(carry_out, operation=operation, now=clock.now()))
        logger.info("{} by hand: {} changed", operation.kind, touched.count)
        for bridge, end in touched.ends:
            self._wake(bridge, end)
        self._arrived()
        return JSONResponse({"count": touched.count})
