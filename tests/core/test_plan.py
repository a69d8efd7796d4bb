"""Every guard of `plan`, and that nothing which is not explicitly public ever goes to the chat."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.contract.deliveries import AddComment, AddNote, DeleteMessage, OpenTicket, PostMessage, PushNotice
from syncd.contract.model import (
    Author,
    ChatContext,
    ChatEnded,
    ChatMessageAdded,
    Comment,
    CommentAdded,
    CommentEdited,
    CommentId,
    ConversationId,
    DeliveryKey,
    Event,
    File,
    Message,
    MessageId,
    Reply,
    Role,
    TicketDeleted,
    TicketId,
    UnknownSeen,
    Visitor,
)
from syncd.core.plan import Known, Plan, Policy, plan
from syncd.core.verdict import Said

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
POLICY = Policy(tag="syncd-shop")
OPEN = Known(ticket=True)
SAID = st.builds(
    Said,
    st.uuids().map(lambda one: DeliveryKey(str(one))),
    st.builds(PostMessage, st.just(Reply(Author(Role.AGENT, "Bo"), "said", "syncd-shop")), st.none(), st.booleans()),
    st.just(0.0),
    st.booleans(),
)


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


def test_a_reply_that_begins_with_an_internal_marker_is_kept_back_with_its_files_and_one_note_says_so() -> None:
    policy = replace(POLICY, internal_markers=("#internal",))
    event = commented("<div>&nbsp;<b>#Internal</b> he is a reseller</div>", html=True)
    event = replace(event, comment=replace(event.comment, files=(File("a.pdf"),)))
    made = plan(event, Known(linked=True), policy)
    assert (made.verdict, made.enter) == ("slipped", True)
    (step,) = made.steps
    assert isinstance(step.delivery, AddNote)
    assert step.delivery.text.startswith("This reply did not go to the visitor: it begins with #internal")
    assert kinds(event, Known(linked=True)) == ["post_message", "add_note"]
    assert kinds(event, Known(linked=True, seen=True), policy) == []


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


def test_a_deleted_ticket_is_given_up_once_nothing_is_on_its_way_to_it() -> None:
    deleted = TicketDeleted(TicketId("t"))
    assert plan(deleted, Known(linked=True, ticket=True), POLICY) == Plan("deleted")
    assert plan(deleted, Known(linked=True, ticket=True, sending=True), POLICY).verdict == "wait"
    assert plan(deleted, Known(linked=True, sending=True), POLICY) == Plan("former")
    assert plan(deleted, Known(), POLICY).verdict == "foreign"
    assert plan(deleted, Known(maybe_ours=True), POLICY).verdict == "wait"


def test_the_next_line_of_somebody_lets_the_opening_of_another_ticket_go() -> None:
    without = Known(ticket=True, deleted=True)
    for role in (Role.VISITOR, Role.AGENT):
        assert kinds(said(role), without) == ["add_comment"]
        assert plan(said(role), without, POLICY).release
    automatic = plan(said(Role.AUTOMATIC), without, POLICY)
    assert (automatic.verdict, automatic.release, [step.is_held for step in automatic.steps]) == ("held", False, [True])
    assert not plan(said(), replace(without, opening=True), POLICY).release
    assert not plan(said(), OPEN, POLICY).release


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
    known=st.builds(Known, *[st.booleans()] * 7, heard=st.booleans(), said=st.lists(SAID, max_size=3).map(tuple)),
    change=st.sampled_from(["none", "edited", "published"]),
    notices=st.booleans(),
)
def test_only_an_agents_public_words_ever_leave_the_helpdesk(
    role: Role,
    public: bool,
    ours: bool | None,
    known: Known,
    change: str,
    notices: bool,
) -> None:
    event: CommentAdded | CommentEdited = commented(role=role, public=public, ours=ours)
    known = replace(known, said=known.said if known.heard else (), ours=bool(ours))
    if change != "none":
        event = CommentEdited(event.ticket, event.comment, "1", AT, published=change == "published")
    policy = replace(POLICY, edits=True, notices=notices)
    made = plan(event, known, policy)
    leaving = [step.delivery for step in made.steps if step.lane == "chat"]
    spoken = [one for one in leaving if not isinstance(one, DeleteMessage)]
    spoken += [one for _, one in made.rewrites if not one.withdrawn]
    speaks = role is Role.AGENT or (role is Role.AUTOMATIC and notices) or (change != "none" and bool(known.said))
    assert not spoken or (public and speaks and not ours and known.linked)
    assert not any(isinstance(one, PushNotice) and role is Role.AGENT for one in leaving if change == "none")


def with_file(event: ChatMessageAdded, *files: File) -> ChatMessageAdded:
    return replace(event, message=replace(event.message, files=files))


def test_a_file_goes_in_a_lane_of_its_own_beside_its_line_where_the_helpdesk_takes_files() -> None:
    event = with_file(said(), File("a.png", "https://cdn.example.com/a", 9), File("no link.png"))
    takes = replace(POLICY, uploads=True)
    assert kinds(event, OPEN) == ["add_comment"]
    assert kinds(event, OPEN, takes) == ["add_comment", "attach_file"]
    assert kinds(event, Known(ticket=True, deleted=True), takes) == ["add_comment", "attach_file"]
    steps = plan(event, Known(), takes).steps
    assert [(step.delivery.kind, step.lane) for step in steps] == [
        ("open_ticket", "helpdesk"),
        ("add_comment", "helpdesk"),
        ("add_note", "helpdesk"),
        ("attach_file", "files"),
    ]
    assert kinds(with_file(said(Role.AUTOMATIC), *event.message.files), OPEN, takes) == ["add_comment"]


def test_files_that_the_visitor_cannot_get_are_told_to_the_agent_in_one_note_and_their_links_to_nobody() -> None:
    files = (File("a.pdf"), File("b.pdf", "http://192.168.1.9/b"), File("c.pdf", "https://cdn.example.com/c"))
    event = commented("see these")
    event = replace(event, comment=replace(event.comment, files=files))
    reply, note = (step.delivery for step in plan(event, Known(linked=True), POLICY).steps)
    assert isinstance(reply, PostMessage)
    assert "192.168" not in reply.reply.text
    assert "https://cdn.example.com/c" in reply.reply.text
    assert isinstance(note, AddNote)
    assert "a.pdf, b.pdf" in note.text
    assert "c.pdf" not in note.text
    assert kinds(event, Known(linked=True), replace(POLICY, notes=False)) == ["post_message"]
