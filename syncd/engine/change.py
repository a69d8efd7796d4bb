"""Changes of what is in the chat: each is about another delivery, whose message it finds when its turn comes."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from syncd.contract.deliveries import Change, EditMessage
from syncd.contract.errors import RejectedError
from syncd.contract.model import MessageId, Receipt
from syncd.contract.ports import ChatConnector, EditsMessages
from syncd.core import edit
from syncd.core.text import because
from syncd.store import said


class Place(NamedTuple):
    """The message that a change is about, None where nobody knows its id, and whether it is a notice."""

    message: MessageId | None
    is_notice: bool


class UnknownPlaceError(RejectedError):
    """Nobody knows under which id the chat has the message, if it has it; the chat was not asked for anything."""


def place_of(connection: Connection, link_id: int, change: Change) -> Place | None:
    """Find the message of a change; None where there is nothing to be changed, since what it is about never left."""
    target = said.target(connection, link_id, change)
    if edit.aim(target.state, target.native, may_be_there=target.may_be_there) == "moot":
        return None
    return Place(target.native, target.is_notice)


async def make(chat: ChatConnector, change: Change, place: Place | None) -> Receipt:
    """Make the change. Raises the errors of the contract and UnknownPlaceError."""
    if not isinstance(chat, EditsMessages):
        raise RejectedError(because("chat_takes_no_changes"))
    if place is None or place.message is None:
        raise UnknownPlaceError(because("place_unknown"))
    if isinstance(change, EditMessage):
        await chat.edit_message(place.message, change.text, notice=place.is_notice)
    else:
        await chat.delete_message(place.message, notice=place.is_notice)
    return Receipt()
