"""The live servers and the package, each made once for all tests that ask for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.request_tracker.server import RequestTrackerServer, UnavailableHereError
from tests.process.debian_root import built_package

LONG = {"simulation", "live", "torture", "power"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders that take long: the workers, each with whole modules, then end at about the same time."""
    items.sort(key=lambda item: LONG.isdisjoint(item.path.parts))


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


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the Debian package of the code as it is."""
    return built_package(tmp_path_factory.mktemp("package"))
