"""One Chatra account: agents, visitors, chats. Does no I/O: what happens is published as webhook bodies."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from syncd.testing.chatra.chat import Chat
from syncd.testing.chatra.message import Agent, Attachment, Kind, Message, TextKey
from syncd.testing.chatra.refusal import Json, RefusedError, invalid, not_found
from syncd.testing.chatra.visitor import COLORS, Visitor, new_facts

LETTERS = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz"
"""Ids are made of these: no two of them look alike."""
LONGEST_TEXT = 5000

Publish = Callable[[str, Json], None]
"""Takes a chat's id and a webhook's body."""


class Account:
    """The state of the service for one pair of keys.

    A message through the API fires its fragment at once if `api_messages_fire`, else it comes with the next one.
    Webhooks carry a message's text under `text_key`. Methods raise RefusedError and then have changed nothing.
    """

    def __init__(self, publish: Publish, rng: random.Random) -> None:
        self.api_messages_fire = True
        self.text_key: TextKey = "text"
        self._publish = publish
        self._rng = rng
        self.chats: dict[str, Chat] = {}
        self._visitor_of: dict[str, str] = {}
        self.agents: dict[str, Agent] = {}
        self.messages: dict[str, Message] = {}
        self._group = self._new_id()
        for name in ("Liz", "Julia"):
            self.add_agent(name, f"{name.lower()}@agents.example.com", self._group)

    def add_agent(self, name: str, email: str, group: str = "", *, dummy: bool = False) -> Agent:
        """Make an agent; `group` is the id of an agent group, which is made by being named."""
        userpic = f"https://ucarecdn.com/{uuid.UUID(int=self._rng.getrandbits(128), version=4)}/"
        agent = Agent(self._new_id(), name, email, userpic, group, dummy)
        self.agents[agent.id] = agent
        return agent

    def agent(self, agent_id: str) -> Agent:
        """Find an agent. Raises RefusedError."""
        if agent_id not in self.agents:
            raise not_found("Agent")
        return self.agents[agent_id]

    def agent_by_email(self, email: str, name: str) -> Agent:
        """Find the agent with this address; where there is none, make a dummy one called `name`."""
        wanted = email.casefold()
        known = (agent for agent in self.agents.values() if agent.email.casefold() == wanted)
        return next(known, None) or self.add_agent(name, email, dummy=True)

    def any_agent(self, group: str | None = None) -> Agent:
        """Pick an agent at random, of one group if it is named. Raises RefusedError for a group without agents."""
        able = [one for one in self.agents.values() if not one.dummy and (group is None or one.group == group)]
        if not able:
            raise not_found("Group")
        return self._rng.choice(able)

    def visitor(self, visitor_id: str | None = None, facts: Mapping[str, object] | None = None) -> Visitor:
        """Find a visitor or, where there is none, make one; then set `facts` by their documented keys."""
        if visitor_id not in self.chats:
            color = self._rng.choice(sorted(COLORS))
            known = new_facts(self._group, color, _now())
            visitor = Visitor(visitor_id or self._new_id(32), self._new_id(), known)
            visitor.learn(facts or {})
            self.chats[visitor.id] = Chat(visitor)
            self._visitor_of[visitor.chat_id] = visitor.id
            return visitor
        visitor = self.chats[visitor_id].visitor
        visitor.learn(facts or {})
        return visitor

    def chat(self, any_id: str) -> Chat:
        """Find a chat by its own id or its visitor's. Raises RefusedError."""
        return self.chat_of_visitor(self._visitor_of.get(any_id, any_id))

    def chat_of_visitor(self, visitor_id: str) -> Chat:
        """Find the one chat of a visitor. Raises RefusedError."""
        if visitor_id not in self.chats:
            raise not_found("Client")
        return self.chats[visitor_id]

    def message(self, message_id: str, *, pushed: bool = False) -> Message:
        """Find a message, with `pushed` only among the pushed ones. Raises RefusedError."""
        message = self.messages.get(message_id)
        if message is None or (pushed and message.kind != "pushed"):
            raise not_found("Message")
        return message

    def visitor_says(self, chat: Chat, text: str, file: Attachment | None = None) -> Message:
        """Let the visitor say something; starts a session where none runs."""
        message = self._new_message(chat, text, file=file)
        if chat.started_on is None:
            chat.visitor.arrive(message.created_at)
        return self._say(chat, message, fires=True)

    def agent_says(
        self, chat: Chat, text: str, agent: Agent, file: Attachment | None = None, received_from: str = ""
    ) -> Message:
        """Let an agent say something in Chatra's own dashboard; starts a session where none runs."""
        message = replace(self._new_message(chat, text, agent, file), received_from=received_from)
        return self._say(chat, message, fires=True)

    def api_says(self, chat: Chat, text: str, agent: Agent, received_from: str = "") -> Message:
        """Let an agent say something through `POST messages`, which is treated just like a dashboard message."""
        message = replace(self._new_message(chat, text, agent), received_from=received_from)
        return self._say(chat, message, fires=self.api_messages_fire)

    def automatic(self, chat: Chat, text: str, kind: Kind, agent: Agent) -> Message:
        """Put a trigger or a pushed message there: it starts nothing and is told with the next fragment."""
        message = self._new_message(chat, text, agent, kind=kind)
        chat.add(message)
        self.messages[message.id] = message
        return message

    def edit(self, message: Message, text: str) -> Message:
        """Change an agent's message; no webhook tells it. Raises RefusedError."""
        _only_agents(message)
        message.text = _checked(text)
        return message

    def delete(self, message: Message) -> Message:
        """Take an agent's message away; no webhook tells it. Raises RefusedError."""
        _only_agents(message)
        self.chats[message.visitor_id].remove(message)
        return self.messages.pop(message.id)

    def end(self, chat: Chat, missed: Collection[str] = ()) -> Json:
        """End the running session; `missed` are ids of messages the other side did not see. Gives the transcript."""
        if chat.started_on is None:
            raise RefusedError(409, "No session of this chat is running")
        for message in chat.untold:
            message.missed = message.id in missed
        chat.visitor.leave(_now())
        transcript = chat.end(self.text_key)
        self._publish(chat.visitor.chat_id, transcript)
        return transcript

    def _say(self, chat: Chat, message: Message, *, fires: bool) -> Message:
        chat.add(message)
        self.messages[message.id] = message
        if chat.started_on is None:
            self._publish(chat.visitor.chat_id, chat.start(message, self.text_key))
        if fires:
            self._publish(chat.visitor.chat_id, chat.tell(self.text_key))
        return message

    def _new_message(
        self, chat: Chat, text: str, agent: Agent | None = None, file: Attachment | None = None, kind: Kind = "said"
    ) -> Message:
        text = _checked(text)
        return Message(self._new_id(), chat.visitor.id, text, _now(), agent=agent, kind=kind, file=file)

    def _new_id(self, length: int = 17) -> str:
        return "".join(self._rng.choices(LETTERS, k=length))


def _now() -> int:
    return int(time.time() * 1000)


def _checked(text: str) -> str:
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise invalid(f"text must have 1 to {LONGEST_TEXT} characters")
    return text


def _only_agents(message: Message) -> None:
    if message.agent is None:
        raise invalid("Only agents' messages can be edited or deleted")
