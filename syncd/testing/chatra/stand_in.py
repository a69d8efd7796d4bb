"""The stand-in as one object: what people do in a chat, what goes wrong, and what was seen."""

from __future__ import annotations

import base64
import random
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.routing import Mount

from syncd.testing.chatra.account import Account
from syncd.testing.chatra.api import api_routes
from syncd.testing.chatra.control import control_routes
from syncd.testing.chatra.faults import Fault, Faults
from syncd.testing.chatra.files import Files, KeptFile
from syncd.testing.chatra.gate import Call, Gate, RateLimit
from syncd.testing.chatra.message import Agent, Attachment, TextKey
from syncd.testing.chatra.refusal import Json
from syncd.testing.chatra.webhooks import SentWebhook, WebhookSender


@dataclass(frozen=True, slots=True)
class Options:
    """How an account is set up.

    `rate` calls are allowed in any `window` seconds. With a `seed` ids and faults are the same in every run.
    `api_messages_fire` says whether a message through the API fires its fragment at once, `text_key` where webhooks
    put a message's text.
    """

    public_key: str
    secret_key: str
    webhooks: Sequence[str] = ()
    rate: int = 60
    window: float = 60.0
    seed: int | None = None
    api_messages_fire: bool = True
    text_key: TextKey = "text"


