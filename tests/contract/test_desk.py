"""The embedded helpdesk passes the suites; its agents work on its pages only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from connectors.desk import Desk
from syncd.contract.deliveries import Upload
from syncd.contract.http import Http
from syncd.contract.model import StatusClass, TicketId
from syncd.testing.helpdesk_suite import (
    AddsNotesSuite,
    FindsDeliveriesSuite,
    HelpdeskEnd,
    HelpdeskSuite,
    PollsSuite,
    SetsStatusSuite,
    Shown,
    ShowsFiles,
    TellsStatus,
    UploadsFilesSuite,
)
from syncd.testing.suite_ends import draft, new_key, new_text
from tests.connectors.desk_pages import DeskPages, text_of


class DeskEnd(
    HelpdeskEnd,
    ShowsFiles,
    TellsStatus,
):
    """A desk with one ticket, seen in a browser."""

    connector: Desk
    gone = TicketId("0123456789abcdef")

    def __init__(self, folder: Path) -> None:
        self.settings = Desk.Settings(database=folder / "desk.db")
        self.connector = Desk(self.settings, Http(httpx.AsyncClient()))
        self.pages = DeskPages(self.connector)

    async def begin(self) -> None:
        opened = await self.connector.open_ticket(draft("hello"), key=new_key())
        assert opened.ticket
        self.ticket = opened.ticket

    async def people_say(self, text: str) -> None:
        await self.pages.post(self.ticket, act="reply", text=text)

    async def people_note(self, text: str) -> None:
        await self.pages.post(self.ticket, act="note", text=text)

    async def shown_on(self, ticket: TicketId) -> Sequence[Shown]:
        lines = (await self.pages.ticket(ticket)).css("li.line")
        texts = [text_of(line, ".text") for line in lines]
        return [Shown(text, "Private note" in text_of(line, ".by")) for text, line in zip(texts, lines, strict=True)]

    async def people_set(self, ticket: TicketId, status: StatusClass) -> None:
        await self.pages.post(ticket, act="status", status=status)

    async def requester(self, ticket: TicketId) -> str:
        return (await self.pages.ticket(ticket)).css("dd a[href^=mailto]")[0].text()

    async def files_on(self, ticket: TicketId) -> Sequence[Upload]:
        links = (await self.pages.ticket(ticket)).css(".file a")
        return [await self.pages.file(str(link.attributes["href"])) for link in links]


class TestDesk(
    HelpdeskSuite,
    PollsSuite,
    FindsDeliveriesSuite,
    AddsNotesSuite,
    UploadsFilesSuite,
    SetsStatusSuite,
):
    connector_class = Desk

    @pytest.fixture
    async def end(self, tmp_path: Path) -> DeskEnd:
        end = DeskEnd(tmp_path)
        await end.begin()
        return end

    async def test_a_key_that_comes_again_opens_and_adds_nothing(self, end: DeskEnd) -> None:
        once = draft(new_text())
        opened = [await end.connector.open_ticket(once, key=key) for key in [new_key()] * 2]
        added = [await end.deliver("once", key) for key in [new_key()] * 2]
        assert opened[0] == opened[1]
        assert added[0] == added[1]
        assert [shown.text for shown in await end.shown()].count("once") == 1
