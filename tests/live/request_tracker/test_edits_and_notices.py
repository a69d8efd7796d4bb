"""What the connector reads of replies that an administrator changed, and of what no person wrote."""

from __future__ import annotations

import pytest

from connectors.request_tracker import RequestTracker
from syncd.contract.model import CommentAdded, CommentEdited, Role
from tests.live.request_tracker.drafts import a_ticket, from_now, new_key, replies
from tests.live.request_tracker.server import RequestTrackerServer
from tests.live.request_tracker.test_mails import a_mail, a_part

pytestmark = pytest.mark.live


async def test_all_replies_of_a_ticket_are_read_again_after_it_was_rewritten(
    connector: RequestTracker, request_tracker: RequestTrackerServer
) -> None:
    ticket, other = await a_ticket(connector), await a_ticket(connector)
    said = [request_tracker.reply(ticket, f"the password is hunter{number}", by="agent2") for number in (1, 2)]
    request_tracker.reply(other, "the password is hunter3")
    await connector.add_comment(ticket, "Jane: the password is hunter4", key=new_key())
    request_tracker.note(ticket, "the password is hunter5")
    start = await from_now(connector)
    request_tracker.rewrite(ticket, "hunter", "*******")
    later = request_tracker.reply(ticket, "hunter again")
    page = await connector.poll(start)
    *edited, added = page.events
    assert [(one.comment.id, one.comment.text) for one in edited if isinstance(one, CommentEdited)] == [
        (said[0], "the password is *******1"),
        (said[1], "the password is *******2"),
    ]
    assert {one.version for one in edited if isinstance(one, CommentEdited)} != {""}
    assert isinstance(added, CommentAdded)
    assert added.comment.id == later
    assert (await connector.poll(start)).events == page.events
    assert (await connector.poll(page.cursor)).events == ()


async def test_replies_on_a_ticket_that_was_merged_are_read_again_with_those_of_the_other(
    connector: RequestTracker, request_tracker: RequestTrackerServer
) -> None:
    ticket, into = await a_ticket(connector), await a_ticket(connector)
    reply = request_tracker.reply(ticket, "hunter1")
    request_tracker.change(ticket, MergeInto=into)
    start = await from_now(connector)
    request_tracker.rewrite(into, "hunter", "*******")
    [event] = (await connector.poll(start)).events
    assert isinstance(event, CommentEdited)
    assert (event.comment.id, event.comment.text) == (reply, "*******1")


async def test_what_a_scrip_says_in_public_is_nobodys_and_what_it_notes_is_not_read(
    connector: RequestTracker, request_tracker: RequestTrackerServer
) -> None:
    words = "Content => 'automatic words'"
    code = f"my $t = $self->TicketObj; $t->Priority == 77 or return 1; $t->Correspond({words}); $t->Comment({words});"
    request_tracker.automate("On Priority Change", code)
    ticket = await a_ticket(connector)
    start = await from_now(connector)
    request_tracker.change(ticket, Priority="77")
    [event] = await replies(connector, start, ticket)
    assert (event.comment.author.role, event.comment.text) == (Role.AUTOMATIC, "automatic words")
    assert event.comment.public


async def test_what_an_agents_mail_program_answers_by_itself_is_not_an_agents(
    connector: RequestTracker, request_tracker: RequestTrackerServer
) -> None:
    ticket = await a_ticket(connector, email="jane.away@example.org")
    start = await from_now(connector)
    for sender in ("agent1@rt.test", "jane.away@example.org"):
        mail = a_mail(ticket, a_part("I am on holiday.\n"), a_part("<p>I am on holiday.</p>", "html"), sender=sender)
        mail["Auto-Submitted"] = "auto-replied"
        request_tracker.take_in(mail)
    heard = [one.comment.author.role for one in await replies(connector, start, ticket)]
    assert heard == [Role.OTHER, Role.VISITOR]