class ChatraStandIn:
    """One account of the service.

    `app` has the API under `/api`, the store of files under `/files`, and the same abilities as here under `/stand-in`.
    A chat is named by its own id or by its visitor's. Every method raises RefusedError for what the service cannot do.
    """

    def __init__(self, options: Options) -> None:
        ids, chances = random.Random(options.seed), random.Random(options.seed)  # noqa: S311 - no secret is made here
        self._faults = Faults(chances)
        self._sender = WebhookSender(self._faults, options.webhooks)
        self._account = Account(self._sender.publish, ids)
        self._account.api_messages_fire = options.api_messages_fire
        self._account.text_key = options.text_key
        limit = RateLimit(options.rate, options.window)
        keys = f"{options.public_key}:{options.secret_key}"
        self._gate = Gate(api_routes(self._account), keys, limit, self._faults)
        self._files = Files(ids)
        routes = [Mount("/api", self._gate), Mount("/stand-in", control_routes(self)), Mount("/files", self._files.app)]
        self.app = Starlette(routes=routes)

    async def visitor(self, visitor_id: str | None = None, facts: Json | None = None) -> Json:
        """Find or make a visitor; set facts by their documented keys, None takes one away. Gives the client object."""
        return self._account.visitor(visitor_id, facts).described()

    async def visitor_says(self, visitor_id: str, text: str) -> Json:
        """Let a visitor, new or known, say something. Gives the message."""
        chat = self._account.chat_of_visitor(self._account.visitor(visitor_id).id)
        return self._account.visitor_says(chat, text).for_webhook()

    async def visitor_attaches(self, visitor_id: str, file: Attachment) -> Json:
        """Let a visitor, new or known, send a file; the message's text is the file's name. Gives the message."""
        chat = self._account.chat_of_visitor(self._account.visitor(visitor_id).id)
        return self._account.visitor_says(chat, file.name, file).for_webhook()

    async def agent_says(self, chat_id: str, text: str, agent_id: str | None = None) -> Json:
        """Let an agent, any if none is named, say something in Chatra's own dashboard. Gives the message."""
        return self._account.agent_says(self._account.chat(chat_id), text, self._agent(agent_id)).for_webhook()

    async def agent_attaches(self, chat_id: str, file: Attachment, agent_id: str | None = None) -> Json:
        """Let an agent send a file from Chatra's own dashboard. Gives the message."""
        chat = self._account.chat(chat_id)
        return self._account.agent_says(chat, file.name, self._agent(agent_id), file).for_webhook()

    async def keep_file(self, content: str, kind: str) -> str:
        """Store a file (Base64) that is served with a media type; give its path here, for the URL of an attachment."""
        return self._files.keep(KeptFile(base64.b64decode(content, validate=True), kind))

    async def forget_file(self, kept: str) -> None:
        """Remove a stored file by its path: its URL answers 404 from now on."""
        self._files.forget(kept)

    async def fetched_files(self) -> list[str]:
        """List the paths of stored files that were asked for, in order."""
        return list(self._files.fetched)

    async def trigger(self, chat_id: str, text: str, agent_id: str | None = None) -> Json:
        """Let an automatic targeted message appear. Gives the message."""
        chat = self._account.chat(chat_id)
        return self._account.automatic(chat, text, "trigger", self._agent(agent_id)).for_webhook()

    async def push(self, chat_id: str, text: str, agent_id: str | None = None) -> Json:
        """Let a pushed message appear, as `POST pushedMessages` does. Gives the message."""
        chat = self._account.chat(chat_id)
        return self._account.automatic(chat, text, "pushed", self._agent(agent_id)).for_webhook()

    async def end_chat(self, chat_id: str, missed: Sequence[str] = ()) -> Json:
        """End the running session; `missed` are ids of messages the other side did not see. Gives the transcript."""
        return self._account.end(self._account.chat(chat_id), missed)

    async def chats(self) -> list[Json]:
        """List all chats: their ids, whether a session runs, and how many messages they hold."""
        return [
            {
                "chatId": chat.visitor.chat_id,
                "clientId": chat.visitor.id,
                "running": chat.started_on is not None,
                "messages": len(chat.messages),
            }
            for chat in self._account.chats.values()
        ]

    async def messages(self, chat_id: str) -> list[Json]:
        """List what the chat holds now, oldest first, each as the API and the webhooks together tell it."""
        return [{**one.for_api(), **one.for_webhook()} for one in self._account.chat(chat_id).messages]

    async def agents(self) -> list[Agent]:
        """List all agents, dummy ones too."""
        return list(self._account.agents.values())

    async def add_agent(self, name: str, email: str, group: str = "") -> Agent:
        """Make an agent; `group` is the id of an agent group, which is made by being named."""
        return self._account.add_agent(name, email, group)

    async def order_fault(self, fault: Fault) -> Fault:
        """Let something go wrong from now on."""
        self._faults.order(fault)
        return fault

    async def faults(self) -> list[Fault]:
        """List what is ordered and not spent."""
        return self._faults.ordered

    async def clear_faults(self) -> None:
        """Let nothing more go wrong."""
        self._faults.clear()

    async def calls(self, after: int = 0) -> list[Call]:
        """List all API calls as they came in, without the first `after`."""
        return self._gate.calls[after:]

    async def webhooks(self, after: int = 0) -> list[SentWebhook]:
        """List all webhooks, sent, waiting or lost, without the first `after`."""
        return self._sender.log[after:]

    async def targets(self) -> list[str]:
        """List the URLs that webhooks go to."""
        return list(self._sender.targets)

    async def send_webhooks_to(self, urls: Sequence[str]) -> list[str]:
        """Set the URLs that webhooks go to from now on."""
        self._sender.aim(urls)
        return list(urls)

    async def settled(self) -> None:
        """Return when every webhook was sent and answered, lost, or given up."""
        await self._sender.settled()

    async def set_options(self, text_key: TextKey | None = None, *, api_messages_fire: bool | None = None) -> None:
        """Change how webhooks carry text and whether API messages fire fragments; None leaves it as it is."""
        if text_key is not None:
            self._account.text_key = text_key
        if api_messages_fire is not None:
            self._account.api_messages_fire = api_messages_fire

    async def close(self) -> None:
        """Drop the webhooks that wait."""
        await self._sender.close()

    def _agent(self, agent_id: str | None) -> Agent:
        return self._account.any_agent() if agent_id is None else self._account.agent(agent_id)
