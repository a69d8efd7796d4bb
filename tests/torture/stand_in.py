"""A desk in memory that speaks the part of Request Tracker's REST2 which the connector uses.

Vendor page: https://docs.bestpractical.com/rt/5.0.3/RT/REST2.html. Queries are read only as far as the connector
writes them. A message's key field is set together with the message, as RT does not quite.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.live.request_tracker.server import Line
from tests.process.programs import free_port

BRIDGE = "syncd"
TOKEN = "of-the-stand-in"
LONGEST_LIST = 100
TICKET_FIELD, MESSAGE_FIELD = "ExternalId", "ExternalMessageId"
AGENTS = {"agent1": "Agent One", "agent2": "Zoë Agent"}
Json = dict[str, Any]


@dataclass(slots=True)
class Transaction:
    """One message on a ticket."""

    id: int
    ticket: int
    type: str
    creator: str
    text: str
    content_type: str
    key: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def described(self) -> Json:
        person = {"id": self.creator, "Name": self.creator, "RealName": AGENTS.get(self.creator, "Chat bridge")}
        return {
            "id": str(self.id),
            "Type": self.type,
            "ObjectId": str(self.ticket),
            "Created": f"{self.at:%Y-%m-%dT%H:%M:%SZ}",
            "Creator": {**person, "EmailAddress": f"{self.creator}@rt.test"},
            "CustomFields": [{"name": MESSAGE_FIELD, "values": [self.key] if self.key else []}],
        }

    def described_part(self) -> Json:
        return {
            "id": str(self.id),
            "TransactionId": str(self.id),
            "ContentType": self.content_type.partition(";")[0],
            "Headers": f"Content-Type: {self.content_type}\nContent-Length: {len(self.text)}\n",
            "Content": self.text,
        }


@dataclass(slots=True)
class Ticket:
    """A ticket: its key and its requester."""

    id: int
    key: str
    requester: str

    def described(self) -> Json:
        fields = [{"name": TICKET_FIELD, "values": [self.key]}]
        return {"id": str(self.id), "Requestor": [{"id": self.requester}], "CustomFields": fields}


class StandInDesk(AbstractContextManager["StandInDesk"]):
    """The desk, on a port of its own and in a thread of its own. While it `is_silent` nothing posted is done."""

    def __init__(self) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.token = TOKEN
        self._tickets: list[Ticket] = []
        self._transactions: list[Transaction] = []
        self._turn = threading.Lock()
        self.is_silent = False
        config = uvicorn.Config(self._app(), port=int(self.url.rpartition(":")[2]), log_level="critical")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    def reply(self, ticket: str, text: str, *, by: str) -> str:
        return str(self._say(int(ticket), "Correspond", by, f"<p>{text}</p>", "text/html").id)

    def note(self, ticket: str, text: str, *, by: str) -> str:
        return str(self._say(int(ticket), "Comment", by, text, "text/plain").id)

    def history(self, ticket: str) -> list[Line]:
        with self._turn:
            return [
                Line(str(one.id), one.type, one.creator, one.text)
                for one in self._transactions
                if one.ticket == int(ticket)
            ]

    def tickets(self) -> set[str]:
        return {str(ticket.id) for ticket in self._tickets}

    def _say(self, ticket: int, kind: str, by: str, text: str, content_type: str, key: str = "") -> Transaction:
        with self._turn:
            made = Transaction(len(self._transactions) + 1, ticket, kind, by, text, content_type, key)
            self._transactions.append(made)
            return made

    def _app(self) -> Starlette:
        table: list[tuple[str, str, Callable[[Request], Any]]] = [
            ("GET", "/queue/{name}", self._queue),
            ("POST", "/ticket", self._open),
            ("GET", "/ticket/{id:int}", self._ticket),
            ("POST", "/ticket/{id:int}/comment", self._comment),
            ("GET", "/user/{login}", self._user),
            ("GET", "/tickets", self._list_tickets),
            ("GET", "/transactions", self._list_transactions),
            ("GET", "/attachments", self._list_parts),
        ]
        return Starlette(routes=[Route(f"/REST/2.0{path}", do, methods=[method]) for method, path, do in table])

    async def _queue(self, request: Request) -> Response:
        fields = {
            "TicketCustomFields": [{"name": TICKET_FIELD}],
            "TicketTransactionCustomFields": [{"name": MESSAGE_FIELD}],
        }
        return JSONResponse(
            {"id": "1", "Name": request.path_params["name"], "_hyperlinks": [{"ref": "create"}], **fields}
        )

    async def _user(self, request: Request) -> Response:
        return JSONResponse({"id": request.path_params["login"], "Privileged": 1})

    async def _open(self, request: Request) -> Response:
        if await self._waits_in_vain():
            return Response(status_code=500)
        body = await request.json()
        with self._turn:
            ticket = Ticket(len(self._tickets) + 1, body["CustomFields"][TICKET_FIELD], body["Requestor"])
            self._tickets.append(ticket)
        self._say(ticket.id, "Create", BRIDGE, body["Content"], body["ContentType"])
        return JSONResponse({"id": str(ticket.id), "type": "ticket"}, 201)

    async def _waits_in_vain(self) -> bool:
        was_silent = self.is_silent
        while self.is_silent:
            await asyncio.sleep(0.05)
        return was_silent

    async def _ticket(self, request: Request) -> Response:
        found = [ticket for ticket in self._tickets if ticket.id == request.path_params["id"]]
        return JSONResponse(found[0].described() if found else {"message": "not found"}, 200 if found else 404)

    async def _comment(self, request: Request) -> Response:
        if await self._waits_in_vain():
            return Response(status_code=500)
        body, ticket = await request.json(), request.path_params["id"]
        key = body["TxnCustomFields"][MESSAGE_FIELD]
        made = self._say(ticket, "Comment", BRIDGE, body["Content"], body["ContentType"], key)
        return JSONResponse(["Comments added"], 201, {"Location": f"{self.url}/REST/2.0/transaction/{made.id}"})

    async def _list_tickets(self, request: Request) -> Response:
        query = request.query_params["query"]
        keys, homes = _quoted_after("CF.{ExternalId}", query), _quoted_after("EffectiveId", query)
        found = [one for one in self._tickets if one.key.lower() in keys or str(one.id) in homes]
        return _page(request, [ticket.described() for ticket in found])

    async def _list_transactions(self, request: Request) -> Response:
        wanted = _filter(request.query_params["query"])
        with self._turn:
            return _page(request, [one.described() for one in self._transactions if wanted(one)])

    async def _list_parts(self, request: Request) -> Response:
        limits = json.loads(request.query_params["query"])
        ids = {int(id_) for limit in limits if limit["field"] == "TransactionId" for id_ in limit["value"]}
        if any(limit["operator"] == "IS NOT" for limit in limits):
            return _page(request, [])
        with self._turn:
            return _page(request, [one.described_part() for one in self._transactions if one.id in ids])


def _quoted_after(name: str, query: str) -> list[str]:
    return [value.lower() for value in re.findall(rf"{re.escape(name)} = '([^']*)'", query)]


def _filter(query: str) -> Callable[[Transaction], bool]:
    kinds, homes = _quoted_after("Type", query), _quoted_after("ObjectId", query)
    keys = _quoted_after(f"CF.{{{MESSAGE_FIELD}}}", query)
    above = max(map(int, re.findall(r"\bid > (\d+)", query)), default=0)
    without = set(map(int, re.findall(r"\bid != (\d+)", query)))
    mine = "Creator = '__CurrentUser__'" in query.partition("AND (TicketQueue")[0]

    def wanted(one: Transaction) -> bool:
        fits = (
            one.type.lower() in kinds and (one.creator == BRIDGE) == mine and one.id > above and one.id not in without
        )
        return fits and (not homes or str(one.ticket) in homes) and (not keys or one.key.lower() in keys)

    return wanted


def _page(request: Request, rows: list[Json]) -> Response:
    """Answer with the page that was asked for, in the order that was asked for."""
    ordered = rows[::-1] if request.query_params.get("order") == "DESC" else rows
    first = (int(request.query_params.get("page", "1")) - 1) * LONGEST_LIST
    items = ordered[first : first + LONGEST_LIST]
    return JSONResponse({"items": items, "count": len(items), "total": len(rows), "per_page": LONGEST_LIST})
