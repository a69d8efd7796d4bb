"""The tables. Times are seconds since 1970 UTC; ids rise with time, so that inserts stay at the end of the file."""

from __future__ import annotations

from sqlmodel import SQLModel

from syncd.store.tables.alerts import alert, heard
from syncd.store.tables.conversations import chat_agent, contact, link, link_ticket, requester, talk
from syncd.store.tables.deliveries import IS_DUE, IS_OPEN, IS_OPENING, IS_PARKED, IS_WAITING, lane, outbox
from syncd.store.tables.ends import account, bridge_end, bridge_pause, hour, wall_clock
from syncd.store.tables.events import IS_NEW, IS_ORPHANED, IS_QUARANTINED, inbox, ledger, payload

__all__ = [
    "IS_DUE",
    "IS_NEW",
    "IS_OPEN",
    "IS_OPENING",
    "IS_ORPHANED",
    "IS_PARKED",
    "IS_QUARANTINED",
    "IS_WAITING",
    "account",
    "alert",
    "bridge_end",
    "bridge_pause",
    "chat_agent",
    "contact",
    "heard",
    "hour",
    "inbox",
    "lane",
    "ledger",
    "link",
    "link_ticket",
    "metadata",
    "outbox",
    "payload",
    "requester",
    "talk",
    "wall_clock",
]

metadata = SQLModel.metadata
