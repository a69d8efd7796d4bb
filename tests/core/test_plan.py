"""Every guard of `plan`, and that nothing which is not explicitly public ever goes to the chat."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.contract.deliveries import AddComment, AddNote, OpenTicket, PostMessage
from syncd.contract.model import (
    Author,
    ChatContext,
    ChatEnded,
    ChatMessageAdded,
    Comment,
    CommentAdded,
    CommentId,
    ConversationId,
    Event,
    Message,
    MessageId,
    Role,
    TicketId,
    UnknownSeen,
    Visitor,
)
from syncd.core.plan import Known, Policy, plan

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
POLICY = Policy(tag="syncd-shop")
OPEN = Known(ticket=True)


def said(role: Role = Role.VISITOR, text: str = "hello", *, tag: str = "", repaired: bool = False) -> ChatMessageAdded:
    message = Message(MessageId("m1"), Author(role, "Ann"), text, AT, tag=tag)
    context = ChatContext(Visitor("v1", "Ann", "ann@example.com"), chat_link="https://chat.example/1")
    return ChatMessageAdded(ConversationId("v1"), message, context, repaired=repaired)


def commented(
    text: str = "sure", *, role: Role = Role.AGENT, public: bool = True, ours: bool | None = False, html: bool = False
) -> CommentAdded:
    author = Author(role, "Bo", "bo@example.com")
    return CommentAdded(TicketId("7"), Comment(CommentId("c1"), author, text, AT, public, html=html, ours=ours))


def kinds(event: Event, known: Known, policy: Policy = POLICY) -> list[str]:
    return [step.delivery.kind for step in plan(event, known, policy).steps]


def test_the_first_line_opens_a_ticket_with_the_visitor_as_requester_and_the_context_as_a_note() -> None:
    made = plan(said(), Known(), POLICY)
    opening, line, note = (step.delivery for step in made.steps)
    assert isinstance(opening, OpenTicket)
    assert opening.requester.email == "ann@example.com"
    assert opening.subject == "Chat with Ann"
    assert line == AddComment("Ann (visitor) · 2026-03-01 12:00:00 UTC\nhello")
    assert isinstance(note, AddNote)
    assert "https://chat.example/1" in note.text
    assert made.enter


def test_a_helpdesk_without_notes_gets_the_context_as_a_comment() -> None:
    assert kinds(said(), Known(), Policy("t", notes=False)) == ["open_ticket", "add_comment", "add_comment"]


@pytest.mark.parametrize("known", [OPEN, Known(opening=True)])
def test_a_further_line_is_one_comment(known: Known) -> None:
    assert kinds(said(), known) == ["add_comment"]


def test_a_line_that_an_agent_typed_in_the_chat_goes_to_the_ticket() -> None:
    (step,) = plan(said(Role.AGENT), OPEN, POLICY).steps
    assert isinstance(step.delivery, AddComment)
    assert step.delivery.text.startswith("Ann (agent, in the chat)")


def test_another_integrations_tag_passes() -> None:
    assert kinds(said(Role.AGENT, tag="someone-else"), OPEN) == ["add_comment"]


def test_automatic_lines_alone_open_no_ticket_and_wait_without_being_due() -> None:
    made = plan(said(Role.AUTOMATIC), Known(), POLICY)
    assert (made.verdict, [(step.delivery.kind, step.is_held) for step in made.steps]) == (
        "held",
        [("add_comment", True)],
    )


def test_a_known_id_does_nothing() -> None:
    assert plan(said(), Known(seen=True), POLICY).steps == ()
    assert plan(commented(), Known(seen=True, linked=True), POLICY).steps == ()


def test_our_own_message_is_an_echo_and_settles_a_delivery_in_doubt() -> None:
    assert plan(said(Role.AGENT, tag="syncd-shop"), OPEN, POLICY).verdict == "echo"
    assert plan(said(Role.AGENT, tag="syncd-shop"), Known(ticket=True, unsettled=True), POLICY).verdict == "settled"


@pytest.mark.parametrize("tag", ["", "syncd-shop"])
def test_an_agents_message_waits_while_our_own_is_on_its_way(tag: str) -> None:
    assert plan(said(Role.AGENT, tag=tag), Known(ticket=True, sending=True), POLICY).verdict == "wait"
    assert plan(said(Role.VISITOR), Known(ticket=True, sending=True), POLICY).verdict == "planned"


def test_what_only_a_transcript_brought_is_told_apart() -> None:
    assert plan(said(repaired=True), OPEN, POLICY).verdict == "repaired"


def test_a_public_reply_of_an_agent_goes_to_the_chat_under_its_authors_name() -> None:
    (step,) = plan(commented("<p>Hi <b>Ann</b></p>", html=True), Known(linked=True), POLICY).steps
    assert step.end == "chat"
    assert isinstance(step.delivery, PostMessage)
    assert step.delivery.reply.text == "Hi Ann"
    assert step.delivery.reply.author == Author(Role.AGENT, "Bo", "bo@example.com")
    assert step.delivery.reply.tag == "syncd-shop"


def test_a_comment_on_a_ticket_that_is_not_ours_is_foreign_unless_we_are_opening_one() -> None:
    assert plan(commented(), Known(), POLICY).verdict == "foreign"
    assert plan(commented(), Known(maybe_ours=True), POLICY).verdict == "wait"


def test_a_comment_that_may_be_ours_waits_for_our_own_call() -> None:
    assert plan(commented(ours=None), Known(linked=True, sending=True), POLICY).verdict == "wait"
    assert plan(commented(ours=False), Known(linked=True, sending=True), POLICY).verdict == "planned"


def test_one_way_bridges() -> None:
    assert kinds(said(), OPEN, Policy("t", to_helpdesk=False)) == []
    assert kinds(commented(), Known(linked=True), Policy("t", to_chat=False)) == []


@pytest.mark.parametrize("event", [ChatEnded(ConversationId("v1")), UnknownSeen("event x")])
def test_what_asks_for_nothing_gets_nothing(event: Event) -> None:
    assert plan(event, OPEN, POLICY).steps == ()


@given(
    role=st.sampled_from(Role),
    public=st.booleans(),
    ours=st.sampled_from([True, False, None]),
    known=st.builds(Known, *[st.booleans()] * 7),
)
def test_only_an_agents_public_words_ever_leave_the_helpdesk(
    role: Role, public: bool, ours: bool | None, known: Known
) -> None:
    steps = plan(commented(role=role, public=public, ours=ours), known, POLICY).steps
    assert not steps or (public and role is Role.AGENT and not ours and known.linked)
