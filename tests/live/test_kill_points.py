"""The daemon is killed before and after commits, calls to a real Request Tracker and their answers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.engine.kill_http import HttpEnds, HttpPair, Letterbox
from tests.engine.kill_points import Point
from tests.engine.kill_series import Crew, Kill, about
from tests.engine.test_kill_points import CALLS_TO_THE_CHAT, TELLS, check
from tests.live.request_tracker.server import RequestTrackerServer
from tests.process.programs import ChatProcess
from tests.torture.desk import RealDesk

pytestmark = pytest.mark.live

SLOW = replace(TELLS, doubt_seconds=3.0, patience=30.0)
SILENT = replace(SLOW, echoes=False)
SAMPLE = (
    Point("after commit", "claim.claim helpdesk", 1),
    Point("after receive", "POST ticket", 1),
    Point("before send", "POST ticket/comment", 1),
    Point("after receive", "POST ticket/comment", 2),
    Point("before commit", "settle.sent add_comment", 1),
    Point("before commit", "claim.claim chat", 1),
    Point("after receive", "GET attachments", 2),
    Point("after commit", "poll.store_page helpdesk", 2),
    Point("after receive", "POST messages", 2),
)


class SameServer(RequestTrackerServer):
    """A server that another process has started."""

    def __init__(self, server: RequestTrackerServer) -> None:
        self.folder, self.url, self.tokens = server.folder, server.url, server.tokens


class DeskOfOne(RealDesk):
    """A Request Tracker of which only one visitor's tickets are seen."""

    def __init__(self, server: RequestTrackerServer, visitor: str) -> None:
        super().__init__(server)
        self._visitor = visitor

    def tickets(self) -> set[str]:
        query = f"Requestor.EmailAddress = 'visitor-{self._visitor}@chat.invalid'"
        return {str(row["id"]) for row in self._all("tickets", query=query)}


class RealEnds(HttpEnds):
    """Makes ends at a Request Tracker that others use as well."""

    def __init__(self, chat: ChatProcess, letterbox: Letterbox, server: RequestTrackerServer) -> None:
        super().__init__(chat, letterbox, RealDesk(server), poll_seconds=0.2)
        self._server = server

    def pair(self, visitor: str, *, echoes: bool) -> HttpPair:
        own = f"{visitor}of{os.getpid()}"
        ends = HttpEnds(self.chat, self.letterbox, DeskOfOne(self._server, own), self.poll_seconds)
        return HttpPair(own, ends, echoes=echoes)


@contextmanager
def real_ends(folder: Path, server: SameServer) -> Iterator[RealEnds]:
    with Letterbox() as letterbox, ChatProcess(folder, letterbox.url, rate=100_000) as chat:
        yield RealEnds(chat, letterbox, server)


def test_a_kill_around_a_call_does_no_harm_at_a_real_request_tracker(
    request_tracker: RequestTrackerServer, tmp_path: Path
) -> None:
    kills = [*(Kill(SLOW, (point,)) for point in SAMPLE), Kill(SILENT, (SAMPLE[-1],))]
    with Crew() as crew:
        outcomes = crew.make(partial(real_ends, server=SameServer(request_tracker)), tmp_path, kills)
    check("Chatra and a real Request Tracker", outcomes)


@pytest.mark.torture
def test_a_kill_at_every_point_does_no_harm_at_a_real_request_tracker(
    request_tracker: RequestTrackerServer, tmp_path: Path
) -> None:
    open_ends = partial(real_ends, server=SameServer(request_tracker))
    with Crew() as crew:
        points = crew.survey(open_ends, tmp_path / "survey", SLOW)
        kills = [Kill(SLOW, (point,)) for point in points]
        kills += [Kill(SILENT, (point,)) for point in about(points, CALLS_TO_THE_CHAT)]
        check("Chatra and a real Request Tracker", crew.make(open_ends, tmp_path, kills))
