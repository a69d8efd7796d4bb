"""Transaction two, plan: an event and what the store knows become rows in the outbox."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from syncd import clock
from syncd.contract.deliveries import AddNote, OpenTicket
from syncd.contract.errors import ConnectorError, PayloadError
from syncd.contract.model import (
    BridgeName,
    ChatMessageAdded,
    CommentAdded,
    DeliveryKey,
    End,
    Event,
    UnknownSeen,
    WebhookRequest,
)
from syncd.contract.ports import ReceivesWebhooks
from syncd.core import text
from syncd.core.plan import Known, Plan, plan
from syncd.engine.bridge import Bridge
from syncd.store import doubt, inbox, lanes, ledger, links
from syncd.store.codec import read_event
from syncd.store.inbox import Arrived
from syncd.store.lanes import Enqueued, LaneId
from syncd.store.ledger import Entry
from syncd.store.links import Linked

UNANSWERED = "nobody knows whether the chat took it: the call was cut off and the message was not seen since"


def new_key() -> DeliveryKey:
    """Make a delivery's name: 80 random bits, so that a new database never meets the names of an old one."""
    return DeliveryKey(f"syncd-{secrets.token_hex(10)}")


@dataclass
class Planned:
    """What one commit did: the last row it looked at, ends with lanes due, verdicts, rows that nobody can read.

    `held` are the subjects of rows that must wait, and with them of all later rows about the same.
    """

    last: int | None = None
    due: set[tuple[BridgeName, End]] = field(default_factory=set)
    verdicts: list[tuple[BridgeName, str]] = field(default_factory=list)
    unknown: list[tuple[BridgeName, str]] = field(default_factory=list)
    unreadable: list[tuple[BridgeName, int, str]] = field(default_factory=list)
    held: set[tuple[BridgeName, str]] = field(default_factory=set)


def read(bridge: Bridge, row: Arrived) -> Sequence[Event]:
    """Read a stored row into events. Raises PayloadError."""
    if row.form == "event":
        return (read_event(row.body),)
    connector = bridge.connector(row.end)
    if not isinstance(connector, ReceivesWebhooks):
        raise PayloadError(f"the {row.end} of this bridge takes no webhooks")
    try:
        return connector.read_webhook(WebhookRequest(row.body, json.loads(row.headers)))
    except ConnectorError:
        raise
    except Exception as bug:
        raise PayloadError(f"the connector failed: {type(bug).__name__}") from bug


