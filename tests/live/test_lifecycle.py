"""Status x age x policy x who speaks: what each leads to on a real Request Tracker, all written by hand.

A ticket is old where the policy allows no time at all: Request Tracker lets nobody set when it was solved.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from pydantic import SecretStr

from connectors.memory import MemoryChat
from connectors.memory.world import MemorySettings
from connectors.request_tracker import RequestTracker
from syncd.contract.http import Http
from syncd.contract.model import Author, BridgeName, ConversationId, Role, Visitor
from syncd.core.lifecycle import Lifecycle, Reopen
from syncd.core.plan import Policy
from syncd.engine.bridge import Bridge
from syncd.engine.daemon import Daemon
from syncd.engine.metrics import Metrics
from syncd.engine.storage import Storage
from syncd.store import migrations
from syncd.store.database import Database, writer
from tests.live.request_tracker.server import RequestTrackerServer

pytestmark = pytest.mark.live

MATRIX = """
policy     age    speaker    open    pending  solved     closed
reopen     young  visitor    append  reopen   reopen     follow-up
reopen     young  thanks     append  append   append     append
reopen     young  automatic  append  append   append     append
reopen     young  agent      append  append   append     append
reopen     old    visitor    append  reopen   follow-up  follow-up
reopen     old    thanks     append  append   append     append
reopen     old    automatic  append  append   append     append
reopen     old    agent      append  append   append     append
follow-up  young  visitor    append  reopen   follow-up  follow-up
follow-up  young  thanks     append  append   append     append
follow-up  young  automatic  append  append   append     append
follow-up  young  agent      append  append   append     append
follow-up  old    visitor    append  reopen   follow-up  follow-up
follow-up  old    thanks     append  append   append     append
follow-up  old    automatic  append  append   append     append
follow-up  old    agent      append  append   append     append
leave      young  visitor    append  append   append     follow-up
leave      young  thanks     append  append   append     append
leave      young  automatic  append  append   append     append
leave      young  agent      append  append   append     append
leave      old    visitor    append  append   append     follow-up
leave      old    thanks     append  append   append     append
leave      old    automatic  append  append   append     append
leave      old    agent      append  append   append     append
"""
POLICIES: tuple[Reopen, ...] = ("reopen", "follow-up", "leave")
AGES = {"young": 1e9, "old": 0.0}
STATUSES = {"open": "new", "pending": "stalled", "solved": "resolved", "closed": "rejected"}
LINES = {
    "visitor": (Role.VISITOR, "it fails again"),
    "thanks": (Role.VISITOR, "Thanks a lot! 🙏"),
    "automatic": (Role.AUTOMATIC, "Are you still there?"),
    "agent": (Role.AGENT, "I wrote to you in the chat"),
}
PATIENCE_SECONDS = 80.0


class Case(NamedTuple):
    policy: str
    age: str
    speaker: str
    status: str

    @property
    def visitor(self) -> Visitor:
        return Visitor("-".join(self))

    @property
    def bridge(self) -> BridgeName:
        return BridgeName(f"{self.policy}-{self.age}")


def written() -> dict[Case, str]:
    """Give what the matrix says."""
    head, *rows = [line.split() for line in MATRIX.strip().splitlines()]
    return {Case(row[0], row[1], row[2], status): row[at] for row in rows for at, status in enumerate(head) if at > 2}


def test_the_matrix_is_whole() -> None:
    assert set(written()) == {Case._make(one) for one in itertools.product(POLICIES, AGES, LINES, STATUSES)}


class Shop:
    """One daemon with a bridge for each policy and age, between chats in memory and one Request Tracker."""

    def __init__(self, desk: RequestTrackerServer, client: httpx.AsyncClient, path: Path) -> None:
        self.desk = desk
        self._path = path
        self.chats: dict[BridgeName, MemoryChat] = {}
        bridges = {}
        settings = RequestTracker.Settings(
            url=desk.url, token=SecretStr(desk.tokens["syncd"]), queue="Support", poll_seconds=3.0
        )
        for policy, (age, seconds) in itertools.product(POLICIES, AGES.items()):
            name = BridgeName(f"{policy}-{age}")
            chat = MemoryChat(MemorySettings(poll_seconds=0.2, name=name), Http(client))
            chosen = Policy(name, lifecycle=Lifecycle(policy, seconds, sets_status=True))
            helpdesk = RequestTracker(settings, Http(client))
            bridges[name] = Bridge(name, chat, helpdesk, "s" * 16, chosen, 60.0, "park")
            self.chats[name] = chat
        engine = writer(path)
        migrations.bring_up_to_date(engine)
        self._database = Database(engine)
        self.daemon = Daemon(bridges, Storage(self._database), Metrics())

    async def stop(self) -> None:
        await self.daemon.stop()
        self._database.close()

    def rows(self, query: str) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(self._path)) as other:
            return other.execute(query).fetchall()

    def says(self, case: Case, role: Role, text: str) -> None:
        chat = self.chats[case.bridge]
        if role is Role.VISITOR:
            chat.visitor_says(case.visitor, text)
        else:
            chat.agent_says(ConversationId(case.visitor.id), Author(role, "Somebody"), text)

    def tickets(self) -> dict[str, list[str]]:
        """Give each conversation's tickets, the first of them first."""
        query = "SELECT conversation, link_ticket.ticket FROM link JOIN link_ticket ON link_id = id"
        found: dict[str, list[str]] = {}
        for conversation, ticket in sorted(self.rows(query), key=lambda row: int(row[1])):
            found.setdefault(conversation, []).append(ticket)
        return found

    def count(self, condition: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM ledger WHERE {condition}")[0][0])  # noqa: S608  (the test's own)

    def is_quiet(self) -> bool:
        (waiting,) = self.rows("SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending', 'in_doubt')")[0]
        (unplanned,) = self.rows("SELECT count(*) FROM inbox WHERE state = 'new'")[0]
        return not waiting and not unplanned


async def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.2)


