"""Two ends in memory that lose answers at random: some calls have had their effect, some have not."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import httpx

from connectors.memory import MemoryChat, MemoryHelpdesk
from connectors.memory.world import MemorySettings
from syncd.contract.http import Method, error_for_failure, error_for_status
from syncd.contract.model import ConversationId, Cursor, DeliveryKey, EventPage, Receipt, Reply, TicketDraft, TicketId
from syncd.contract.ports import AddsNotes, ChatConnector, FindsDeliveries, HelpdeskConnector, Polls

T = TypeVar("T")

DROPPED, RESET, FAILED = 0.30, 0.10, 0.05


class Line:
    """The line to an end. `fates` counts the calls with an effect by what became of them.

    Of all calls 30 % are dropped after they were taken, 10 % reset before, 5 % answered 500 though they were taken.
    """

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.fates: Counter[str] = Counter()

    async def call(self, method: Method, call: Callable[[], Awaitable[T]]) -> T:
        fate = self._draw()
        if method != "GET":
            self.fates[fate] += 1
        if fate == "reset before":
            raise error_for_failure(method, httpx.ReadError("reset"))
        answer = await call()
        if fate == "dropped after":
            raise error_for_failure(method, httpx.ReadTimeout("dropped"))
        if fate == "500 after":
            raise error_for_status(method, httpx.Response(500))
        return answer

    def _draw(self) -> str:
        names = ("dropped after", "reset before", "500 after", "answered")
        (fate,) = self._chance.choices(names, (DROPPED, RESET, FAILED, 1 - DROPPED - RESET - FAILED))
        return fate


class LossyChat(ChatConnector, Polls):
    """Such a chat; it tells of what we said like of everything else, at the next poll that is answered."""

    Settings = MemorySettings

    def __init__(self, chat: MemoryChat, seed: int) -> None:
        self._chat = chat
        self.line = Line(seed)
        self.poll_seconds = chat.poll_seconds

    @property
    def account(self) -> str:
        return self._chat.account

    async def check(self) -> str:
        return await self.line.call("GET", self._chat.check)

    async def poll(self, after: Cursor | None) -> EventPage:
        return await self.line.call("GET", partial(self._chat.poll, after))

    async def post_message(self, conversation: ConversationId, reply: Reply, *, key: DeliveryKey) -> Receipt:
        async def post() -> Receipt:
            # What happens without a time happens a second after the last: here that is now.
            self._chat.world.last = datetime.now(UTC) - timedelta(seconds=1)
            self._chat.world.taken.pop(key, None)
            return await self._chat.post_message(conversation, reply, key=key)

        return await self.line.call("POST", post)


class BlindHelpdesk(HelpdeskConnector, Polls, AddsNotes):
    """Such a helpdesk that takes no keys and cannot be asked what became of a call."""

    Settings = MemorySettings

    def __init__(self, helpdesk: MemoryHelpdesk, seed: int) -> None:
        self._helpdesk = helpdesk
        self.line = Line(seed)
        self.poll_seconds = helpdesk.poll_seconds

    @property
    def account(self) -> str:
        return self._helpdesk.account

    async def check(self) -> str:
        return await self.line.call("GET", self._helpdesk.check)

    async def poll(self, after: Cursor | None) -> EventPage:
        return await self.line.call("GET", partial(self._helpdesk.poll, after))

    async def open_ticket(self, draft: TicketDraft, *, key: DeliveryKey) -> Receipt:
        return await self._take(key, partial(self._helpdesk.open_ticket, draft, key=key))

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        return await self._take(key, partial(self._helpdesk.add_comment, ticket, text, key=key))

    async def add_note(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        return await self._take(key, partial(self._helpdesk.add_note, ticket, text, key=key))

    async def _take(self, key: DeliveryKey, call: Callable[[], Awaitable[Receipt]]) -> Receipt:
        async def take() -> Receipt:
            self._helpdesk.world.taken.pop(key, None)
            return await call()

        return await self.line.call("POST", take)


class LossyHelpdesk(BlindHelpdesk, FindsDeliveries):
    """Such a helpdesk that can be asked, if the answer comes."""

    async def find_delivery(self, key: DeliveryKey, ticket: TicketId | None) -> Receipt | None:
        return await self.line.call("GET", partial(self._helpdesk.find_delivery, key, ticket))