class RowPlan:
    """One row of the inbox being planned, inside a transaction."""

    def __init__(
        self,
        connection: Connection,
        bridge: Bridge,
        row: Arrived,
        planned: Planned,
    ) -> None:
        self._connection = connection
        self._bridge = bridge
        self._row = row
        self._planned = planned
        self._now = clock.now()

    def carry_out(self) -> None:
        """Plan the row's events. One that must wait leaves the row as it is, and later rows of its subject with it."""
        try:
            events = read(self._bridge, self._row)
        except ConnectorError as unreadable:
            self._finish("quarantined", str(unreadable))
            self._planned.unreadable.append((self._bridge.name, self._row.id, str(unreadable)))
            return
        about = {(self._bridge.name, subject(event)) for event in events} - {(self._bridge.name, "")}
        if about & self._planned.held:
            self._planned.held |= about
            return
        verdicts = []
        for index, event in enumerate(events):
            verdict = self._plan_event(event, index)
            if verdict == "wait":
                self._planned.held |= about
                return
            verdicts.append(verdict)
        self._planned.verdicts += [(self._bridge.name, verdict) for verdict in verdicts]
        self._planned.unknown += [(self._bridge.name, event.what) for event in events if isinstance(event, UnknownSeen)]
        self._finish("foreign" if verdicts == ["foreign"] else "done")

    def _finish(self, state: inbox.State, reason: str = "") -> None:
        inbox.finish(self._connection, self._row.id, state, reason)

    def _plan_event(self, event: Event, index: int) -> str:
        native = native_id(event, self._row, index)
        linked, known = self._look_up(event, native)
        made = plan(event, known, self._bridge.policy)
        if made.steps and linked is None and isinstance(event, ChatMessageAdded):
            linked = links.make(self._connection, self._bridge.name, event.conversation, self._now)
        if made.verdict == "settled" and linked is not None and isinstance(event, ChatMessageAdded):
            self._settle_doubt(linked, event, native)
        if linked is not None:
            self._enqueue(made, linked)
        if made.enter:
            ours = made.verdict in {"echo", "settled"}
            link_id = linked.id if linked else None
            entry = Entry(self._bridge.name, self._row.end, native, ours, self._now, link_id, self._row.id)
            ledger.enter(self._connection, entry)
        return made.verdict

    def _enqueue(self, made: Plan, linked: Linked) -> None:
        for step in made.steps:
            lane = LaneId(linked.id, step.end)
            new = Enqueued(lane, new_key(), step.delivery, step.at, step.rank, self._row.id, step.is_held)
            lanes.enqueue(self._connection, new, self._now)
            if isinstance(step.delivery, OpenTicket):
                lanes.release(self._connection, lane, self._now)
        for end in {step.end for step in made.steps}:
            lanes.wake(self._connection, LaneId(linked.id, end), self._now)
            self._planned.due.add((self._bridge.name, end))

    def _settle_doubt(self, linked: Linked, event: ChatMessageAdded, native: str) -> None:
        """Take our own message as the answer to the call that it must have come from.

        One that was given up may still come back, while a later one is in doubt: the chat's time tells them apart.
        """
        lane = LaneId(linked.id, "chat")
        found = doubt.unsettled(self._connection, lane, UNANSWERED)
        latest = event.message.at.timestamp() + self._bridge.doubt_seconds / 2
        answered = [row for row in found if row.called_at <= latest][-1:] or found[:1]
        lanes.mark(self._connection, [row.id for row in answered], "sent", native=native, done_at=self._now, reason="")
        if any(row.state == "parked" for row in answered):
            helpdesk = LaneId(linked.id, "helpdesk")
            lanes.enqueue(
                self._connection, Enqueued(helpdesk, new_key(), AddNote(text.arrived()), self._now), self._now
            )
            lanes.wake(self._connection, helpdesk, self._now)
            self._planned.due.add((self._bridge.name, "helpdesk"))
        else:
            lanes.go_on(self._connection, lane, self._now)
            self._planned.due.add((self._bridge.name, "chat"))

    def _look_up(self, event: Event, native: str) -> tuple[Linked | None, Known]:
        connection, bridge = self._connection, self._bridge.name
        if ledger.is_seen(connection, bridge, self._row.end, native):
            return None, Known(seen=True)
        if isinstance(event, ChatMessageAdded):
            linked = links.by_conversation(connection, bridge, event.conversation)
            return linked, self._known_of_chat(linked)
        if isinstance(event, CommentAdded):
            linked = links.by_ticket(connection, bridge, event.ticket)
            if linked is None:
                return None, Known(maybe_ours=links.is_any_opening(connection, bridge))
            return linked, Known(linked=True, sending=linked.sending_to_helpdesk)
        return None, Known()

    def _known_of_chat(self, linked: Linked | None) -> Known:
        if linked is None:
            return Known()
        return Known(
            ticket=linked.ticket is not None,
            opening=linked.opening,
            sending=linked.sending_to_chat,
            unsettled=bool(doubt.unsettled(self._connection, LaneId(linked.id, "chat"), UNANSWERED)),
        )


def subject(event: Event) -> str:
    """Name what an event is about, so that events about the same thing keep their order."""
    match event:
        case CommentAdded():
            return f"ticket {event.ticket}"
        case UnknownSeen():
            return ""
        case _:
            return f"conversation {event.conversation}"


def native_id(event: Event, row: Arrived, index: int) -> str:
    """Give the id under which the ledger knows an event.

    A message without an id is known by the body that brought it and its place there, or by the row of its poll: two
    such messages are never taken for each other, and the same webhook twice still counts once.
    """
    match event:
        case CommentAdded():
            return event.comment.id
        case ChatMessageAdded() if event.message.id is not None:
            return event.message.id
        case _ if row.form == "event":
            return f"row:{row.id}"
        case _:
            return f"body:{hashlib.sha256(row.body).hexdigest()}:{index}"
