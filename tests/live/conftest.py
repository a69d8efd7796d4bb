"""The live servers, each started once for all tests that ask for it, and connectors to them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from connectors.request_tracker import RequestTracker
from syncd.contract.http import Http
from tests.live.request_tracker.drafts import Connect
from tests.live.request_tracker.server import RequestTrackerServer, UnavailableHereError


@pytest.fixture(scope="session")
def request_tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RequestTrackerServer]:
    """A Request Tracker; without one tests are skipped, or fail where SYNCD_REQUIRE_LIVE is 1."""
    try:
        server = RequestTrackerServer(tmp_path_factory.mktemp("request-tracker"))
    except UnavailableHereError as reason:
        if os.environ.get("SYNCD_REQUIRE_LIVE") == "1":
            pytest.fail(f"no Request Tracker: {reason}")
        pytest.skip(f"no Request Tracker: {reason}")
    yield server
    server.stop()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=30) as one:
        yield one


@pytest.fixture
def asked(client: httpx.AsyncClient) -> list[str]:
    """The calls that were made, as `METHOD /path`."""
    seen: list[str] = []

    async def note(request: httpx.Request) -> None:
        seen.append(f"{request.method} {request.url.path}")

    client.event_hooks["request"].append(note)
    return seen


@pytest.fixture
def connect(request_tracker: RequestTrackerServer, client: httpx.AsyncClient) -> Connect:
    def make(**changes: Any) -> RequestTracker:
        values = {"url": request_tracker.url, "token": request_tracker.tokens["syncd"], "queue": "Support", **changes}
        return RequestTracker(RequestTracker.Settings(**values), Http(client))

    return make


@pytest.fixture
def connector(connect: Connect) -> RequestTracker:
    return connect()
