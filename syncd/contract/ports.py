"""What a connector is: one class per kind of end, and one small class per ability.

The class line is the feature table: `class Zendesk(HelpdeskConnector, Polls, FindsDeliveries, AddsNotes): ...`.
What an end cannot do is simply not declared. A connector never retries, sleeps, logs, reads the clock or keeps state
between calls. Every method that makes a call raises the errors of `syncd.contract.errors` and nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from syncd.contract.http import Http, read_json_object
from syncd.contract.model import (
    ConversationId,
    Cursor,
    DeliveryKey,
    Event,
    EventPage,
    Quota,
    Receipt,
    Reply,
    TicketDraft,
    TicketId,
    WebhookRequest,
)
from syncd.contract.settings import ConnectorSettings


class Connector(ABC):
    """One end of one bridge. `http` belongs to it alone and is closed by whoever made it."""

    Settings: ClassVar[type[ConnectorSettings]]
    quota: ClassVar[Quota | None] = None
    """How many calls the vendor allows an account, all endpoints together; None where it names no limit."""

    @abstractmethod
    def __init__(self, settings: Any, http: Http) -> None:
        """Take checked settings, an instance of this class's own `Settings`. Makes no call."""

    @property
    @abstractmethod
    def account(self) -> str:
        """Name the account at the vendor (no secret): bridges with the same one share its quota."""

    @abstractmethod
    async def check(self) -> str:
        """Do one cheap authenticated read; say in a few words what answered. Raises AuthError, UnavailableError."""


class ChatConnector(Connector):
    """The end where visitors are."""

    longest_text: ClassVar[int | None] = None
    """How many characters a message may have; longer replies come in parts. None where there is no bound."""

    @abstractmethod
    async def post_message(self, conversation: ConversationId, reply: Reply, *, key: DeliveryKey) -> Receipt:
        """Say `reply` in the conversation; the receipt has the message's id."""


class HelpdeskConnector(Connector):
    """The end where agents are."""

    @abstractmethod
    async def open_ticket(self, draft: TicketDraft, *, key: DeliveryKey) -> Receipt:
        """Open a ticket without mailing the requester; the receipt has `ticket`."""

    @abstractmethod
    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        """Put chat lines (plain text) on the ticket without mailing the requester. Raises MissingTargetError."""


class Polls(ABC):
    """Can be asked what is new."""

    poll_seconds: float
    """Seconds between two polls; may be a fraction."""

    @abstractmethod
    async def poll(self, after: Cursor | None) -> EventPage:
        """Read what came after the cursor, oldest first.

        With None it starts from now: no events, only a cursor. The cursor never moves past an event that was not read.
        """


class ReceivesWebhooks(ABC):
    """Is told what is new."""

    def admit_webhook(self, request: WebhookRequest) -> None:
        """Look at the request before it is stored; cheap, makes no call.

        Raises AuthError where a signature is wrong and PayloadError where the body is not what this end sends.
        """
        read_json_object(request.body)

    @abstractmethod
    def read_webhook(self, request: WebhookRequest) -> Sequence[Event]:
        """Read the stored request into events, oldest first. Makes no call. Raises PayloadError."""


class FindsDeliveries(ABC):
    """Can say whether a delivery of ours has happened."""

    @abstractmethod
    async def find_delivery(self, key: DeliveryKey, ticket: TicketId | None) -> Receipt | None:
        """Find what an earlier call with `key` made: on `ticket`, or with None the ticket itself."""


class AddsNotes(ABC):
    """Has comments that only agents see."""

    @abstractmethod
    async def add_note(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        """Put a private note (plain text) on the ticket. Raises MissingTargetError."""
