"""Ends that ask for waits in every form that HTTP has, and count who does not keep them."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx

from connectors.memory import MemoryChat, MemoryHelpdesk
from connectors.memory.world import MemorySettings
from syncd.contract.errors import RetryableError
from syncd.contract.http import Http, Method
from syncd.contract.model import (
    ConversationId,
    Cursor,
    DeliveryKey,
    EventPage,
    Receipt,
    Reply,
    TicketDraft,
    TicketId,
)

POLL_SECONDS = 0.5
WAITS = (1, 2)
URL = "http://end.example.com/"


class Vendor:
    """Answers the calls of many accounts; two of three answers ask for a wait of 1 or 2 seconds.

    Its clock is hours off, never twice by the same. With `is_obeyed` off it does not tell how long the wait is.
    """

    def __init__(self, seed: int, *, is_obeyed: bool = True) -> None:
        self._chance = random.Random(seed)
        self._is_obeyed = is_obeyed
        self._asked_at: dict[str, float] = {}
        self._until: dict[str, float] = {}
        self.taken = 0
        self.early: list[tuple[str, float]] = []
        """Account and seconds of each call that was begun although a wait was asked for and not over."""
        self.refused: Counter[tuple[str, int, str]] = Counter()
        """How often by end, status, and the form of the wait."""

    @property
    def client(self) -> httpx.AsyncClient:
        """Make a client that reaches nobody else. Once it is closed it hears nothing, and is asked for nothing."""
        return httpx.AsyncClient(transport=_Line(self._answer))

    def not_in(self, on_disk: Mapping[str, float]) -> list[str]:
        """Give the accounts that are to wait longer than is on disk, where it is by the wall clock."""
        now, wall = time.monotonic(), time.time() - time.monotonic()
        return [name for name, until in self._until.items() if until > now and on_disk.get(name, 0.0) < until + wall]

    def forget(self, account: str) -> float:
        """Take back what was asked for; give how many seconds ago that was."""
        del self._until[account]
        return time.monotonic() - self._asked_at[account]

    async def _answer(self, request: httpx.Request, line: _Line) -> httpx.Response:
        account = request.headers["account"]
        remaining = self._until.get(account, 0.0) - time.monotonic()
        # Who began before the last answer was heard could not know of it.
        if remaining > 0 and float(request.headers["heard"]) >= self._asked_at[account]:
            self.early.append((account, remaining))
        await asyncio.sleep(self._chance.uniform(0, 0.02))
        if line.is_closed:
            raise httpx.ReadError("the caller has hung up")
        if self._chance.random() < 1 / 3:
            self.taken += 1
            return httpx.Response(200)
        return self._refuse(account)

    def _refuse(self, account: str) -> httpx.Response:
        seconds, status = self._chance.choice(WAITS), self._chance.choice((429, 503))
        form = self._chance.choice(("seconds", "date"))
        self.refused[account.partition(" ")[0], status, form] += 1
        self._asked_at[account] = time.monotonic()
        self._until[account] = max(self._until.get(account, 0.0), time.monotonic() + seconds)
        here = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=self._chance.randint(-720, 720))
        value = str(seconds) if form == "seconds" else format_datetime(here + timedelta(seconds=seconds), usegmt=True)
        headers = {"Date": format_datetime(here, usegmt=True), "Retry-After": value}
        return httpx.Response(status, headers=headers if self._is_obeyed else {})


class _Line(httpx.AsyncBaseTransport):
    """What one life of the daemon calls over."""

    def __init__(self, answer: Callable[[httpx.Request, _Line], Awaitable[httpx.Response]]) -> None:
        self._answer = answer
        self.is_closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._answer(request, self)

    async def aclose(self) -> None:
        self.is_closed = True


class Caller:
    """Makes one end's calls under its account; each start of the daemon gives it an `Http` of its own."""

    def __init__(self, account: str, http: Http) -> None:
        self._account = account
        self._heard_at = 0.0
        self.http = http

    async def get(self) -> None:
        await self._call("GET", None)

    async def post(self) -> None:
        await self._call("POST", {})

    async def _call(self, method: Method, body: object) -> None:
        headers = {"account": self._account, "heard": repr(self._heard_at)}
        try:
            await self.http.call(method, URL, headers=headers, json=body)
        except RetryableError:
            self._heard_at = time.monotonic()
            raise


class LimitedChat(MemoryChat):
    """A chat that can be reached only over its vendor."""

    def __init__(self, settings: MemorySettings, http: Http) -> None:
        super().__init__(settings, http)
        self.caller = Caller(f"{type(self).__name__} {settings.name}", http)

    async def poll(self, after: Cursor | None) -> EventPage:
        await self.caller.get()
        return await super().poll(after)

    async def post_message(self, conversation: ConversationId, reply: Reply, *, key: DeliveryKey) -> Receipt:
        await self.caller.post()
        return await super().post_message(conversation, reply, key=key)


class LimitedHelpdesk(MemoryHelpdesk):
    """A helpdesk that can be reached only over its vendor."""

    def __init__(self, settings: MemorySettings, http: Http) -> None:
        super().__init__(settings, http)
        self.caller = Caller(f"{type(self).__name__} {settings.name}", http)

    async def poll(self, after: Cursor | None) -> EventPage:
        await self.caller.get()
        return await super().poll(after)

    async def open_ticket(self, draft: TicketDraft, *, key: DeliveryKey) -> Receipt:
        await self.caller.post()
        return await super().open_ticket(draft, key=key)

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        await self.caller.post()
        return await super().add_comment(ticket, text, key=key)

    async def add_note(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        await self.caller.post()
        return await super().add_note(ticket, text, key=key)

    async def find_delivery(self, key: DeliveryKey, ticket: TicketId | None) -> Receipt | None:
        await self.caller.get()
        return await super().find_delivery(key, ticket)
