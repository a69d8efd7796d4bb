"""The operations of ops on a running daemon: over a Unix socket beside the database, for those who may write there."""

from __future__ import annotations

from collections.abc import Callable

from loguru import logger
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from syncd import clock
from syncd.contract.deliveries import LaneName
from syncd.contract.model import BridgeName
from syncd.engine.storage import Storage
from syncd.store.operations import OPERATION, Operation, carry_out

PATH = "/operations"


class Admin:
    """Carries operations out and wakes what they concern."""

    def __init__(
        self, storage: Storage, wake: Callable[[BridgeName, LaneName], None], arrived: Callable[[], None]
    ) -> None:
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
        return JSONResponse({"count": await self.carry_out(operation, "hand")})

    async def carry_out(self, operation: Operation, who: str) -> int:
        """Carry an operation out, log by whom, and give how much it has changed."""
        touched = await self._storage.insist(lambda connection: carry_out(connection, operation, clock.now()))
        logger.info("{} by {}: {} changed", operation.kind, who, touched.count)
        for bridge, lane in touched.lanes:
            self._wake(bridge, lane)
        self._arrived()
        return touched.count
