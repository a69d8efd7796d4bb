"""Chatra: webhooks in; out `messages` for agents, `pushedMessages` for what nobody types, `clients` for corrections.

Vendor pages: https://chatra.com/help/api/ (REST), https://chatra.com/help/api/webhooks/ (read in `webhooks`).

Known limitations:
- Chatra has no list of messages: nothing can be asked for. What a fragment did not bring comes with `chatTranscript`,
  the whole session at its end, as `repaired`.
- A webhook has no signature: the secret in its URL is the only proof of who sent it.
- It has no list of its agents: that it has one with an e-mail is known once he has spoken in a chat.
- There is no idempotency key: whether a call that was cut off has happened is known when its message comes back.
- No webhook tells that a message was changed or removed, by us or in Chatra.
- A pushed message takes no `receivedFrom`: where its call was cut off, its echo is an automatic message of anybody's.
- A visitor has one chat for ever, so a conversation's id is its visitor's id; `chatId` is in the link.
- `PUT clients` writes name, e-mail and phone only: `notes` it would replace whole.
- The check reads a visitor that does not exist: a wrong URL that answers 404 to everything looks good to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Self
from urllib.parse import quote

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from connectors.chatra.values import string
from connectors.chatra.webhooks import read_events
from syncd.contract.errors import MissingTargetError, PayloadError, RejectedError
from syncd.contract.http import Http, read_json_object
from syncd.contract.model import (
    Contact,
    ConversationId,
    DeliveryKey,
    Event,
    MessageId,
    Quota,
    Receipt,
    Reply,
    WebhookRequest,
)
from syncd.contract.ports import ChatConnector, EditsMessages, PushesNotices, ReceivesWebhooks, UpdatesVisitors
from syncd.contract.settings import ConnectorSettings, HttpUrl

LONGEST_TEXT = 5000


def _public_key(value: str) -> str:
    if not re.fullmatch("[!-9;-~]+", value):
        msg = "write the key as Chatra shows it: without blanks and colons"
        raise ValueError(msg)
    return value


def _secret_key(value: SecretStr) -> SecretStr:
    if not re.fullmatch("[!-~]+", value.get_secret_value()):
        msg = "write the key as Chatra shows it: without blanks"
        raise ValueError(msg)
    return value


class ChatraSettings(ConnectorSettings):
    """An account at Chatra."""

    model_config = SettingsConfigDict(env_prefix="CHATRA_")

    public_key: Annotated[str, AfterValidator(_public_key)] = Field(description="the account's public API key")
    secret_key: Annotated[SecretStr, AfterValidator(_secret_key)] = Field(description="the account's secret API key")
    api_url: HttpUrl = Field(default="https://app.chatra.io/api", description="where Chatra's REST API is")
    agent_email: str = Field(
        default="",
        pattern=r"^([^@\s]+@[^@\s]+)?$",
        description="the address of the agent to speak under where the helpdesk knows no e-mail of its own, or where "
        "BRIDGE_DUMMY_AGENTS=no and the chat has no agent with that",
        examples=["support@example.com"],
    )
    notice_agent_id: str = Field(
        default="", description="the agent, by Chatra's id, in whose name notices are pushed; by default any agent"
    )
    notice_group_id: str = Field(
        default="", description="the group of agents, by Chatra's id, of whom any is named in notices"
    )

    @model_validator(mode="after")
    def _one_sender(self) -> Self:
        if self.notice_agent_id and self.notice_group_id:
            msg = "set CHATRA_NOTICE_AGENT_ID or CHATRA_NOTICE_GROUP_ID, not both"
            raise ValueError(msg)
        return self


def write_message(conversation: ConversationId, reply: Reply, agent_email: str) -> dict[str, str]:
    """Write the body of `POST messages`; an agent without a name gets what is before the @. Raises RejectedError."""
    said = {"clientId": conversation, "text": write_text(reply.text)}
    return {**said, **write_agent(reply, agent_email), "receivedFrom": reply.tag}


def write_agent(reply: Reply, agent_email: str) -> dict[str, str]:
    """Write who speaks: an agent by his id is never made, one by his e-mail may be. Raises RejectedError."""
    if reply.author.id:
        return {"agentId": reply.author.id}
    email = reply.author.email or agent_email
    if not email:
        raise RejectedError("the helpdesk gives no e-mail for this agent: give it one there or set CHATRA_AGENT_EMAIL")
    return {"agentEmail": email, "agentName": reply.author.name or email.partition("@")[0]}


def write_text(text: str) -> str:
    """Give a text that Chatra takes. Raises RejectedError."""
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise RejectedError(f"Chatra takes 1 to {LONGEST_TEXT} characters, this reply has {len(text)}")
    return text


def write_notice(conversation: ConversationId, text: str, agent_id: str, group_id: str) -> dict[str, str]:
    """Write the body of `POST pushedMessages`, in the name of an agent, of any of a group, or of any at all."""
    senders = {"agentId": agent_id, "groupId": group_id}
    return {"clientId": conversation, "text": write_text(text), **{name: id_ for name, id_ in senders.items() if id_}}


def read_made_id(body: bytes) -> str:
    """Read the id of the message that Chatra made, changed or removed. Raises PayloadError."""
    made = string(read_json_object(body).get("id"), "id")
    if not made:
        raise PayloadError("id: missing in the answer about a message")
    return made


def write_client(contact: Contact) -> dict[str, str | None]:
    """Write the body of `PUT clients`: what is empty is removed, what nothing is said of is left as it is."""
    return {field: value or None for field, value in contact.told().items()}


def write_id(id_: str) -> str:
    """Write an id as a part of a path, which "." and ".." are not: they lead elsewhere. Raises RejectedError."""
    if id_ in {".", ".."}:
        raise RejectedError(f"{id_!r} cannot be asked for by its id: have the website give its visitors others")
    return quote(id_, safe="")


class Chatra(ChatConnector, ReceivesWebhooks, EditsMessages, PushesNotices, UpdatesVisitors):
    """One account at Chatra."""

    Settings = ChatraSettings
    longest_text = LONGEST_TEXT
    default_agent = "agent_email"
    quota = Quota(calls=60, seconds=60)

    def __init__(self, settings: ChatraSettings, http: Http) -> None:
        self._http = http
        self._api_url = settings.api_url
        self._agent_email = settings.agent_email
        self._notice_sender = (settings.notice_agent_id, settings.notice_group_id)
        self._public_key = settings.public_key
        self._secret_key = settings.secret_key

    @property
    def account(self) -> str:
        """Give the public key."""
        return self._public_key

    async def check(self) -> str:
        """Read a visitor that no account has: that it is not there is what Chatra answers to a key it takes."""
        try:
            answer = await self._http.call("GET", f"{self._api_url}/clients/syncd-check", headers=self._headers())
        except MissingTargetError:
            return "Chatra takes the key"
        read_json_object(answer.content)
        return "Chatra takes the key"

    async def post_message(self, conversation: ConversationId, reply: Reply, *, key: DeliveryKey) -> Receipt:
        """Post under the agent's id or e-mail; for an e-mail that it does not know Chatra makes an agent.

        `key` is not sent.
        """
        del key
        message = write_message(conversation, reply, self._agent_email)
        answer = await self._http.call("POST", f"{self._api_url}/messages/", headers=self._headers(), json=message)
        return Receipt(id=read_made_id(answer.content))

    async def push_notice(self, conversation: ConversationId, text: str, *, key: DeliveryKey) -> Receipt:
        """Push it. `key` is not sent."""
        del key
        notice = write_notice(conversation, text, *self._notice_sender)
        answer = await self._http.call("POST", f"{self._api_url}/pushedMessages/", headers=self._headers(), json=notice)
        return Receipt(id=read_made_id(answer.content))

    async def edit_message(self, message: MessageId, text: str, *, notice: bool) -> None:
        """Put the new text."""
        body, url = {"text": write_text(text)}, self._place(message, notice=notice)
        read_made_id((await self._http.call("PUT", url, headers=self._headers(), json=body)).content)

    async def delete_message(self, message: MessageId, *, notice: bool) -> None:
        """Delete it."""
        url = self._place(message, notice=notice)
        read_made_id((await self._http.call("DELETE", url, headers=self._headers())).content)

    async def update_visitor(self, conversation: ConversationId, contact: Contact) -> None:
        """Put what is told of, as if it was edited in Chatra's dashboard."""
        url = f"{self._api_url}/clients/{write_id(conversation)}"
        answer = await self._http.call("PUT", url, headers=self._headers(), json=write_client(contact))
        read_json_object(answer.content)

    def read_webhook(self, request: WebhookRequest) -> Sequence[Event]:
        """Read one of the three events, or one that is new and only counted."""
        return read_events(read_json_object(request.body))

    def _place(self, message: MessageId, *, notice: bool) -> str:
        return f"{self._api_url}/{'pushedMessages' if notice else 'messages'}/{write_id(message)}"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Chatra.Simple {self._public_key}:{self._secret_key.get_secret_value()}"}
