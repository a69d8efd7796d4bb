"""The call that a claim stands for."""

from __future__ import annotations

from typing import assert_never

from syncd.contract.deliveries import (
    AddComment,
    AddNote,
    AddTag,
    AttachFile,
    DeleteMessage,
    EditMessage,
    OpenTicket,
    PostMessage,
    PushNotice,
    RaisePriority,
    Saying,
    SetStatus,
    TicketChange,
    UpdateRequester,
    UpdateVisitor,
)
from syncd.contract.errors import RejectedError
from syncd.contract.model import Receipt, TicketDraft, TicketId
from syncd.contract.ports import (
    AddsNotes,
    ChatConnector,
    HelpdeskConnector,
    PushesNotices,
    RaisesPriority,
    SetsStatus,
    TagsTickets,
    UpdatesRequester,
    UpdatesVisitors,
    UploadsFiles,
)
from syncd.core.batch import joined
from syncd.engine import change
from syncd.engine.bridge import Bridge
from syncd.engine.claim import Claim
from syncd.engine.fetch import FAULTS_OF_FILES, fetch
from syncd.engine.guard import Guard

FAULTS_OF_OURS = (*FAULTS_OF_FILES, change.UnknownPlaceError)
"""They tell nothing of the end."""


async def perform(bridge: Bridge, begun: Claim) -> Receipt:
    """Make the call. Raises the errors of the contract, and of `fetch` where a file is to be had first."""
    first = begun.rows[0].delivery
    match first:
        case OpenTicket():
            return await bridge.helpdesk.open_ticket(_draft(first, begun), key=begun.key)
        case AddComment():
            return await bridge.helpdesk.add_comment(_ticket(begun), joined(begun.deliveries), key=begun.key)
        case AddNote():
            if not isinstance(bridge.helpdesk, AddsNotes):
                raise RejectedError("this helpdesk has no private notes")
            return await bridge.helpdesk.add_note(_ticket(begun), first.text, key=begun.key)
        case AttachFile():
            return await _attach(bridge, begun, first)
        case SetStatus() | RaisePriority() | AddTag() | UpdateRequester():
            return await _change(bridge.helpdesk, _ticket(begun), first)
        case PostMessage() | PushNotice():
            return await _say(bridge.chat, begun, first)
        case EditMessage() | DeleteMessage():
            return await change.make(bridge.chat, first, begun.changes)
        case UpdateVisitor():
            return await _update(bridge, begun, first)
        case _:
            assert_never(first)


async def _say(chat: ChatConnector, begun: Claim, saying: Saying) -> Receipt:
    if isinstance(saying, PostMessage):
        return await chat.post_message(begun.conversation, saying.reply, key=begun.key)
    if not isinstance(chat, PushesNotices):
        raise RejectedError("this chat has no notices")
    return await chat.push_notice(begun.conversation, saying.reply.text, key=begun.key)


async def _attach(bridge: Bridge, begun: Claim, attaching: AttachFile) -> Receipt:
    if not isinstance(bridge.helpdesk, UploadsFiles):
        raise RejectedError("this helpdesk takes no files")
    ticket = _ticket(begun)
    file = await fetch(attaching.file, Guard(bridge.trusted_hosts))
    words = bridge.policy.sentences.attached(file.name, len(file.content))
    return await bridge.helpdesk.upload_file(ticket, words, file, key=begun.key)


async def _update(bridge: Bridge, begun: Claim, update: UpdateVisitor) -> Receipt:
    if not isinstance(bridge.chat, UpdatesVisitors):
        raise RejectedError("this chat takes no contact data")
    await bridge.chat.update_visitor(begun.conversation, update.contact)
    return Receipt()


async def _change(helpdesk: HelpdeskConnector, ticket: TicketId, change: TicketChange) -> Receipt:
    """Change a ticket. That may be done again and again: an agent's own choice since then stays."""
    if isinstance(change, UpdateRequester):
        if not isinstance(helpdesk, UpdatesRequester):
            raise RejectedError("this helpdesk changes no requesters")
        await helpdesk.update_requester(ticket, change.requester, change.instead_of)
        return Receipt()
    if isinstance(change, RaisePriority):
        if not isinstance(helpdesk, RaisesPriority):
            raise RejectedError("this helpdesk has no priorities")
        await helpdesk.raise_priority(ticket, change.priority)
        return Receipt()
    if isinstance(change, AddTag):
        if not isinstance(helpdesk, TagsTickets):
            raise RejectedError("this helpdesk has no tags")
        await helpdesk.add_tag(ticket, change.tag)
        return Receipt()
    if not isinstance(helpdesk, SetsStatus):
        raise RejectedError("this helpdesk has no statuses")
    if (await helpdesk.read_status(ticket)).status in change.instead_of:
        await helpdesk.set_status(ticket, change.status)
    return Receipt()


def _draft(opening: OpenTicket, begun: Claim) -> TicketDraft:
    lines = joined(begun.deliveries)
    chosen = (opening.queue, opening.tags, opening.priority, opening.follows, opening.fields)
    return TicketDraft(opening.subject, opening.requester, begun.conversation, lines, *chosen)


def _ticket(begun: Claim) -> TicketId:
    if begun.place is None:
        raise RejectedError("the conversation has no ticket")
    return begun.place
