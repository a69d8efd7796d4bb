"""Files that come with what a visitor says after a ticket is done, and in a burst."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syncd.contract.errors import RetryableError
from syncd.contract.model import File, StatusClass, TicketId
from syncd.core.lifecycle import Lifecycle
from syncd.core.plan import Policy

from .conftest import ANN, Shop, planned, until
from .faulty_ends import TAG
from .file_host import PNG, FileHost, answer, file_host
from .test_files import keeps_hurrying
from .test_lifecycle import BO, CHAT, LIFE, agent_sets, quiet, status, words


@pytest.fixture
async def host() -> AsyncIterator[FileHost]:
    async with file_host() as made:
        made.gives("/file", answer(PNG, "Content-Type: image/png"))
        yield made


async def with_ticket(shop: Shop, debounce: float = 0.0, life: Lifecycle = LIFE) -> TicketId:
    """Start again with files and statuses, and open a ticket."""
    await shop.stop()
    shop.policy = Policy(tag=TAG, uploads=True, lifecycle=life, debounce_seconds=debounce)
    shop.trusted_hosts = frozenset({"127.0.0.1"})
    await shop.start()
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    return shop.ticket


def sends(shop: Shop, host: FileHost, name: str) -> None:
    shop.chat.visitor_says(ANN, f"see {name}", files=(File(name, host.url("/file"), len(PNG)),))


def names(shop: Shop, ticket: TicketId) -> list[str]:
    return [file.name for file in shop.helpdesk.tickets[ticket].files]


async def test_a_file_alone_reopens_a_solved_ticket_and_is_on_it(shop: Shop, host: FileHost) -> None:
    ticket = await with_ticket(shop)
    await agent_sets(shop, ticket, StatusClass.SOLVED)
    shop.chat.visitor_says(ANN, "", files=(File("a.png", host.url("/file"), len(PNG)),))
    await until(lambda: names(shop, ticket) == ["a.png"] and status(shop, ticket) is StatusClass.OPEN)


async def test_a_file_after_a_closed_ticket_is_on_its_follow_up_beside_its_line(shop: Shop, host: FileHost) -> None:
    former = await with_ticket(shop)
    await agent_sets(shop, former, StatusClass.CLOSED)
    sends(shop, host, "b.png")
    await until(lambda: len(shop.helpdesk.tickets) == 2)
    [new] = set(shop.helpdesk.tickets) - {former}
    await until(lambda: names(shop, new) == ["b.png"])
    assert "see b.png" in words(shop, new)
    assert names(shop, former) == []


async def test_a_burst_of_files_is_one_comment_and_each_file_once(shop: Shop, host: FileHost) -> None:
    ticket = await with_ticket(shop, debounce=0.5)
    for name in ("c.png", "d.png"):
        sends(shop, host, name)
    await until(lambda: names(shop, ticket) == ["c.png", "d.png"])
    [burst] = [line for line in shop.shown() if "see c.png" in line]
    assert "see d.png" in burst


class TestEnd:
    SOLVES = replace(LIFE, chat_end="solve")

    async def ends(self, shop: Shop, answered_at: datetime | None = None) -> None:
        shop.chat.agent_says(CHAT, BO, "I look at it", at=answered_at)
        await until(lambda: "I look at it" in words(shop, shop.ticket))
        shop.chat.ends(CHAT)
        await planned(shop, "chat_ended", 1)

    async def test_a_file_that_is_on_its_way_keeps_the_ticket_open(self, shop: Shop, host: FileHost) -> None:
        ticket = await with_ticket(shop, life=self.SOLVES)
        host.held.clear()
        sends(shop, host, "slow.png")
        await until(lambda: host.asked)
        await self.ends(shop)
        await shop.comes_to("set_status", "dropped")
        host.held.set()
        await until(lambda: names(shop, ticket) == ["slow.png"])
        assert status(shop, ticket) is StatusClass.OPEN

    async def test_a_file_that_is_not_to_be_had_keeps_it_open_until_an_agent_answered(
        self, shop: Shop, host: FileHost
    ) -> None:
        ticket = await with_ticket(shop, life=self.SOLVES)
        shop.chat.visitor_says(ANN, "see gone.png", files=(File("gone.png", host.url("/gone")),))
        await until(lambda: "gone.png from the chat could not be" in words(shop, ticket))
        await self.ends(shop)
        await quiet(shop)
        assert status(shop, ticket) is StatusClass.OPEN
        shop.chat.agent_says(CHAT, BO, "Send it again, please", at=datetime.now(UTC) + timedelta(seconds=1))
        await until(lambda: "again, please" in words(shop, ticket))
        shop.chat.ends(CHAT)
        await until(lambda: status(shop, ticket) is StatusClass.SOLVED)


class TestFollowUp:
    """The line of a file is on a ticket that is closed before the file is to be had."""

    async def follows(self, shop: Shop, host: FileHost) -> tuple[TicketId, TicketId]:
        former = await with_ticket(shop)
        host.gives("/late", answer(b"", status="503 Service Unavailable"))
        shop.chat.visitor_says(ANN, "see late.png", files=(File("late.png", host.url("/late")),))
        await until(lambda: "see late.png" in words(shop, former) and "/late" in host.asked)
        shop.helpdesk.agent_sets(former, StatusClass.CLOSED, at=datetime.now(UTC) + timedelta(seconds=1))
        await planned(shop, "ticket_status_changed", 1)
        sends(shop, host, "new.png")
        await until(lambda: len(shop.helpdesk.tickets) == 2)
        [new] = set(shop.helpdesk.tickets) - {former}
        hurrying = asyncio.create_task(keeps_hurrying(shop))
        await until(lambda: names(shop, new) == ["new.png"])
        hurrying.cancel()
        return former, new

    async def test_the_file_goes_to_its_line_and_the_follow_up_says_so(self, shop: Shop, host: FileHost) -> None:
        former, new = await self.follows(shop, host)
        host.gives("/late", answer(PNG))
        hurrying = asyncio.create_task(keeps_hurrying(shop))
        await until(lambda: f"The file late.png from the chat is on ticket {former}," in words(shop, new))
        hurrying.cancel()
        assert names(shop, former) == ["late.png"]
        assert names(shop, new) == ["new.png"]

    @pytest.mark.parametrize("is_gone", [False, True])
    async def test_a_file_that_is_not_to_be_had_is_told_of_on_the_follow_up(
        self, shop: Shop, host: FileHost, is_gone: bool
    ) -> None:
        former, new = await self.follows(shop, host)
        host.gives("/late", answer(PNG) if is_gone else answer(b"", status="404 Not Found"))
        if is_gone:
            shop.helpdesk.delete_ticket(former)
        hurrying = asyncio.create_task(keeps_hurrying(shop))
        told = f"The file late.png from the chat could not be attached to ticket {former}: "
        await until(lambda: told in words(shop, new))
        hurrying.cancel()
        assert names(shop, new) == ["new.png"]

    async def test_an_upload_in_doubt_is_looked_for_where_it_went(self, shop: Shop, host: FileHost) -> None:
        former = await with_ticket(shop)
        shop.helpdesk.faults_of_files.after.append(RetryableError("reset", certain=False))
        sends(shop, host, "once.png")
        await until(lambda: names(shop, former) == ["once.png"])
        await agent_sets(shop, former, StatusClass.CLOSED)
        shop.chat.visitor_says(ANN, "another matter")
        await until(lambda: len(shop.helpdesk.tickets) == 2)
        [new] = set(shop.helpdesk.tickets) - {former}
        hurrying = asyncio.create_task(keeps_hurrying(shop))
        await shop.comes_to("attach_file", "sent")
        hurrying.cancel()
        assert (names(shop, former), names(shop, new)) == (["once.png"], [])
        assert len(shop.helpdesk.faults_of_files.calls) == 1
