"""Two ends in memory that outlive the daemon's crashes and fail to order."""

from __future__ import annotations

import asyncio
import time

from connectors.memory import MemoryChat, MemoryHelpdesk
from connectors.memory.world import MemorySettings
from syncd.contract.deliveries import Upload
from syncd.contract.errors import RejectedError, RetryableError
from syncd.contract.http import Http
from syncd.contract.model import (
    Author,
    Contact,
    ConversationId,
    Cursor,
    DeliveryKey,
    EventPage,
    MessageId,
    Receipt,
    Reply,
    StatusClass,
    TicketId,
)

TAG = "syncd-shop"


class Faults:
    """Faults to order, each for one call: raised before the end took it, or after."""

    def __init__(self) -> None:
        self.before: list[Exception] = []
        self.after: list[Exception] = []
        self.held: set[str] = set()
        self.calls: list[tuple[str, DeliveryKey, float]] = []

    async def enter(self, target: str, key: DeliveryKey) -> None:
        self.calls.append((target, key, time.monotonic()))
        while target in self.held:
            await asyncio.sleep(0.005)
        if self.before:
            raise self.before.pop(0)

    def leave(self) -> None:
        if self.after:
            raise self.after.pop(0)


class FaultyChat(MemoryChat):
    def __init__(self, settings: MemorySettings, http: Http) -> None:
        super().__init__(settings, http)
        self.faults = Faults()
        self.edit_calls: list[str] = []
        self.poll_is_empty = False
        self.faults_of_visitors = Faults()

    async def poll(self, after: Cursor | None) -> EventPage:
        if self.poll_is_empty and after is not None:
            return EventPage((), after)
        return await super().poll(after)

    async def edit_message(self, message: MessageId, text: str, *, notice: bool) -> None:
        await self.faults.enter("edit", DeliveryKey(""))
        self.edit_calls.append(text)
        await super().edit_message(message, text, notice=notice)
        self.faults.leave()

    async def delete_message(self, message: MessageId, *, notice: bool) -> None:
        await super().delete_message(message, notice=notice)
        self.faults.leave()

    async def push_notice(self, conversation: ConversationId, text: str, *, key: DeliveryKey) -> Receipt:
        await self.faults.enter(conversation, key)
        receipt = await super().push_notice(conversation, text, key=key)
        self.faults.leave()
        return receipt

    async def update_visitor(self, conversation: ConversationId, contact: Contact) -> None:
        await self.faults_of_visitors.enter(conversation, DeliveryKey("none"))
        await super().update_visitor(conversation, contact)
        self.faults_of_visitors.leave()

    async def post_message(self, conversation: ConversationId, reply: Reply, *, key: DeliveryKey) -> Receipt:
        await self.faults.enter(conversation, key)
        receipt = await super().post_message(conversation, reply, key=key)
        self.faults.leave()
        return receipt

    def agent_says_as_syncd(self, visitor: str, author: Author, text: str) -> None:
        """Let the chat have taken a call of ours whose answer nobody heard."""
        self._say(ConversationId(visitor), author, text, tag=TAG)


class FaultyHelpdesk(MemoryHelpdesk):
    def __init__(self, settings: MemorySettings, http: Http) -> None:
        super().__init__(settings, http)
        self.faults = Faults()
        self.faults_of_files = Faults()
        self.cut_after_setting = 0
        self.refuses = False

    async def set_status(self, ticket: TicketId, status: StatusClass) -> None:
        if self.refuses:
            raise RejectedError("status refused")
        await super().set_status(ticket, status)
        if self.cut_after_setting:
            self.cut_after_setting -= 1
            raise RetryableError("no answer", certain=False)

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        await self.faults.enter(ticket, key)
        receipt = await super().add_comment(ticket, text, key=key)
        self.faults.leave()
        return receipt

    async def upload_file(self, ticket: TicketId, text: str, file: Upload, *, key: DeliveryKey) -> Receipt:
        await self.faults_of_files.enter(ticket, key)
        receipt = await super().upload_file(ticket, text, file, key=key)
        self.faults_of_files.leave()
        return receipt
