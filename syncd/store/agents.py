"""The chat's own agents, by their addresses: those who were seen to speak there."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from syncd.contract.model import BridgeName
from syncd.store.tables import chat_agent

_HERE = (chat_agent.c.bridge == bindparam("here"), chat_agent.c.email == bindparam("address"))
_FIND = select(chat_agent.c.native).where(*_HERE)
_FORGET = chat_agent.delete().where(*_HERE)
_FORGET_ID = chat_agent.delete().where(chat_agent.c.bridge == bindparam("here"), chat_agent.c.native == bindparam("id"))
_ADD = chat_agent.insert()


def native_of(connection: Connection, bridge: BridgeName, email: str) -> str:
    """Give the chat's id of the agent with an address; empty where none was seen, or it is empty itself."""
    found = connection.execute(_FIND, {"here": bridge, "address": email.casefold()}).scalar()
    return found or ""


def learn(connection: Connection, bridge: BridgeName, email: str, native: str) -> None:
    """Note an agent of the chat, in the place of another with the same address."""
    if native_of(connection, bridge, email) != native:
        connection.execute(_FORGET, {"here": bridge, "address": email.casefold()})
        connection.execute(_ADD, {"bridge": bridge, "email": email.casefold(), "native": native})


def forget(connection: Connection, bridge: BridgeName, native: str) -> None:
    """Take it that the chat has no such agent any more; it is learned again when he speaks."""
    connection.execute(_FORGET_ID, {"here": bridge, "id": native})
