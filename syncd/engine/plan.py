"""Transaction two, plan: an event and what the store knows become rows in the outbox."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from syncd import clock
from syncd.contract.deliveries import LaneName
from syncd.contract.errors import ConnectorError, PayloadError
from syncd.contract.model import (
    BridgeName,
    ChatMessageAdded,
    CommentAdded,
    CommentDeleted,
    CommentEdited,
    Event,
    Message,
    Role,
    TicketMerged,
    TicketStatusChanged,
    UnknownSeen,
    WebhookRequest,
)
from syncd.contract.ports import ReceivesWebhooks
from syncd.core.plan import Plan, plan
from syncd.engine.bridge import Bridge
from syncd.engine.contact import hear, keep_contact
from syncd.engine.enqueue import leave_note, new_key
from syncd.engine.known import Looked, comment_of, look_up, outsider_id, subjects, unseen_id
from syncd.engine.reopen import expect_opening
from syncd.engine.requester import keep_requester
from syncd.engine.talk import keep_talk, know_status
from syncd.store import agents, deliveries, doubt, inbox, lanes, ledger, links, said
from syncd.store.codec import read_event
from syncd.store.deliveries import Enqueued
from syncd.store.inbox import Arrived
from syncd.store.lanes import LaneId
from syncd.store.ledger import Entry
from syncd.store.links import Linked

EVENTS_A_COMMIT = 20
"""Webhooks wait for the commit under way: a body with thousands of messages is planned in as many as it needs."""
ALONE: Mapping[str, inbox.State] = {"foreign": "foreign", "unclear": "orphaned"}


@dataclass(frozen=True)
class Begun:
    """A row whose first `done` events are planned and committed. `about` is what all of them are about."""

    row: int
    events: Sequence[Event]
    about: frozenset[tuple[BridgeName, str]]
    done: int = 0


@dataclass
class Planned:
    """What one commit did: the last row it is done with, lanes that are due, verdicts, rows that nobody can read.

    `held` are the subjects of rows that must wait, and with them of all later rows about the same; `waiting` is how
    many events of such a row are planned. `begun` is the next row, where the commit had no room for all of it.
    """

    last: int | None = None
    begun: Begun | None = None
    due: set[tuple[BridgeName, LaneName]] = field(default_factory=set)
    verdicts: list[tuple[BridgeName, str]] = field(default_factory=list)
    unknown: list[tuple[BridgeName, str]] = field(default_factory=list)
    unreadable: list[tuple[BridgeName, int, str]] = field(default_factory=list)
    held: set[tuple[BridgeName, str]] = field(default_factory=set)
    waiting: dict[int, int] = field(default_factory=dict)


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

    def __init__(self, connection: Connection, bridge: Bridge, row: Arrived, planned: Planned) -> None:
        self._connection = connection
        self._bridge = bridge
        self._row = row
        self._planned = planned
        self._now = clock.now()

    def carry_out(self, begun: Begun | None = None, done: int = 0) -> Begun | None:
        """Plan the row's events, or those that are left of them, and give what is left when the commit has enough.

        One that must wait leaves the row as it is, and later rows of its subject with it. Its first `done` events were
        planned before; where nobody remembers that, the ledger knows them.
        """
        begun = begun or self._begin(done)
        if begun is None:
            return None
        verdict = ""
        for index, event in enumerate(begun.events[begun.done :], begun.done):
            if index > begun.done and len(self._planned.verdicts) >= EVENTS_A_COMMIT:
                return replace(begun, done=index)
            verdict = self._plan_event(event, index)
            if verdict == "wait":
                self._wait(begun.about, index)
                return None
            self._planned.verdicts.append((self._bridge.name, verdict))
            if isinstance(event, UnknownSeen):
                self._planned.unknown.append((self._bridge.name, event.what))
        # Such events come alone, from polls.
        self._finish(ALONE.get(verdict, "done") if len(begun.events) == 1 else "done")
        return None

    def _wait(self, about: frozenset[tuple[BridgeName, str]], done: int) -> None:
        self._planned.held |= about
        self._planned.waiting[self._row.id] = done

    def _begin(self, done: int) -> Begun | None:
        """Read the row; None where it is unreadable, or behind others that must wait."""
        try:
            events = read(self._bridge, self._row)
        except ConnectorError as unreadable:
            self._finish("quarantined", str(unreadable))
            self._planned.unreadable.append((self._bridge.name, self._row.id, str(unreadable)))
            return None
        about = frozenset((self._bridge.name, subject) for event in events for subject in subjects(event))
        if about & self._planned.held:
            self._wait(about, done)
            return None
        return Begun(self._row.id, events, about, done)

    def _finish(self, state: inbox.State, reason: str = "") -> None:
        inbox.finish(self._connection, self._row.id, state, reason)

    def _plan_event(self, event: Event, index: int) -> str:
        looked = self._look_up(event, index)
        made = plan(event, looked.known, self._bridge.policy)
        linked = looked.linked
        if made.steps and linked is None and isinstance(event, ChatMessageAdded):
            linked = links.make(self._connection, self._bridge.name, event.conversation, self._now)
        if linked is not None:
            self._carry_out(event, made, looked, linked)
        if isinstance(event, ChatMessageAdded):
            self._learn(event.message)
        if made.enter:
            ours = made.verdict in {"echo", "settled"}
            for native in looked.natives:
                self._enter(native, linked, ours=ours)
        return made.verdict

    def _learn(self, message: Message) -> None:
        """Note an agent of the chat. Whoever spoke through another program may be one that was made for it."""
        who = message.author
        if who.role is Role.AGENT and who.id and who.email and not message.tag:
            agents.learn(self._connection, self._bridge.name, who.email, who.id)

    def _look_up(self, event: Event, index: int) -> Looked:
        return look_up(self._connection, self._row, event, index, self._now)

    def _carry_out(self, event: Event, made: Plan, looked: Looked, linked: Linked) -> None:
        if made.verdict == "settled" and isinstance(event, ChatMessageAdded):
            self._settle_doubt(linked, event, looked.natives[0])
        self._carry_out_about_ticket(event, made, linked)
        if made.talk is not None and made.talk != looked.known.talk:
            keep_talk(self._connection, linked.id, made.talk)
        if made.requester is not None and made.requester != looked.known.requester:
            keep_requester(self._connection, linked.id, made.requester)
        if made.contact is not None:
            keep_contact(self._connection, linked.id, looked.known.contact, made.contact)
        if isinstance(event, ChatMessageAdded):
            hear(self._connection, linked.id, event.context.visitor, self._bridge.policy)
        if made.tells_unseen:
            self._enter(unseen_id(looked.natives[0]), linked, ours=True)
        if made.tells_outsider and isinstance(event, CommentAdded | CommentEdited):
            self._enter(outsider_id(event.ticket), linked, ours=True)
        if isinstance(event, CommentEdited | CommentDeleted):
            for key, saying in made.rewrites:
                said.rewrite(self._connection, linked.id, comment_of(event), key, saying, self._now)
        self._enqueue(made, linked)

    def _carry_out_about_ticket(self, event: Event, made: Plan, linked: Linked) -> None:
        if made.verdict == "merged" and isinstance(event, TicketMerged):
            links.set_ticket(self._connection, self._bridge.name, linked.id, event.into)
        if made.verdict == "former" and isinstance(event, TicketMerged):
            links.name_ticket(self._connection, self._bridge.name, linked.id, event.into)
        if made.verdict in {"status", "former"} and isinstance(event, TicketStatusChanged):
            for other in links.also_on(self._connection, self._bridge.name, event.ticket, linked.id):
                know_status(self._connection, other, event)
        if made.verdict == "deleted":
            expect_opening(self._connection, linked, self._now)

    def _enter(self, native: str, linked: Linked | None, *, ours: bool) -> None:
        link_id = linked.id if linked else None
        entry = Entry(self._bridge.name, self._row.end, native, ours, self._now, link_id, self._row.id)
        ledger.enter(self._connection, entry)

    def _enqueue(self, made: Plan, linked: Linked) -> None:
        for step in made.steps:
            lane = LaneId(linked.id, step.lane)
            if step.lane != step.end:
                lanes.make(self._connection, lane, self._bridge.name)
            new = Enqueued(lane, new_key(), step.delivery, step.at, step.rank, self._row.id, step.is_held)
            deliveries.enqueue(self._connection, new, self._now)
        if made.release:
            deliveries.release(self._connection, LaneId(linked.id, "helpdesk"), self._now)
        for name in {step.lane for step in made.steps}:
            lanes.wake(self._connection, LaneId(linked.id, name), self._now + made.pause)
            self._planned.due.add((self._bridge.name, name))

    def _settle_doubt(self, linked: Linked, event: ChatMessageAdded, native: str) -> None:
        """Take our own message as the answer to the call that it must have come from.

        One that was given up may still come back, while a later one is in doubt: the chat's time tells them apart.
        """
        lane = LaneId(linked.id, "chat")
        found = doubt.unsettled(self._connection, lane)
        latest = event.message.at.timestamp() + self._bridge.doubt_seconds / 2
        answered = [row for row in found if row.called_at <= latest][-1:]
        if not answered and len(found) == 1 and not doubt.is_any_sent_twice(self._connection, lane):
            # The clocks are further apart than that: there is no other call that it could be the answer to.
            answered = found
        rows = [row.id for row in answered]
        deliveries.mark(self._connection, rows, "sent", native=native, done_at=self._now, reason="")
        if said.free_changes(self._connection, linked.id, rows, self._now):
            lanes.wake(self._connection, lane, self._now)
            self._planned.due.add((self._bridge.name, "chat"))
        if any(row.parked_at for row in answered):
            words = self._bridge.policy.sentences.arrived(event.message.at)
            leave_note(self._connection, self._bridge, linked.id, words, self._now)
            self._planned.due.add((self._bridge.name, "helpdesk"))
        if any(row.state == "in_doubt" for row in answered):
            lanes.go_on(self._connection, lane, self._now)
            self._planned.due.add((self._bridge.name, "chat"))
