"""Whatever visitors write, are called or send, stays words: never markup, a header, a template or a command."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import httpx
import pytest
from hypothesis import example, given, settings

from connectors.desk import Desk
from connectors.memory import MemoryChat
from syncd.contract.errors import ConnectorError
from syncd.contract.http import Http
from syncd.contract.model import Author, ChatContext, File, Message, MessageId, Page, Role, Visitor
from tests.connectors.hostile import CALLS, Hostile, calls_of, hostiles
from tests.connectors.hostile_ends import CHATRA, REQUEST_TRACKER, EndKinds, must_be_plain
from tests.simulation.times import BEGIN

INSTALLED = [*entry_points(group="syncd.chat"), *entry_points(group="syncd.helpdesk")]
SILENT = EndKinds(MemoryChat.Settings(), lambda _: httpx.Response(500), {}, {})
DESK = EndKinds(Desk.Settings(database=Path(":memory:")), lambda _: httpx.Response(500), {}, {})
ENDS = {"chatra": CHATRA, "request_tracker": REQUEST_TRACKER, "memory": SILENT, "desk": DESK}
"""What each installed connector's end is like, by the connector's name."""
EACH_CALL = [
    pytest.param(point, call, id=f"{point.name}-{call}") for point in INSTALLED for call in calls_of(point.load())
]
PLAIN = Hostile(
    ChatContext(Visitor("ann", "Ann", "ann@example.com"), page=Page("https://shop.example/")),
    Message(MessageId("m1"), Author(Role.VISITOR, "Ann"), "Hello", BEGIN),
    File("lid.png"),
    "red",
    "Bo",
    notice=False,
    is_same_person=False,
)
NOT_A_NAME = replace(PLAIN, context=ChatContext(Visitor("..")))


def made(point: EntryPoint, call: str, hostile: Hostile) -> set[str]:
    """Make a call, check every request that it makes, and give their kinds."""
    end, requests = ENDS[point.name], list[httpx.Request]()

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return end.answer(request)

    async def act() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            with suppress(ConnectorError):
                await CALLS[call](point.load()(end.settings, Http(client)), hostile)

    asyncio.run(act())
    return {must_be_plain(request, end, hostile) for request in requests}


@pytest.mark.parametrize(("point", "call"), EACH_CALL)
@settings(deadline=None)
@example(hostile=NOT_A_NAME)
@given(hostile=hostiles)
def test_no_words_are_more_than_words_in_any_request(point: EntryPoint, call: str, hostile: Hostile) -> None:
    made(point, call, hostile)


@pytest.mark.parametrize("point", INSTALLED, ids=lambda point: f"{point.group}-{point.name}")
def test_each_kind_of_request_is_among_these(point: EntryPoint) -> None:
    samples = [replace(PLAIN, notice=one, is_same_person=one) for one in (False, True)]
    kinds = [made(point, call, sample) for call in calls_of(point.load()) for sample in samples]
    assert set().union(*kinds) == set(ENDS[point.name].kinds)
