"""How a conversation stands, read and written."""

from __future__ import annotations

from dataclasses import asdict, replace

from sqlalchemy import Connection

from syncd.contract.model import StatusClass, TicketStatusChanged
from syncd.core.lifecycle import Talk
from syncd.store import lanes, talks
from syncd.store.lanes import LaneId


def talk_of(connection: Connection, link_id: int) -> Talk:
    """Read how a conversation stands."""
    found = talks.of(connection, link_id)
    if not found:
        return Talk()
    status = found["status"]
    return Talk(**{**found, "status": None if status is None else StatusClass(status)})


def keep_talk(connection: Connection, link_id: int, talk: Talk) -> None:
    """Write down how a conversation stands."""
    talks.keep(connection, link_id, asdict(talk))


def know_status(connection: Connection, link_id: int, changed: TicketStatusChanged) -> None:
    """Note the status of a ticket that a conversation shares with the one that it was opened for."""
    talk = talk_of(connection, link_id)
    keep_talk(connection, link_id, replace(talk, status=changed.status, status_since=changed.at.timestamp()))


def may_be_solved(connection: Connection, link_id: int) -> bool:
    """Say whether nobody waits for anything: no visitor for an answer, no reply for its delivery or a decision.

    A file on its way is a part of what the visitor said. One that is put aside is told of by a note, which an agent who
    has answered since then has seen.
    """
    talk, files = talk_of(connection, link_id), LaneId(link_id, "files")
    is_lost = lanes.is_any_parked(connection, LaneId(link_id, "helpdesk"))
    is_busy = lanes.is_unfinished(connection, LaneId(link_id, "chat"))
    is_file_open = lanes.is_busy(connection, files) or lanes.is_any_parked(connection, files, since=talk.answered_at)
    return not (is_lost or is_busy or is_file_open or talk.is_unanswered)
