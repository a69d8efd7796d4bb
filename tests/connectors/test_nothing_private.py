"""Nothing that is not explicitly public is ever planned for the chat: all helpdesks, all kinds of comments."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.desk import Desk
from connectors.memory import MemoryHelpdesk
from syncd.contract.errors import PayloadError
from syncd.contract.http import Http
from syncd.contract.model import (
    Author,
    CommentId,
    ConversationId,
    Cursor,
    DeliveryKey,
    Event,
    Role,
    StatusClass,
    TicketDraft,
    TicketId,
    Visitor,
)
from syncd.core.plan import Policy
from tests.connectors.desk_pages import DeskPages
from tests.connectors.planned_talk import PlannedTalk
from tests.connectors.recorded_tracker import RecordedTracker

POLICIES = {notices: Policy("syncd-shop", edits=True, notices=notices) for notices in (False, True)}
DRAFT = TicketDraft("Chat", Visitor("ann"), ConversationId("ann"), "OURS")
BO = Author(Role.AGENT, "Bo", "bo@example.com")
TYPES = sorted({row["Type"] for row in RecordedTracker().transactions} | {"Correspondence", "EmailRecord", ""})


def recorded(tracker: RecordedTracker) -> list[Event]:
    """Give what a poll reads, from the first transaction on; nothing where one cannot be read."""
    try:
        return list(asyncio.run(tracker.connector().poll(Cursor("0"))).events)
    except PayloadError:
        return []


def test_of_all_that_people_do_on_a_real_ticket_only_public_replies_of_agents_reach_the_chat() -> None:
    for notices, policy in POLICIES.items():
        talk = PlannedTalk(policy)
        talk.feed(recorded(RecordedTracker()))
        automatic = ["AUTOMATIC from the system"] if notices else []
        assert talk.end() == ["SAID, by an agent", "SAID, by mail", *automatic]


@settings(deadline=None)
@given(data=st.data(), notices=st.booleans())
def test_whatever_request_tracker_calls_it_only_a_correspondence_leaves_it(data: st.DataObject, notices: bool) -> None:
    tracker = RecordedTracker()
    logins = [row["Creator"] for row in tracker.transactions]
    for row in tracker.transactions:
        row["Type"] = data.draw(st.sampled_from(TYPES))
        row["Creator"] = data.draw(st.sampled_from(logins))
    talk = PlannedTalk(POLICIES[notices])
    talk.feed(recorded(tracker))
    may_leave = {
        tracker.words(row["id"]) or "(a message without text)"
        for row in tracker.transactions
        if row["Type"] == "Correspond"
        and (tracker.privileged[str(row["Creator"]["id"])] or (notices and row["Creator"]["Name"] == "RT_System"))
        and row["Creator"]["Name"] != "syncd"
    }
    assert set(talk.left) <= may_leave


Act = tuple[str, int]
ACTS = st.tuples(
    st.sampled_from(["replies", "notes", "program", "program notes", "ours", "public", "private", "removed"]),
    st.integers(0, 5),
)


def act(helpdesk: MemoryHelpdesk, made: list[CommentId], number: int, what: Act) -> None:
    """Let something happen on the only ticket; its words tell what it is."""
    (ticket,) = helpdesk.tickets
    kind, at = what
    there = [one.id for one in helpdesk.tickets[ticket].comments if one.id in made]
    match kind:
        case "replies":
            made.append(helpdesk.agent_replies(ticket, BO, f"PUBLIC {number}"))
        case "notes":
            made.append(helpdesk.agent_notes(ticket, BO, f"PRIVATE {number}"))
        case "program" | "program notes":
            is_public = kind == "program"
            words = f"{'PUBLIC' if is_public else 'PRIVATE'} {number} of a program"
            made.append(helpdesk.automation_says(ticket, words, public=is_public))
        case "ours":
            asyncio.run(helpdesk.add_comment(ticket, f"OURS {number}", key=DeliveryKey(f"k{number}")))
            made.append(helpdesk.tickets[ticket].comments[-1].id)
        case "removed" if there:
            helpdesk.agent_deletes(there[at % len(there)])
        case "public" | "private" if there:
            comment = there[at % len(there)]
            ours = next(one for one in helpdesk.tickets[ticket].comments if one.id == comment).ours
            words = "OURS" if ours else kind.upper()
            helpdesk.agent_edits(comment, f"{words} {number}", public=kind == "public")


@settings(deadline=None)
@given(acts=st.lists(ACTS, max_size=14), notices=st.booleans(), data=st.data())
def test_the_chat_shows_what_the_memory_helpdesk_shows_in_public_and_never_anything_else(
    acts: list[Act], notices: bool, data: st.DataObject
) -> None:
    helpdesk = MemoryHelpdesk(MemoryHelpdesk.Settings(), Http(httpx.AsyncClient()))
    asyncio.run(helpdesk.open_ticket(DRAFT, key=DeliveryKey("k")))
    made: list[CommentId] = []
    talk = PlannedTalk(POLICIES[notices], lambda: data.draw(st.booleans()))
    for number, what in enumerate(acts):
        told = len(helpdesk.world.events)
        act(helpdesk, made, number, what)
        talk.feed(helpdesk.world.events[told:])
    (ticket,) = helpdesk.tickets.values()
    speak = {Role.AGENT, *([Role.AUTOMATIC] if notices else [])}
    public = [one.text for one in ticket.comments if one.public and not one.ours and one.author.role in speak]
    assert sorted(talk.end()) == sorted(public)
    assert [words for words in talk.left if not words.startswith("PUBLIC")] == []


@settings(deadline=None, max_examples=25)
@given(acts=st.lists(ACTS, max_size=8), notices=st.booleans(), data=st.data())
def test_the_chat_shows_the_public_replies_of_the_desk_and_never_anything_else(
    acts: list[Act], notices: bool, data: st.DataObject
) -> None:
    talk = PlannedTalk(POLICIES[notices], lambda: data.draw(st.booleans()))

    async def act_all(folder: str) -> list[str]:
        desk = Desk(Desk.Settings(database=Path(folder) / "desk.db"), Http(httpx.AsyncClient()))
        ticket = (await desk.open_ticket(DRAFT, key=DeliveryKey("k"))).ticket
        assert ticket
        pages, cursor = DeskPages(desk), Cursor("0")
        for number, (kind, at) in enumerate(acts):
            await act_on_page(desk, pages, ticket, number, (kind, at))
            page = await desk.poll(cursor)
            talk.feed(page.events)
            cursor = page.cursor
        return [one.text() for one in (await pages.ticket(ticket)).css(".line.reply .text")]

    # Whoever opens a file that is open in this process gets the same one: each talk has a file of its own.
    with TemporaryDirectory() as folder:
        public = asyncio.run(act_all(folder))
    assert sorted(talk.end()) == sorted(public)
    assert [words for words in talk.left if not words.startswith("PUBLIC")] == []


async def act_on_page(desk: Desk, pages: DeskPages, ticket: TicketId, number: int, what: Act) -> None:
    """Let an agent or syncd do something on the ticket; its words tell what it is."""
    kind, at = what
    match kind:
        case "replies":
            await pages.post(ticket, act="reply", text=f"PUBLIC {number}")
        case "notes":
            await pages.post(ticket, act="note", text=f"PRIVATE {number}")
        case "ours":
            await desk.add_comment(ticket, f"OURS {number}", key=DeliveryKey(f"k{number}"))
        case "public" | "private" | "removed":
            await pages.post(ticket, act="status", status=list(StatusClass)[at % len(StatusClass)])


KINDS: dict[str, Callable[..., None]] = {
    "desk": test_the_chat_shows_the_public_replies_of_the_desk_and_never_anything_else,
    "memory": test_the_chat_shows_what_the_memory_helpdesk_shows_in_public_and_never_anything_else,
    "request_tracker": test_whatever_request_tracker_calls_it_only_a_correspondence_leaves_it,
}


@pytest.mark.parametrize("name", [point.name for point in entry_points(group="syncd.helpdesk")])
def test_every_helpdesk_is_among_these(name: str) -> None:
    assert name in KINDS
