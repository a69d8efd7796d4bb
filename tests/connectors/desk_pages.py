"""A browser before the pages of the embedded helpdesk, and the daemon that mounts them at `/bridges/shop/helpdesk/`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode, urljoin

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode

from connectors.desk import Desk
from connectors.memory import MemoryChat
from syncd.contract.deliveries import Upload
from syncd.contract.http import Http
from syncd.contract.model import BridgeName, CommentAdded, Cursor, Event, TicketDraft, TicketId
from syncd.core.plan import Policy
from syncd.engine.bridge import Bridge
from syncd.engine.door import Door
from syncd.pages.mount import Mounted
from syncd.pages.site import guarded
from syncd.testing.suite_ends import new_key
from tests.markup import must_be_guarded

URL = "https://sync.example.com/bridges/shop/helpdesk"
HOST = "http://127.0.0.1"
MOUNT = f"{HOST}/bridges/shop/helpdesk/"
SHOP = BridgeName("shop")


def browser_before(desk: Desk) -> httpx.AsyncClient:
    """Give a browser on the machine itself, before a daemon with the pages; it checks what guards each answer."""
    chat = MemoryChat(MemoryChat.Settings(), Http(httpx.AsyncClient()))
    mounted = Mounted({SHOP: Bridge(SHOP, chat, desk, "s" * 16, Policy("syncd-shop"), 1.0, "park")})
    app = guarded(mounted.routes, {}, mounted, Door(""), is_https=False)
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1))
    return httpx.AsyncClient(
        transport=transport,
        base_url=HOST,
        headers={"sec-fetch-site": "same-origin"},
        event_hooks={"response": [_look]},
    )


async def _look(answer: httpx.Response) -> None:
    must_be_guarded(answer)


class DeskPages:
    """Follows links and redirects as a browser does; `at` is the page that it shows."""

    def __init__(self, desk: Desk, at: str = MOUNT) -> None:
        self._browser = browser_before(desk)
        self.at = at

    async def get(self, link: str) -> httpx.Response:
        """Follow a link of the page."""
        self.at = urljoin(self.at, link)
        return await self._browser.get(self.at)

    async def see(self, link: str) -> LexborHTMLParser:
        """Follow a link to a page."""
        answer = await self.get(link)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        return LexborHTMLParser(answer.text)

    async def ticket(self, ticket: str, **query: str) -> LexborHTMLParser:
        """Show a ticket."""
        return await self.see(f"{MOUNT}tickets/{ticket}?{urlencode(query)}")

    async def post(self, ticket: str, *files: Upload, **fields: str) -> LexborHTMLParser:
        """Fill in a ticket's form, as it is on its page now, and follow where it leads."""
        page = await self.ticket(ticket)
        seen = value_of(page, "[name=seen]")
        return await self.send(files, {"seen": seen, **fields})

    async def submit(self, files: tuple[Upload, ...], fields: dict[str, str]) -> httpx.Response:
        """Send a form of the page that is shown."""
        parts: list[Any] = [("file", (file.name, file.content, file.kind)) for file in files]
        return await self._browser.post(self.at, data=fields, files=parts or None)

    async def send(self, files: tuple[Upload, ...], fields: dict[str, str]) -> LexborHTMLParser:
        """Send a form of the page that is shown, and follow where it leads."""
        answer = await self.submit(files, fields)
        assert answer.status_code == 303
        return await self.see(answer.headers["location"])

    async def file(self, link: str) -> Upload:
        """Follow a link to a file, and go back."""
        before = self.at
        answer = await self.get(link)
        self.at = before
        assert answer.status_code == 200
        name = re.fullmatch(r"attachment; filename\*=UTF-8''(.*)", answer.headers["content-disposition"])
        assert name
        return Upload(unquote(name[1]), answer.headers["content-type"], answer.content)


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
