"""The embedded helpdesk passes the suites; its agents work on its pages only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
import pytest

from connectors.desk import Desk
from syncd.contract.deliveries import Upload
from syncd.contract.http import Http
from syncd.contract.model import Contact, StatusClass, TicketId
from syncd.testing.helpdesk_suite import (
    AddsNotesSuite,
    ChangesComments,
    ChoosesRequester,
    CorrectsContact,
    FindsDeliveriesSuite,
    HelpdeskEnd,
    HelpdeskSuite,
    PollsSuite,
    RaisesPrioritySuite,
    SetsFieldsSuite,
    SetsStatusSuite,
    Shown,
    ShowsFields,
    ShowsFiles,
    ShowsTags,
    TagsTicketsSuite,
    TellsChangesSuite,
    TellsContactSuite,
    TellsStatus,
    UpdatesRequesterSuite,
    UploadsFilesSuite,
)
from syncd.testing.suite_ends import draft, new_key, new_text
from tests.connectors.desk_pages import DeskPages, text_of, value_of


class DeskEnd(
    HelpdeskEnd,
    ShowsFiles,
    ShowsTags,
    TellsStatus,
    ChangesComments,
    ChoosesRequester,
    CorrectsContact,
    ShowsFields,
):
    """A desk with one ticket, seen in a browser."""

    connector: Desk
    gone = TicketId("0123456789abcdef")
    free_fields = ("Page", "Country")

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

    async def people_change(self, old: str, new: str) -> None:
        for line in (await self.pages.ticket(self.ticket)).css("li.line.reply"):
            if old in text_of(line, ".text"):
                await self.pages.post(self.ticket, act="edit", comment=str(line.attributes["id"]), text=new)

    async def people_set(self, ticket: TicketId, status: StatusClass) -> None:
        await self.pages.post(ticket, act="status", status=status)

    async def facts(self, ticket: TicketId) -> dict[str, list[str]]:
        page = await self.pages.ticket(ticket)
        names, values = page.css("aside dt"), page.css("aside dd")
        return {
            name.text(): [one.text() for one in value.css(".tag")] or [value.text()]
            for name, value in zip(names, values, strict=True)
        }

    async def fields_on(self, ticket: TicketId) -> Mapping[str, str]:
        return {name: value for name, [value, *_] in (await self.facts(ticket)).items()}

    async def people_correct(self, ticket: TicketId, contact: Contact) -> None:
        await self.pages.post(ticket, act="contact", **contact.told())

    async def priority(self, ticket: TicketId) -> int:
        return int((await self.facts(ticket))["Priority"][0])

    async def tags(self, ticket: TicketId) -> Sequence[str]:
        return (await self.facts(ticket))["Tags"]

    async def requester(self, ticket: TicketId) -> str:
        return value_of(await self.pages.ticket(ticket), "#email")

    async def people_choose_requester(self, ticket: TicketId, email: str) -> None:
        await self.people_correct(ticket, Contact(email=email))

    async def files_on(self, ticket: TicketId) -> Sequence[Upload]:
        links = (await self.pages.ticket(ticket)).css(".files a")
        return [await self.pages.file(str(link.attributes["href"])) for link in links]


class TestDesk(
    HelpdeskSuite,
    PollsSuite,
    FindsDeliveriesSuite,
    AddsNotesSuite,
    UploadsFilesSuite,
    SetsStatusSuite,
    RaisesPrioritySuite,
    TagsTicketsSuite,
    TellsChangesSuite,
    UpdatesRequesterSuite,
    SetsFieldsSuite,
    TellsContactSuite,
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
