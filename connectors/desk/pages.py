"""The pages of the embedded helpdesk: what they show, and what their forms do."""

from __future__ import annotations

import hashlib
from pathlib import PureWindowsPath
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from connectors.desk import tickets
from connectors.desk.database import Database
from connectors.desk.settings import DeskSettings, read_agents
from connectors.desk.tickets import Line
from syncd.contract.deliveries import Upload
from syncd.contract.errors import MissingTargetError
from syncd.contract.model import DeliveryKey, StatusClass, TicketId
from syncd.contract.pages import PageAnswer, PageMoved, PageRequest, PageShown

OPEN_PATH = "open/"


class Pages:
    """Answers browsers."""

    def __init__(self, database: Database, settings: DeskSettings) -> None:
        self._database = database
        self._agents = read_agents(settings.agents)
        self._url = f"{settings.url}/{OPEN_PATH}" if settings.url else ""
        self._templates = Environment(
            loader=PackageLoader("connectors.desk"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(agents=list(self._agents), statuses=list(StatusClass), size=tickets.LIST_SIZE)

    async def answer(self, request: PageRequest) -> PageAnswer:
        """Answer. Raises MissingTargetError, UnavailableError."""
        room, _, rest = request.path.partition("/")
        match request.method, room:
            case "GET", "":
                return await self._list(request)
            case "GET", "tickets":
                thread = await self._database.run(tickets.thread, TicketId(rest))
                title = f"#{thread['row']['number']} {thread['row']['subject']}"
                return self._shown("ticket.html", request, title, **thread)
            case "POST", "tickets":
                return await self._act(request, TicketId(rest))
            case "GET", "files" | "open":
                return await self._database.run(tickets.file, rest, is_open=room != "files")
        raise MissingTargetError("no such page of the desk")

    async def _list(self, request: PageRequest) -> PageAnswer:
        status, number = _status(request.query.get("status", "")), request.query.get("page", "")
        page = max(1, int(number)) if number.isdecimal() and len(number) < 7 else 1
        rows = await self._database.run(tickets.listed, status, page)
        return self._shown("list.html", request, "Tickets", rows=rows, status=status or "", page=page)

    async def _act(self, request: PageRequest, ticket: TicketId) -> PageAnswer:
        form = request.form
        by = self._agents[self._agent(form.get("agent", ""))]
        text, files = form.get("text", "").replace("\r\n", "\n").strip(), [_as_download(one) for one in request.files]
        match form.get("act"):
            case "reply" | "note" as act if text or files:
                key = _key(ticket, act, by.name, text, form.get("seen", ""), files)
                line = Line(key, text, by, act == "reply", files, self._url)
                await self._database.run(tickets.say, ticket, line)
            case "status" if status := _status(form.get("status", "")):
                await self._database.run(tickets.set_status, ticket, status, is_agents=True)
            case _:
                await self._database.run(tickets.ticket_row, ticket)
        return PageMoved(f"{ticket}?{urlencode({'agent': by.name})}")

    def _shown(self, template: str, request: PageRequest, title: str, **values: object) -> PageAnswer:
        agent = self._agent(request.query.get("agent", ""))
        html = self._templates.get_template(template).render(agent=agent, **values)
        first = "../" if "/" in request.path else "./"
        return PageShown(title, html, ((f"{first}?{urlencode({'agent': agent})}", "Tickets"),))

    def _agent(self, name: str) -> str:
        return name if name in self._agents else next(iter(self._agents))


def _key(ticket: str, act: str, agent: str, text: str, seen: str, files: list[Upload]) -> DeliveryKey:
    """Name what a form asks for, so that a second click does it no second time.

    `seen` is the last line that the agent saw: whoever says the same again later says it again.
    """
    contents = [hashlib.sha256(file.content).hexdigest() for file in files]
    return DeliveryKey(hashlib.sha256(repr((ticket, act, agent, text, seen, contents)).encode()).hexdigest())


def _status(name: str) -> StatusClass | None:
    return StatusClass(name) if name in set(StatusClass) else None


def _as_download(file: Upload) -> Upload:
    # A visitor's browser gets it from our address: it must not run there, whatever an agent's browser calls it.
    name = "".join(char for char in PureWindowsPath(file.name).name if char.isprintable())
    return Upload(name[-150:] or "file", "application/octet-stream", file.content)
