"""Chatra: webhooks in, `POST messages` out.

Vendor pages: https://chatra.com/help/api/ (REST), https://chatra.com/help/api/webhooks/ (read in `webhooks`).

Known limitations:
- Chatra has no list of messages: nothing can be asked for. What a fragment did not bring comes with `chatTranscript`,
  the whole session at its end, as `repaired`.
- A webhook has no signature: the secret in its URL is the only proof of who sent it.
- There is no idempotency key: whether a call that was cut off has happened is known when its message comes back.
- A visitor has one chat for ever, so a conversation's id is its visitor's id; `chatId` is a detail.
- The check reads a visitor that does not exist: a wrong URL that answers 404 to everything looks good to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from connectors.chatra.values import string
from connectors.chatra.webhooks import read_events
from syncd.contract.errors import MissingTargetError, PayloadError, RejectedError
from syncd.contract.http import Http, read_json_object
from syncd.contract.model import ConversationId, DeliveryKey, Event, Quota, Receipt, Reply, WebhookRequest
from syncd.contract.ports import ChatConnector, ReceivesWebhooks
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
        description="the address to speak under where the helpdesk knows no e-mail of the agent",
        examples=["support@example.com"],
    )


def write_message(conversation: ConversationId, reply: Reply, agent_email: str) -> dict[str, str]:
    """Write the body of `POST messages`; an agent without a name gets what is before the @. Raises RejectedError."""
    email = reply.author.email or agent_email
    if not email:
        raise RejectedError("the helpdesk gives no e-mail for this agent: give it one there or set CHATRA_AGENT_EMAIL")
    if not 1 <= len(reply.text) <= LONGEST_TEXT:
        raise RejectedError(f"Chatra takes 1 to {LONGEST_TEXT} characters, this reply has {len(reply.text)}")
    return {
        "clientId": conversation,
        "text": reply.text,
        "agentEmail": email,
        "agentName": reply.author.name or email.partition("@")[0],
        "receivedFrom": reply.tag,
    }


def read_made_id(body: bytes) -> str:
    """Read the id of the message that Chatra made. Raises PayloadError."""
    made = string(read_json_object(body).get("id"), "id")
    if not made:
        raise PayloadError("id: missing in the answer to POST messages")
    return made


class Chatra(ChatConnector, ReceivesWebhooks):
    """One account at Chatra."""

    Settings = ChatraSettings
    longest_text = LONGEST_TEXT
    quota = Quota(calls=60, seconds=60)

    def __init__(self, settings: ChatraSettings, http: Http) -> None:
        self._http = http
        self._api_url = settings.api_url
        self._agent_email = settings.agent_email
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
        """Post under the agent's e-mail, for which Chatra makes an agent where it knows none. `key` is not sent."""
        del key
        message = write_message(conversation, reply, self._agent_email)
        answer = await self._http.call("POST", f"{self._api_url}/messages/", headers=self._headers(), json=message)
        return Receipt(id=read_made_id(answer.content))

    def read_webhook(self, request: WebhookRequest) -> Sequence[Event]:
        """Read one of the three events, or one that is new and only counted."""
        return read_events(read_json_object(request.body))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Chatra.Simple {self._public_key}:{self._secret_key.get_secret_value()}"}