async def play(shop: Shop, cases: list[Case]) -> None:
    """Let every visitor get a ticket, agents set its status, and then somebody speak."""
    await shop.daemon.start()
    await until(lambda: all(health.state == "ok" for health in shop.daemon.healths.values()))
    for case in cases:
        shop.says(case, Role.VISITOR, "hello")
    await until(lambda: len(shop.tickets()) == len(cases) and shop.is_quiet())
    # Request Tracker's times are whole seconds: an agent who is as fast as that has not seen the line.
    await asyncio.sleep(1.1)
    tickets = shop.tickets()
    changed = [case for case in cases if case.status != "open"]
    with ThreadPoolExecutor(3) as agents:
        changes = [(tickets[case.visitor.id][0], STATUSES[case.status]) for case in changed]
        await asyncio.to_thread(list, agents.map(lambda one: shop.desk.change(one[0], Status=one[1]), changes))
    await until(lambda: shop.count("native LIKE 'status:%'") == len(changed) and shop.is_quiet())
    for case in cases:
        shop.says(case, *LINES[case.speaker])
    await until(lambda: shop.count("end = 'chat'") == 2 * len(cases) and shop.is_quiet())
    await shop.stop()


def every(desk: RequestTrackerServer, kind: str, query: str, fields: str) -> list[dict[str, str]]:
    page = {"orderby": "id", "per_page": "100", "query": query, "fields": fields}
    pages = (desk.ask("GET", kind, by="admin", page=str(number), **page).json()["items"] for number in range(1, 99))
    return [row for rows in itertools.takewhile(bool, pages) for row in rows]


class Seen(NamedTuple):
    """What Request Tracker shows: each ticket's status and its texts."""

    statuses: dict[str, str]
    texts: dict[str, list[str]]


def seen(desk: RequestTrackerServer, tickets: list[str]) -> Seen:
    lowest = min(map(int, tickets))
    rows = every(desk, "tickets", f"id >= {lowest}", "Status")
    said = "ObjectType = 'RT::Ticket' AND (Type = 'Create' OR Type = 'Comment')"
    ours = every(desk, "transactions", f"{said} AND ObjectId >= {lowest}", "ObjectId")
    places = {row["id"]: row["ObjectId"] for row in ours}
    limits = [{"field": "TransactionId", "operator": ">=", "value": min(map(int, places))}]
    texts: dict[str, list[str]] = {}
    for part in every(desk, "attachments", json.dumps(limits), "TransactionId,Content"):
        if part["TransactionId"] in places:
            texts.setdefault(places[part["TransactionId"]], []).append(part["Content"])
    return Seen({row["id"]: row["Status"] for row in rows}, texts)


def outcome(case: Case, tickets: list[str], shown: Seen) -> str:
    """Name what has become of a case, or say what is wrong with it."""
    first, *more = tickets
    line = LINES[case.speaker][1]
    where = [ticket for ticket in tickets if any(line in text for text in shown.texts[ticket])]
    if more:
        (new,) = more
        is_linked = f"ticket {first}," in shown.texts[new][0] and f"ticket {new}." in shown.texts[first][-1]
        is_untouched = shown.statuses[first] == STATUSES[case.status]
        is_named_once = sum(f"ticket {new}." in text for text in shown.texts[first]) == 1
        return "follow-up" if where == [new] and is_linked and is_untouched and is_named_once else f"odd: {shown}"
    if where != [first]:
        return "lost"
    kept, status = STATUSES[case.status], shown.statuses[first]
    return "append" if status == kept else "reopen" if status == "open" else f"odd: {status}"


@pytest.fixture(scope="module")
def outcomes(request_tracker: RequestTrackerServer, tmp_path_factory: pytest.TempPathFactory) -> dict[Case, str]:
    """What every case has led to: all of them at once."""
    path = tmp_path_factory.mktemp("lifecycle") / "syncd.db"
    cases = list(written())

    async def run() -> dict[str, list[str]]:
        async with httpx.AsyncClient(timeout=120) as client:
            shop = Shop(request_tracker, client, path)
            await play(shop, cases)
            return shop.tickets()

    tickets = asyncio.run(run())
    shown = seen(request_tracker, [ticket for some in tickets.values() for ticket in some])
    return {case: outcome(case, tickets[case.visitor.id], shown) for case in cases}


@pytest.mark.parametrize("case", written(), ids="-".join)
def test_what_becomes_of_the_ticket(case: Case, outcomes: dict[Case, str]) -> None:
    assert outcomes[case] == written()[case]
