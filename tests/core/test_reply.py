"""Whose words on a ticket go into the chat, and of whose agents are told that they do not."""

from dataclasses import replace
from datetime import UTC, datetime

from syncd.contract.deliveries import AddNote, PushNotice
from syncd.contract.model import Author, Comment, CommentAdded, CommentId, Role, TicketId
from syncd.core.plan import Known, Plan, Policy, plan

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
POLICY = Policy(tag="syncd-shop")


def commented(*, role: Role, public: bool = True) -> CommentAdded:
    author = Author(role, "Bo", "bo@example.com")
    return CommentAdded(TicketId("7"), Comment(CommentId("c1"), author, "sure", AT, public, ours=False))


def test_an_automatic_comment_is_a_notice_where_ops_want_it_and_else_nothing() -> None:
    event = commented(role=Role.AUTOMATIC)
    assert plan(event, Known(linked=True), POLICY) == Plan("not_an_agent", enter=True)
    (step,) = plan(event, Known(linked=True), replace(POLICY, notices=True)).steps
    assert isinstance(step.delivery, PushNotice)
    assert (
        plan(commented(role=Role.AUTOMATIC, public=False), Known(linked=True), replace(POLICY, notices=True)).steps
        == ()
    )


def test_agents_hear_once_that_somebody_else_did_not_reach_the_visitor() -> None:
    event = commented(role=Role.OTHER)
    made = plan(event, Known(linked=True), POLICY)
    (note,) = (step.delivery for step in made.steps)
    assert isinstance(note, AddNote)
    assert "What Bo wrote did not go into the chat" in note.text
    assert made.tells_outsider
    assert plan(event, Known(linked=True, outsider_told=True), POLICY) == Plan("not_an_agent", enter=True)
    for quiet in (replace(POLICY, notes=False), replace(POLICY, to_chat=False)):
        assert plan(event, Known(linked=True), quiet) == Plan("not_an_agent", enter=True)
    for role in (Role.VISITOR, Role.AUTOMATIC):
        assert plan(commented(role=role), Known(linked=True), POLICY) == Plan("not_an_agent", enter=True)
