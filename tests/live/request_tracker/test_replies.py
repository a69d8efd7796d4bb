"""The connector reads replies from a real Request Tracker."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors.request_tracker import RequestTracker
from connectors.request_tracker.cursors import read_cursor, write_cursor
from connectors.request_tracker.polling import REPLIES_A_POLL
from syncd.contract.errors import PayloadError
from syncd.contract.model import (
    Author,
    Comment,
    CommentAdded,
    CommentId,
    Cursor,
    File,
    Role,
    StatusClass,
    TicketDeleted,
    TicketMerged,
)
from tests.live.request_tracker.drafts import Connect, a_ticket, from_now, new_key, replies
from tests.live.request_tracker.server import RequestTrackerServer

pytestmark = pytest.mark.live


class TestPolls:
    async def test_starts_from_now_and_reads_a_reply_whole(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer, asked: list[str]
    ) -> None:
        ticket = await a_ticket(connector)
        request_tracker.reply(ticket, "before the bridge")
        start = await from_now(connector)
        number = request_tracker.reply(ticket, "<p>Hi 😀</p>", by="agent2", html=True, files={"bill.pdf": b"\xff" * 9})
        asked.clear()
        page = await connector.poll(start)
        assert sorted(asked) == [
            "GET /REST/2.0/attachments",
            "GET /REST/2.0/attachments",
            "GET /REST/2.0/attachments",
            f"GET /REST/2.0/ticket/{ticket}",
            "GET /REST/2.0/transactions",
            f"GET /REST/2.0/user/{request_tracker.number_of('agent2')}",
        ]
        [event] = page.events
        assert isinstance(event, CommentAdded)
        assert event.ticket == ticket
        assert abs(event.comment.at - datetime.now(UTC)) < timedelta(minutes=1)
        assert event.comment == Comment(
            id=CommentId(number),
            author=Author(Role.AGENT, "Zoë Agent", "agent2@rt.test"),
            text="<p>Hi 😀</p>",
            at=event.comment.at,
            public=True,
            html=True,
            ours=False,
            files=(File("bill.pdf", size=9),),
        )

    async def test_comments_and_our_own_are_no_replies(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer, asked: list[str]
    ) -> None:
        ticket = await a_ticket(connector)
        start = await from_now(connector)
        await connector.add_comment(ticket, "Jane: hello", key=new_key())
        await connector.add_note(ticket, "a note", key=new_key())
        request_tracker.note(ticket, "among agents")
        request_tracker.reply(ticket, "in public, but with the account's token", by="syncd")
        request_tracker.change(ticket, Subject="another")
        asked.clear()
        page = await connector.poll(start)
        assert (page.events, page.more) == ((), False)
        assert asked == ["GET /REST/2.0/transactions"]

    async def test_the_same_cursor_gives_the_same(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer
    ) -> None:
        ticket = await a_ticket(connector)
        start = await from_now(connector)
        for text in ("one", "two"):
            request_tracker.reply(ticket, text)
        page = await connector.poll(start)
        assert [event.comment.text for event in page.events if isinstance(event, CommentAdded)] == ["one", "two"]
        assert await connector.poll(start) == page
        after = await connector.poll(page.cursor)
        assert (after.events, after.cursor) == ((), page.cursor)

    async def test_who_speaks(self, connector: RequestTracker, request_tracker: RequestTrackerServer) -> None:
        ticket = await a_ticket(connector, email="jane@example.org")
        start = await from_now(connector)
        subject = f"Re: [rt.test #{ticket}] Chat with Jane"
        request_tracker.mail_in("Agent One <agent1@rt.test>", subject, "plain\n", html="<p>rich</p>")
        request_tracker.mail_in("Jane <jane@example.org>", subject, "me again\n")
        request_tracker.mail_in("Stranger <stranger@example.org>", subject, "me too\n")
        request_tracker.reply(ticket, "from the administrator", by="admin")
        said = [
            (one.comment.author.role, one.comment.author.email, one.comment.text, one.comment.html)
            for one in await replies(connector, start, ticket)
        ]
        assert said == [
            (Role.AGENT, "agent1@rt.test", "plain\n", False),
            (Role.VISITOR, "jane@example.org", "me again\n", False),
            (Role.OTHER, "stranger@example.org", "me too\n", False),
            (Role.AGENT, "root@localhost", "from the administrator", False),
        ]

    async def test_a_file_alone_and_a_mail_that_is_only_html(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer
    ) -> None:
        ticket = await a_ticket(connector)
        start = await from_now(connector)
        request_tracker.reply(ticket, "", files={"a.pdf": b"1", "b.pdf": b"22"})
        request_tracker.mail_in("agent1@rt.test", f"[rt.test #{ticket}]", "  \n", html="<p>rich</p>")
        alone, rich = await replies(connector, start, ticket)
        assert (alone.comment.text, alone.comment.files) == ("", (File("a.pdf", size=1), File("b.pdf", size=2)))
        assert (rich.comment.text.strip(), rich.comment.html) == ("<p>rich</p>", True)


class TestTicketsThatMove:
    async def test_a_moved_and_a_merged_ticket_are_followed(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer
    ) -> None:
        moved, hidden = await a_ticket(connector), await a_ticket(connector)
        loser, winner = await a_ticket(connector), await a_ticket(connector)
        request_tracker.change(moved, Queue="Closed")
        request_tracker.change(hidden, Queue="General")
        request_tracker.change(loser, MergeInto=winner)
        start = await from_now(connector)
        for ticket in (hidden, moved, loser):
            request_tracker.reply(ticket, f"on {ticket}")
        found = await replies(connector, start, moved, hidden, loser, winner)
        assert [(one.ticket, one.comment.text) for one in found] == [(moved, f"on {moved}"), (winner, f"on {loser}")]

    async def test_a_merge_is_told_once_and_before_what_is_said_after_it(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer
    ) -> None:
        loser, winner, last = await a_ticket(connector), await a_ticket(connector), await a_ticket(connector)
        start = await from_now(connector)
        request_tracker.reply(loser, "before")
        request_tracker.change(loser, MergeInto=winner)
        request_tracker.reply(loser, "after")
        request_tracker.change(winner, MergeInto=last)
        page = await connector.poll(start)
        told = [replace(one, status=None) if isinstance(one, TicketMerged) else one.kind for one in page.events]
        statuses = [one.status for one in page.events if isinstance(one, TicketMerged)]
        assert [one and one.status for one in statuses] == [StatusClass.OPEN] * len(statuses)
        # What was merged into a ticket is merged again when that one is.
        assert told[:3] == ["comment_added", TicketMerged(loser, winner), "comment_added"]
        assert TicketMerged(winner, last) in told[3:]
        assert all(isinstance(one, TicketMerged) and one.into == last for one in told[3:])
        assert [one.ticket for one in page.events if isinstance(one, CommentAdded)] == [loser, winner]

    async def test_a_deletion_is_told_and_what_is_said_on_the_ticket_is_read(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer
    ) -> None:
        ticket = await a_ticket(connector)
        start = await from_now(connector)
        request_tracker.reply(ticket, "before")
        request_tracker.change(ticket, Status="deleted")
        request_tracker.reply(ticket, "after")
        key = new_key()
        receipt = await connector.add_comment(ticket, "nobody sees it", key=key)
        assert await connector.find_delivery(key, ticket) == receipt
        page = await connector.poll(start)
        told = [event.comment.text if isinstance(event, CommentAdded) else event for event in page.events]
        # Whoever replies on a deleted ticket restores it.
        assert told[:3] == ["before", TicketDeleted(ticket), "after"]

    async def test_the_queue_is_read_and_others_are_not(
        self, connector: RequestTracker, connect: Connect, request_tracker: RequestTrackerServer
    ) -> None:
        made = {
            queue: request_tracker.ask("POST", "ticket", {"Queue": queue, "Subject": "by an agent"}).json()["id"]
            for queue in ("Support", "Plain")
        }
        start = await from_now(connector)
        for ticket in made.values():
            request_tracker.reply(ticket, "hello")
        assert [one.ticket for one in await replies(connector, start, *made.values())] == [made["Support"]]
        plain = connect(queue="Plain")
        assert [one.ticket for one in await replies(plain, start, *made.values())] == [made["Plain"]]

    async def test_a_ticket_that_vanishes_meanwhile_holds_nothing_up(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer, client: httpx.AsyncClient
    ) -> None:
        doomed, kept = await a_ticket(connector), await a_ticket(connector)
        start = await from_now(connector)
        for ticket in (doomed, kept):
            request_tracker.reply(ticket, f"on {ticket}")
        listed: list[str] = []

        async def shred(response: httpx.Response) -> None:
            if response.url.path.endswith("/transactions") and not listed:
                listed.append((await response.aread()).decode())
                request_tracker.shred(doomed)

        client.event_hooks["response"].append(shred)
        assert [one.ticket for one in await replies(connector, start, doomed, kept)] == [kept]
        assert f'"ObjectId" : "{doomed}"' in listed[0]


class TestCursor:
    async def test_a_backlog_comes_in_pages(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer
    ) -> None:
        ticket = await a_ticket(connector)
        request_tracker.change(ticket, Status="open")
        start = await from_now(connector)
        with ThreadPoolExecutor(4) as agents:
            made = list(agents.map(lambda _: request_tracker.reply(ticket, "hello"), range(REPLIES_A_POLL + 3)))
        first = await connector.poll(start)
        second = await connector.poll(first.cursor)
        assert (len(first.events), first.more) == (REPLIES_A_POLL, True)
        assert (len(second.events), second.more) == (3, False)
        ids = [event.comment.id for event in first.events + second.events if isinstance(event, CommentAdded)]
        assert ids == sorted(made, key=int)

    async def test_one_that_appears_late_below_the_newest_is_read(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer
    ) -> None:
        ticket = await a_ticket(connector)
        low, seen = read_cursor(await from_now(connector))
        late = int(request_tracker.reply(ticket, "late"))
        with ThreadPoolExecutor(4) as agents:
            list(agents.map(lambda _: request_tracker.note(ticket, "hello"), range(100)))
        early = int(request_tracker.reply(ticket, "early"))
        assert early - late > 100
        now = int(datetime.now(UTC).timestamp())
        page = await connector.poll(write_cursor(low, {**seen, early: now}))
        assert [event.comment.text for event in page.events if isinstance(event, CommentAdded)] == ["late"]
        assert set(read_cursor(page.cursor)[1]) >= {late, early}
        after = await connector.poll(page.cursor)
        assert (after.events, after.cursor, after.more) == ((), page.cursor, False)

    @pytest.mark.parametrize("cursor", ["", "x", "1:x", "1:2:3", "1:2@", "1:2@3,", "2026-11-21"])
    async def test_a_foreign_one_is_refused(self, connector: RequestTracker, cursor: str) -> None:
        with pytest.raises(PayloadError, match="cursor"):
            await connector.poll(Cursor(cursor))
