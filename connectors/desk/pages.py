"""The pages of the embedded helpdesk: what they show, and what their forms do."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path, PureWindowsPath
from sqlite3 import Connection
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from connectors.desk import shown
from connectors.desk.agents import OPEN_PATH, Agents, correct, delete, give_status
from connectors.desk.database import Database
from syncd.contract.contact import CONTACT_FIELDS
from syncd.contract.deliveries import Upload
from syncd.contract.errors import MissingTargetError
from syncd.contract.model import Author, CommentId, StatusClass, TicketId
from syncd.contract.pages import PageAnswer, PageRequest

_HERE = Path(__file__).parent
_KINDS = {"desk.css": "text/css; charset=utf-8", "desk.js": "text/javascript; charset=utf-8"}
_MISSING = PageAnswer(b"There is no such page, ticket or file.", "text/plain; charset=utf-8", 404)


class Pages:
    """Answers browsers. `agents` are those who may write, by their names."""

    def __init__(self, database: Database, acts: Agents, agents: Mapping[str, Author]) -> None:
        self._database = database
        self._acts = acts
        self._agents = agents
        templates = FileSystemLoader(_HERE / "templates")
        self._templates = Environment(
            loader=templates, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._templates.globals.update(
            agents=list(agents), statuses=list(StatusClass), size=_size, page_size=shown.PAGE_SIZE
        )

    async def answer(self, request: PageRequest) -> PageAnswer:
        """Answer; what is not there with 404. Raises UnavailableError."""
        room, _, rest = request.path.partition("/")
        try:
            match request.method, room:
                case "GET", "":
                    return await self._list(request)
                case "GET", "desk.css" | "desk.js":
                    return PageAnswer((_HERE / "templates" / room).read_bytes(), _KINDS[room])
                case "GET", "tickets":
                    return await self._ticket(request, TicketId(rest))
                case "POST", "tickets":
                    return await self._act(request, TicketId(rest))
                case "GET", "files":
                    return _download(await self._database.run(partial(shown.file, number=rest)))
                case "GET", _ if request.path.startswith(OPEN_PATH):
                    return _download(await self._database.run(partial(shown.open_file, word=rest)))
        except MissingTargetError:
            return _MISSING
        return _MISSING

    async def _list(self, request: PageRequest) -> PageAnswer:
        status = _status(request.query.get("status", ""))
        number = request.query.get("page", "1")
        page = int(number) if number.isdecimal() and len(number) < 7 else 1
        rows = await self._database.run(partial(shown.tickets, status=status, page=max(page, 1)))
        return self._page("list.html", request, rows=rows, status=status or "", page=max(page, 1))

    async def _ticket(self, request: PageRequest, ticket: TicketId) -> PageAnswer:
        thread = await self._database.run(partial(shown.thread, ticket=ticket))
        return self._page("ticket.html", request, thread=thread)

    async def _act(self, request: PageRequest, ticket: TicketId) -> PageAnswer:
        by = self._agents[self._agent(request.form.get("agent", ""))]
        await self._database.run(partial(self._do, request=request, ticket=ticket, by=by))
        return PageAnswer(status=303, location=f"{ticket}?{urlencode({'agent': by.name})}")

    def _do(self, db: Connection, request: PageRequest, ticket: TicketId, by: Author) -> None:
        form = request.form
        text, comment = form.get("text", "").replace("\r\n", "\n").strip(), CommentId(form.get("comment", ""))
        files = [_as_download(one) for one in request.files if one.name]
        match form.get("act"):
            case "reply" | "note" as act if text or files:
                key = _key(ticket, act, by.name, text, form.get("seen", ""), files)
                self._acts.say(db, ticket, by, text, public=act == "reply", key=key, files=files)
            case "edit" if text:
                self._acts.edit(db, ticket, by, comment, text)
            case "delete":
                delete(db, ticket, by, comment)
            case "status" if status := _status(form.get("status", "")):
                give_status(db, ticket, status)
            case "contact":
                correct(db, ticket, {field: form[field].strip() for field in CONTACT_FIELDS if field in form})

    def _page(self, template: str, request: PageRequest, **values: object) -> PageAnswer:
        agent = self._agent(request.query.get("agent", ""))
        root = "../" * request.path.count("/")
        html = self._templates.get_template(template).render(agent=agent, root=root, **values)
        return PageAnswer(html.encode())

    def _agent(self, name: str) -> str:
        return name if name in self._agents else next(iter(self._agents))


def _key(ticket: str, act: str, agent: str, text: str, seen: str, files: list[Upload]) -> str:
    """Name what a form asks for, so that a second click does it no second time.

    `seen` is the last line that the agent saw: whoever says the same again later says it again.
    """
    contents = [hashlib.sha256(file.content).hexdigest() for file in files]
    return hashlib.sha256(repr((ticket, act, agent, text, seen, contents)).encode()).hexdigest()


def _status(name: str) -> StatusClass | None:
    return StatusClass(name) if name in set(StatusClass) else None


def _as_download(file: Upload) -> Upload:
    # A visitor's browser gets it from our address: it must not run there, whatever an agent's browser calls it.
    name = "".join(char for char in PureWindowsPath(file.name).name if char.isprintable())
    return Upload(name[-150:] or "file", "application/octet-stream", file.content)


def _download(file: Upload) -> PageAnswer:
    return PageAnswer(file.content, file.kind, file_name=file.name)


def _size(count: int) -> str:
    return (
        f"{count} bytes" if count < 1024 else f"{count / 1024:.0f} KB" if count < 2**20 else f"{count / 2**20:.1f} MB"
    )
