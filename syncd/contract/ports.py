"""What a connector is: one class per kind of end, and one small class per ability.

The class line is the feature table: `class Zendesk(HelpdeskConnector, Polls, FindsDeliveries, AddsNotes): ...`.
What an end cannot do is simply not declared. A connector never retries, sleeps, logs, reads the clock or keeps state
between calls. Every method that makes a call raises the errors of `syncd.contract.errors` and nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from syncd.contract.deliveries import Upload
from syncd.contract.http import Http, read_json_object
from syncd.contract.model import (
    Contact,
    ContactField,
    ConversationId,
    Cursor,
    DeliveryKey,
    Event,
    EventPage,
    MessageId,
    Quota,
    Receipt,
    Reply,
    StatusClass,
    TicketDraft,
    TicketId,
    TicketStatus,
    Visitor,
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

    default_agent: ClassVar[str] = ""
    """Where the chat shows agents by their addresses and makes one for an address that it does not know: the field of
    `Settings` with the address to speak under otherwise. Empty where it shows whatever name a reply has."""

    @abstractmethod
    async def post_message(self, conversation: ConversationId, reply: Reply, *, key: DeliveryKey) -> Receipt:
        """Say `reply` in the conversation; the receipt has the message's id.

        An author with an `id` is the chat's own agent; one without an address is the default agent.
        """


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
        """Find what an earlier call with `key` made; with `ticket` None that was the ticket itself.

        `ticket` is the conversation's now. What was put on another one that was merged into it is found as well, and
        None is said only where the helpdesk itself has looked: what is found nowhere is made again.
        """


class AddsNotes(ABC):
    """Has comments that only agents see."""

    @abstractmethod
    async def add_note(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        """Put a private note (plain text) on the ticket. Raises MissingTargetError."""


class UploadsFiles(ABC):
    """Takes files on its tickets."""

    @abstractmethod
    async def upload_file(self, ticket: TicketId, text: str, file: Upload, *, key: DeliveryKey) -> Receipt:
        """Put a file on the ticket as it is, byte for byte, beside a text (plain) that names it; mail nobody.

        Raises MissingTargetError.
        """


class SetsStatus(ABC):
    """Has tickets that are worked on, done and taken up again; its polls or webhooks bring `TicketStatusChanged`."""

    @abstractmethod
    async def read_status(self, ticket: TicketId) -> TicketStatus:
        """Tell what the ticket's status means and since when it has it. Raises MissingTargetError."""

    @abstractmethod
    async def set_status(self, ticket: TicketId, status: StatusClass) -> None:
        """Give the ticket a status of this class, mailing nobody in the chat; one that it has already stays.

        Raises MissingTargetError, and RejectedError where the ticket does not have it afterwards.
        """


class RaisesPriority(ABC):
    """Has tickets that go before others, by a number: the higher, the sooner."""

    @abstractmethod
    async def raise_priority(self, ticket: TicketId, priority: int) -> None:
        """Give the ticket this priority unless it has a higher one. Raises MissingTargetError, RejectedError."""


class TagsTickets(ABC):
    """Has tickets with tags; those of a draft are set when it is opened."""

    @abstractmethod
    async def add_tag(self, ticket: TicketId, tag: str) -> None:
        """Give the ticket a tag beside those that it has, once. Raises MissingTargetError, RejectedError."""


class EditsMessages(ABC):
    """Can change and remove messages that we put into the chat; `notice` says that it was `push_notice` that did."""

    @abstractmethod
    async def edit_message(self, message: MessageId, text: str, *, notice: bool) -> None:
        """Let the message have this text, however often it is called. Raises MissingTargetError."""

    @abstractmethod
    async def delete_message(self, message: MessageId, *, notice: bool) -> None:
        """Remove the message. Raises MissingTargetError where it is not there, as from the second call on."""


class PushesNotices(ABC):
    """Has messages that nobody types, apart from those of agents."""

    @abstractmethod
    async def push_notice(self, conversation: ConversationId, text: str, *, key: DeliveryKey) -> Receipt:
        """Say it in the conversation as an automatic message; the receipt has its id."""


class UpdatesRequester(ABC):
    """Has tickets whose requester can be another than at first: visitors tell who they are while they chat."""

    @abstractmethod
    async def update_requester(self, ticket: TicketId, requester: Visitor, instead_of: Sequence[Visitor]) -> None:
        """Make `requester` the ticket's where that is one of `instead_of`, mailing nobody then or later.

        Whom else it has, an agent chose, who stays; so does the person where only the name is another and people's
        names are not ours to change, and where `requester` has no usable address. May be called again and again.
        Raises MissingTargetError, and RejectedError where the ticket cannot have this requester.
        """


class SetsFields(ABC):
    """Has tickets with fields of ops' own; a new one gets its draft's `fields`.

    One that it does not take is left out of the ticket, keeps no other out, and is named in the receipt.
    """

    @abstractmethod
    async def fields_of(self, queue: str) -> frozenset[str]:
        """Name the fields that a new ticket in the queue can be given; empty for the connector's own queue.

        Those that hold our keys are none of them. Raises AuthError where the account may not see the queue.
        """


class TellsContact(ABC):
    """Has people who ask in tickets, whom agents correct; its polls or webhooks bring `ContactChanged`."""

    @abstractmethod
    def want_contact(self, fields: frozenset[ContactField]) -> None:
        """Tell of corrections of these fields; of none before this is called, once, ahead of all calls. Makes no call.

        What nobody wants is not asked for.
        """


class UpdatesVisitors(ABC):
    """Keeps contact data of its visitors, which may be corrected from outside."""

    @abstractmethod
    async def update_visitor(self, conversation: ConversationId, contact: Contact) -> None:
        """Set the fields of which `contact` says something, remove those that are empty, and leave all others.

        Made again it changes nothing. Raises MissingTargetError.
        """
