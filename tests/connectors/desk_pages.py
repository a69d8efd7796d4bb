"""A browser before the pages of the embedded helpdesk, and the daemon that mounts them at `/bridges/shop/helpdesk/`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode

from connectors.desk import Desk
from syncd.contract.deliveries import Upload
from syncd.contract.http import Http
from syncd.contract.model import CommentAdded, Cursor, Event, TicketDraft, TicketId
from syncd.contract.pages import PageAnswer, PageRequest
from syncd.testing.suite_ends import new_key

URL = "https://sync.example.com/bridges/shop/helpdesk"
MOUNT = "http://daemon/bridges/shop/helpdesk/"


class DeskPages:
    """Follows links and redirects as a browser does; `at` is the page that it shows."""

    def __init__(self, desk: Desk, at: str = MOUNT) -> None:
        self._desk = desk
        self.at = at

    async def get(self, link: str) -> PageAnswer:
        """Follow a link of the page."""
        self.at = urljoin(self.at, link)
        return await self._ask("GET", {}, ())

    async def see(self, link: str) -> LexborHTMLParser:
        """Follow a link to a page."""
        answer = await self.get(link)
        assert answer.status == 200
        assert answer.media_type.startswith("text/html")
        return LexborHTMLParser(answer.body)

    async def ticket(self, ticket: str, **query: str) -> LexborHTMLParser:
        """Show a ticket."""
        return await self.see(f"{MOUNT}tickets/{ticket}?{urlencode(query)}")

    async def post(self, ticket: str, *files: Upload, **fields: str) -> LexborHTMLParser:
        """Fill in a ticket's form, as it is on its page now, and follow where it leads."""
        page = await self.ticket(ticket)
        seen = value_of(page, "[name=seen]")
        return await self.send(files, {"seen": seen, **fields})

    async def submit(self, files: tuple[Upload, ...], fields: dict[str, str]) -> PageAnswer:
        """Send a form of the page that is shown."""
        return await self._ask("POST", fields, files)

    async def send(self, files: tuple[Upload, ...], fields: dict[str, str]) -> LexborHTMLParser:
        """Send a form of the page that is shown, and follow where it leads."""
        answer = await self.submit(files, fields)
        assert answer.status == 303
        return await self.see(answer.location)

    async def file(self, link: str) -> Upload:
        """Follow a link to a file, and go back."""
        before = self.at
        answer = await self.get(link)
        self.at = before
        assert answer.status == 200
        return Upload(answer.file_name, answer.media_type, answer.body)

    async def _ask(self, method: str, form: dict[str, str], files: tuple[Upload, ...]) -> PageAnswer:
        assert self.at.startswith(MOUNT)
        path, query = self.at.removeprefix(MOUNT).split("?")[0], dict(parse_qsl(urlsplit(self.at).query))
        request = PageRequest("POST" if method == "POST" else "GET", path, query, form, files)
        return await self._desk.answer_page(request)


def text_of(page: LexborHTMLParser | LexborNode, selector: str) -> str:
    """Give the words of the first element that is selected."""
    return page.css(selector)[0].text()


def value_of(page: LexborHTMLParser, selector: str) -> str:
    """Give what stands in the first field that is selected."""
    return page.css(selector)[0].attributes["value"] or ""


def texts(page: LexborHTMLParser, selector: str) -> list[str]:
    """Give the words of all elements that are selected."""
    return [one.text().strip() for one in page.css(selector)]


class Office:
    """A desk, a browser before its pages, and a ticket that is shown there."""

    def __init__(self, folder: Path) -> None:
        settings = Desk.Settings(database=folder / "desk.db", agents="Bo Berg <bo@example.com>, Ann Lee", url=URL)
        self.desk = Desk(settings, Http(httpx.AsyncClient()))
        self.pages = DeskPages(self.desk)
        self.ticket = TicketId("")
        self.begin = Cursor("0")

    async def open(self, wanted: TicketDraft) -> TicketId:
        ticket = (await self.desk.open_ticket(wanted, key=new_key())).ticket
        assert ticket
        return ticket

    async def told(self) -> Sequence[Event]:
        return (await self.desk.poll(self.begin)).events

    async def replies(self) -> list[str]:
        return [one.comment.text for one in await self.told() if isinstance(one, CommentAdded) and one.comment.public]
