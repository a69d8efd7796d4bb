"""A chat that tells of what we said when and as it likes: early, late, twice, in a transcript, without our mark."""

from __future__ import annotations

import asyncio
import heapq
import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx

from connectors.memory.chat import read_webhook_body, write_webhook_body
from connectors.memory.world import MemorySettings, new_id
from syncd.contract.http import error_for_failure
from syncd.contract.model import (
    Author,
    ChatContext,
    ChatEnded,
    ChatMessageAdded,
    ConversationId,
    DeliveryKey,
    Event,
    Message,
    MessageId,
    Receipt,
    Reply,
    Role,
    Visitor,
    WebhookRequest,
)
from syncd.contract.ports import ChatConnector, ReceivesWebhooks

LONGEST_CALL_SECONDS = 1.0
LATE_SECONDS = 5.0
SHARE_CUT = 0.03
OTHER_TAG = "another-program"

Hook = Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True)
class Said:
    """A message, and in which of the daemon's lives it was said. One that `keeps_tag` is always told with its own."""

    message: Message
    life: int
    keeps_tag: bool = True


class EchoingChat(ChatConnector, ReceivesWebhooks):
    """The chat. `hook` takes its webhooks; `due` are those still on their way; `figures` say what happened how often.

    While it `loses_tags`, messages may be told without their tag or with another one, differently each time: but only
    those whose call is answered, for then the id alone tells that they are ours.
    """

    Settings = MemorySettings

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._order = 0
        self.hook: Hook = self._nobody
        self.life = 0
        self.loses_tags = True
        self.due: list[tuple[float, int, ConversationId, Said]] = []
        self.said: defaultdict[ConversationId, list[Said]] = defaultdict(list)
        self.figures: Counter[str] = Counter()

    @property
    def account(self) -> str:
        return "echoes"

    async def check(self) -> str:
        return "ok"

    def read_webhook(self, request: WebhookRequest) -> Sequence[Event]:
        return read_webhook_body(request.body)

    async def post_message(self, conversation: ConversationId, reply: Reply, *, key: DeliveryKey) -> Receipt:
        """Say it, tell of it none to two times before the answer and none to two times later."""
        del key
        await self._pause()
        is_cut = self._chance.random() < SHARE_CUT
        said = self._say(conversation, reply.author, reply.text, reply.tag, keeps_tag=is_cut or not self.loses_tags)
        for _ in range(self._chance.choice((0, 1, 1, 2))):
            self._tell_later(conversation, said)
        for _ in range(self._chance.choice((0, 0, 1, 2))):
            self.figures["echoes before the answer"] += 1
            await self.hook(self._fragment(conversation, said))
        await self._pause()
        if is_cut:
            self.figures["answers lost"] += 1
            raise error_for_failure("POST", httpx.ReadTimeout(""))
        return Receipt(id=said.message.id)

    def visitor_says(self, visitor: str, text: str) -> bytes:
        """Let a visitor say something; give the webhook."""
        conversation = ConversationId(visitor)
        said = self._say(conversation, Author(Role.VISITOR, visitor), text, "", keeps_tag=True)
        return self._fragment(conversation, said)

    def transcript(self, conversation: ConversationId) -> bytes:
        """Give the webhook that tells of everything once more."""
        self.figures["echoes in a transcript"] += sum(bool(one.message.tag) for one in self.said[conversation])
        events = [self._told(conversation, one, repaired=True) for one in self.said[conversation]]
        return write_webhook_body([*events, ChatEnded(conversation)])

    async def tell_what_is_due(self) -> None:
        """Tell of what was said earlier."""
        while self.due and self.due[0][0] <= asyncio.get_running_loop().time():
            _, _, conversation, said = heapq.heappop(self.due)
            self.figures["echoes after the answer"] += 1
            await self.hook(self._fragment(conversation, said))

    def _say(self, conversation: ConversationId, author: Author, text: str, tag: str, *, keeps_tag: bool) -> Said:
        message = Message(MessageId(new_id()), author, text, datetime.now(UTC), tag=tag)
        self.said[conversation].append(Said(message, self.life, keeps_tag))
        return self.said[conversation][-1]

    def _tell_later(self, conversation: ConversationId, said: Said) -> None:
        at = asyncio.get_running_loop().time() + self._chance.expovariate(1 / LATE_SECONDS)
        self._order += 1
        heapq.heappush(self.due, (at, self._order, conversation, said))

    def _fragment(self, conversation: ConversationId, said: Said) -> bytes:
        return write_webhook_body([self._told(conversation, said)])

    def _told(self, conversation: ConversationId, said: Said, *, repaired: bool = False) -> ChatMessageAdded:
        tag = said.message.tag
        if tag and not said.keeps_tag:
            tag = self._chance.choice((tag, "", OTHER_TAG))
        if said.message.tag:
            self.figures[{said.message.tag: "with our tag", "": "without a tag"}.get(tag, "with another tag")] += 1
            self.figures["told in a later life of the daemon"] += said.life < self.life
        context = ChatContext(Visitor(conversation, conversation))
        return ChatMessageAdded(conversation, replace(said.message, tag=tag), context, repaired=repaired)

    async def _pause(self) -> None:
        await asyncio.sleep(self._chance.uniform(0, LONGEST_CALL_SECONDS))

    async def _nobody(self, _: bytes) -> None:
        """Before there is anybody to tell."""
