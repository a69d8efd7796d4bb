"""What is believed of a visitor, what is learned later, and what the helpdesk is told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.contract.deliveries import AddComment, AddNote, OpenTicket, UpdateRequester
from syncd.contract.model import (
    ChatMessageAdded,
    ContactField,
    Role,
    StatusClass,
    TicketId,
    TicketStatusChanged,
    Visitor,
)
from syncd.core.lifecycle import Lifecycle, Talk
from syncd.core.plan import Known, Policy, plan
from syncd.core.requester import Requester
from syncd.core.route import parse
from tests.core.test_plan import AT, said

NOBODY = Visitor("v1")
ANN = Visitor("v1", "Ann", "ann@example.com")
TRUST = Policy("syncd-shop", updates_requester=True)
STRICT = replace(TRUST, identity="strict")


def knows(asked: Visitor, given: Visitor | None = None, claimed: str = "") -> Known:
    return Known(ticket=True, requester=Requester(asked, given or asked, claimed))


def says(visitor: Visitor, role: Role = Role.VISITOR, *, repaired: bool = False) -> ChatMessageAdded:
    event = said(role, repaired=repaired)
    return replace(event, context=replace(event.context, visitor=visitor))


def told(visitor: Visitor, known: Known, policy: Policy = TRUST) -> list[object]:
    """Give what is done beside the line itself."""
    return [step.delivery for step in plan(says(visitor), known, policy).steps[1:]]


def test_an_e_mail_that_is_new_is_told_once() -> None:
    known = knows(NOBODY)
    assert told(ANN, known) == [UpdateRequester(ANN, (NOBODY,))]
    after = plan(says(ANN), known, TRUST).requester
    assert after == Requester(ANN, NOBODY, ANN.email)
    assert told(ANN, replace(known, requester=after)) == []


def test_it_holds_up_no_line() -> None:
    made = plan(says(ANN), knows(NOBODY), TRUST)
    assert [(step.delivery.kind, step.lane) for step in made.steps] == [
        ("add_comment", "helpdesk"),
        ("update_requester", "files"),
    ]


@pytest.mark.parametrize("visitor", [Visitor("v1"), Visitor("v1", " ", " "), Visitor("v1", "Ann", "ANN@example.com ")])
def test_what_is_left_out_or_only_written_in_another_way_changes_nothing(visitor: Visitor) -> None:
    assert told(visitor, knows(ANN, claimed=ANN.email)) == []


def test_a_name_that_is_learned_later_is_told() -> None:
    named = Visitor("v1", "Ann")
    assert told(named, knows(NOBODY)) == [UpdateRequester(named, (NOBODY,))]
    assert told(named, knows(NOBODY), STRICT) == [UpdateRequester(named, (NOBODY,))]


@pytest.mark.parametrize(("taken", "asked"), [({"name"}, replace(ANN, email="")), ({"email"}, replace(ANN, name=""))])
def test_only_what_goes_to_the_helpdesk_becomes_the_requesters(taken: set[ContactField], asked: Visitor) -> None:
    assert told(ANN, knows(NOBODY), replace(TRUST, learns=frozenset(taken))) == [UpdateRequester(asked, (NOBODY,))]
    assert told(ANN, knows(NOBODY), replace(TRUST, learns=frozenset())) == []


def test_strict_shows_an_e_mail_that_does_not_go_to_the_helpdesk() -> None:
    (note,) = told(ANN, knows(Visitor("v1", "Ann")), replace(STRICT, learns=frozenset()))
    assert isinstance(note, AddNote)


def test_what_failed_before_is_made_up_for_and_what_happened_is_not_undone() -> None:
    wrong, right = replace(ANN, email="an@example.com"), ANN
    assert told(right, knows(wrong, NOBODY)) == [UpdateRequester(right, (NOBODY, wrong))]
    assert told(right, knows(wrong, wrong)) == [UpdateRequester(right, (wrong,))]
    assert told(right, knows(wrong, right)) == [UpdateRequester(right, (wrong,))]


def test_words_that_come_late_tell_what_was_true_before_unless_a_transcript_brings_them() -> None:
    later = Talk(spoken_at=(AT + timedelta(seconds=1)).timestamp())
    known = replace(knows(NOBODY), talk=later)
    assert told(ANN, known) == []
    repaired = plan(says(ANN, repaired=True), known, TRUST)
    assert [step.delivery.kind for step in repaired.steps] == ["add_comment", "update_requester"]


def test_what_was_seen_before_and_our_own_words_tell_nothing() -> None:
    made = plan(says(ANN), replace(knows(NOBODY), seen=True), TRUST)
    assert (made.steps, made.requester) == ((), None)
    made = plan(said(tag=TRUST.tag), knows(NOBODY), TRUST)
    assert (made.steps, made.requester) == ((), None)


def test_any_speaker_may_bring_it() -> None:
    for role in Role:
        kinds = [step.delivery.kind for step in plan(says(ANN, role), knows(NOBODY), TRUST).steps]
        assert kinds == ["add_comment", "update_requester"]


@pytest.mark.parametrize(("notes", "kind"), [(True, AddNote), (False, AddComment)])
def test_a_helpdesk_that_cannot_change_it_is_told_in_words(notes: bool, kind: type[AddNote | AddComment]) -> None:
    (one,) = told(ANN, knows(NOBODY), replace(TRUST, updates_requester=False, notes=notes))
    assert isinstance(one, kind)
    assert "Ann, ann@example.com" in one.text


def opening(known: Known, policy: Policy) -> tuple[OpenTicket, str]:
    """Give the opening and all words beside it."""
    made = [step.delivery for step in plan(says(ANN), known, policy).steps]
    (opens,) = (one for one in made if isinstance(one, OpenTicket))
    return opens, "\n".join(one.text for one in made if isinstance(one, AddComment | AddNote))


@pytest.mark.parametrize(
    "known",
    [
        Known(),
        Known(ticket=True, home=TicketId("7"), talk=Talk(status=StatusClass.CLOSED)),
    ],
    ids=["first", "follow-up"],
)
def test_strict_opens_it_for_the_visitors_own_person_and_shows_the_e_mail_as_unverified(known: Known) -> None:
    routes = parse("host=* -> tags=chat; page=* -> tags=chat")
    policy = replace(STRICT, routes=routes, lifecycle=Lifecycle(sets_status=True))
    opens, words = opening(known, policy)
    assert opens.requester == Visitor("v1", "Ann")
    assert opens.tags == ("chat", "unverified")
    assert "E-mail (unverified): ann@example.com" in words
    assert "Tags: chat, unverified" in words
    trusted, shown = opening(known, replace(policy, identity="trust"))
    assert (trusted.requester, trusted.tags) == (ANN, ("chat",))
    assert "E-mail: ann@example.com" in shown


def test_strict_flags_nothing_where_nothing_is_claimed() -> None:
    made = plan(says(Visitor("v1", "Ann")), Known(), STRICT)
    assert "unverified" not in str(made.steps)


def test_strict_tells_of_an_e_mail_that_comes_later_once_and_changes_nobody() -> None:
    known = knows(Visitor("v1", "Ann"))
    (note,) = told(ANN, known, STRICT)
    assert isinstance(note, AddNote)
    assert "ann@example.com" in note.text
    after = plan(says(ANN), known, STRICT).requester
    assert after == Requester(Visitor("v1", "Ann"), Visitor("v1", "Ann"), ANN.email)
    assert told(ANN, replace(known, requester=after), STRICT) == []


def test_strict_flags_the_follow_up_of_a_ticket_that_was_closed_while_the_visitor_spoke() -> None:
    talk = Talk(asked_at=5.0, heard_at=AT.timestamp() + 1)
    opened = OpenTicket("Chat", Visitor("v1", "Ann"), tags=("unverified",))
    known = replace(knows(opened.requester, claimed=ANN.email), linked=True, talk=talk, opened=opened)
    closed = TicketStatusChanged(TicketId("7"), "s1", StatusClass.CLOSED, AT)
    made = plan(closed, known, replace(STRICT, lifecycle=Lifecycle(sets_status=True)))
    opens, *_, note = (step.delivery for step in made.steps)
    assert isinstance(opens, OpenTicket)
    assert opens.tags == ("unverified",)
    assert isinstance(note, AddNote)
    assert ANN.email in note.text
