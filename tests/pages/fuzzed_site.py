"""The status pages with chosen words in every place, seen by a browser."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from urllib.parse import quote

import httpx
from sqlalchemy import Connection
from sqlmodel import SQLModel

from connectors.memory import MemoryChat, MemoryHelpdesk
from syncd.contract.http import Http
from syncd.contract.model import BridgeName
from syncd.core.plan import Policy
from syncd.engine.admin import Admin
from syncd.engine.bridge import Bridge
from syncd.engine.door import Door
from syncd.engine.metrics import Metrics
from syncd.engine.storage import Storage
from syncd.pages.site import site
from syncd.store import migrations, trace
from syncd.store.database import Database, reader, writer
from syncd.store.tables import bridge_end, ledger, link, link_ticket, outbox
from syncd.store.tables.deliveries import lane
from tests.markup import Page, must_be_guarded

HOST = "http://127.0.0.1"
TOKEN = "a-token-for-these-tests"
FROM_HERE = {"sec-fetch-site": "same-origin"}
NOT_JSON = "not JSON: "


@dataclass(frozen=True)
class Words:
    """What stands in the database, and what a browser asks for and sends."""

    bridge: str = "word"
    conversation: str = "word"
    ticket: str = "word"
    native: str = "word"
    failure: str = "word"
    reason: str = "word"
    visitor: str = "word"
    text: str = "word"
    unknown: str = "word"
    who: str = "word"
    then: str = "word"

    def plain(self) -> Words:
        """Give the same with a harmless word wherever there is one."""
        return Words(**{field.name: "word" if getattr(self, field.name) else "" for field in fields(self)})

    @property
    def nobody(self) -> str:
        """Give an id that nothing has."""
        return f"no {self.unknown}"[:200].strip()

    @property
    def body(self) -> dict[str, str]:
        """Give what a parked delivery holds."""
        return {"text": self.text, self.visitor: self.visitor}


@dataclass(frozen=True)
class Seen:
    """What a browser got: pages by their names, and what the command would tell of the conversation."""

    pages: dict[str, Page]
    told: list[str]


class FuzzedSite:
    """The pages of a daemon over a database that is filled anew each time."""

    def __init__(self, folder: Path) -> None:
        engine = writer(folder / "syncd.db")
        migrations.bring_up_to_date(engine)
        self._database = Database(engine)
        self._readers = Database(reader(folder / "syncd.db"))

    def close(self) -> None:
        self._readers.close()
        self._database.close()

    @asynccontextmanager
    async def browser(self, bridge: str, token: str = "") -> AsyncIterator[httpx.AsyncClient]:
        """Give one at the machine itself, which checks what guards each answer."""
        http = Http(httpx.AsyncClient())
        chat, helpdesk = MemoryChat(MemoryChat.Settings(), http), MemoryHelpdesk(MemoryHelpdesk.Settings(), http)
        name, storage = BridgeName(bridge), Storage(self._database)
        bridges = {name: Bridge(name, chat, helpdesk, "s" * 16, Policy("syncd"), 1.0, "park")}
        admin = Admin(storage, lambda *_: None, lambda: None)
        app = site(bridges, storage, self._readers, Metrics(), admin, Door(token), is_https=False)
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(
            transport=transport, base_url=HOST, headers=FROM_HERE, event_hooks={"response": [_look]}
        ) as client:
            yield client

    async def look(self, said: Words) -> Seen:
        """Fill the database, look at every page, and pause the bridge."""
        await self._database.run(partial(fill, said=said))
        told = await self._readers.run(partial(trace.moments, wanted=said.conversation))
        async with self.browser(said.bridge) as one:
            pause = f"/bridges/{quote(said.bridge, safe='')}/pause"
            asked = {
                "parked": await one.get("/parked"),
                "delivery": await one.get("/parked/syncd-1"),
                "damaged": await one.get("/parked/syncd-2"),
                "drop": await one.get("/parked/syncd-1/drop"),
                "trace": await one.get("/trace", params={"id": said.conversation}),
                "unknown": await one.get("/trace", params={"id": said.nobody}),
                "missing": await one.get(f"/parked/{quote(said.nobody, safe='')}/drop"),
            }
            assert (await one.post(pause, data={"who": said.who})).status_code == 303
            asked |= {"pause": await one.get(pause), "overview": await one.get("/")}
        async with self.browser(said.bridge, TOKEN) as stranger:
            asked["login"] = await stranger.get("/login", params={"next": said.then})
            assert (await stranger.get(pause)).status_code == 303
        return Seen({name: Page(answer.text) for name, answer in asked.items()}, [moment.what for moment in told])


async def _look(answer: httpx.Response) -> None:
    must_be_guarded(answer)


def fill(connection: Connection, said: Words) -> None:
    """Put the words into every place of an empty database that a page shows."""
    for table in reversed(SQLModel.metadata.sorted_tables):
        connection.execute(table.delete())
    for end, state in (("chat", "down"), ("helpdesk", "refused")):
        row = {"bridge": said.bridge, "end": end, "state": state, "reason": said.failure, "since": 0.0}
        connection.execute(bridge_end.insert(), row)
    conversation = {"bridge": said.bridge, "conversation": said.conversation, "created_at": 0.0}
    connection.execute(link.insert(), {"id": 1, "ticket": said.ticket or None, **conversation})
    connection.execute(link_ticket.insert(), {"bridge": said.bridge, "ticket": said.ticket, "link_id": 1})
    connection.execute(lane.insert(), {"link_id": 1, "end": "helpdesk", "bridge": said.bridge})
    seen = {"bridge": said.bridge, "end": "chat", "native": said.native, "link_id": 1, "seen_at": 1.0}
    connection.execute(ledger.insert(), {"part": 0, "ours": False, **seen})
    for number, body in enumerate((json.dumps(said.body), f"{NOT_JSON}{said.text}"), 1):
        parked = {"state": "parked", "reason": said.reason, "parked_at": 3.0, "body": body.encode()}
        row = {"link_id": 1, "end": "helpdesk", "key": f"syncd-{number}", "kind": "add_note", "rank": number, "at": 2.0}
        connection.execute(outbox.insert(), {**row, "created_at": 2.0, **parked})
