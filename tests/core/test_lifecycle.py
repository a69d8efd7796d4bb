"""What becomes of tickets: every decision, without an end. The whole matrix is played in tests/live."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from syncd.contract.deliveries import AddComment, AddNote, OpenTicket, RaisePriority, SetStatus
from syncd.contract.model import (
    Author,
    ChatContext,
    ChatEnded,
    ChatMessageAdded,
    ConversationId,
    Event,
    File,
    Message,
    MessageId,
    Role,
    StatusClass,
    TicketId,
    TicketMerged,
    TicketStatusChanged,
    Visitor,
)
from syncd.core.lifecycle import SOLVE, ChatEnd, Lifecycle, Reopen, Talk
from syncd.core.plan import Known, Plan, Policy, plan

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOW = AT.timestamp()
DAY = 86400.0
LIFE = Lifecycle(sets_status=True, raises_priority=True, missed_priority=50, reopen_seconds=30 * DAY)
SOLVED = Talk(StatusClass.SOLVED, status_since=NOW - DAY)
CLOSED = Talk(StatusClass.CLOSED, status_since=NOW - DAY)
CHAT = ConversationId("v1")


def said(
    text: str = "it fails", role: Role = Role.VISITOR, *, missed: bool = False, tag: str = "", file: bool = False
) -> ChatMessageAdded:
    files = (File("log.txt"),) if file else ()
    message = Message(MessageId("m1"), Author(role, "Ann"), text, AT, files=files, missed=missed, tag=tag)
    return ChatMessageAdded(CHAT, message, ChatContext(Visitor("v1", "Ann")))


def judged(event: Event, talk: Talk, life: Lifecycle = LIFE, **known: bool) -> Plan:
    facts = Known(ticket=True, linked=True, home=TicketId("7"), opened=OPENED, talk=talk, now=NOW)
    return plan(event, replace(facts, **known), Policy("ours", lifecycle=life))  # type: ignore[arg-type]


def kinds(made: Plan) -> list[str]:
    return [step.delivery.kind for step in made.steps]


OPENED = OpenTicket("Chat with Ann", Visitor("v1", "Ann"))
FOLLOW_UP = ["open_ticket", "add_comment", "add_comment", "add_note"]


class TestLines:
    @pytest.mark.parametrize("days", [0, 29, 30])
    def test_a_ticket_that_was_solved_lately_is_reopened(self, days: int) -> None:
        made = judged(said(), Talk(StatusClass.SOLVED, NOW - days * DAY))
        assert made.steps[-1].delivery == SetStatus(StatusClass.OPEN, (StatusClass.PENDING, StatusClass.SOLVED))
        assert kinds(made) == ["add_comment", "set_status"]
        assert made.talk is not None
        assert made.talk.status is StatusClass.OPEN

    def test_one_that_was_solved_long_ago_is_followed_up_and_named(self) -> None:
        made = judged(said(), Talk(StatusClass.SOLVED, NOW - 31 * DAY))
        assert kinds(made) == FOLLOW_UP
        opening, preface = made.steps[0].delivery, made.steps[1].delivery
        assert isinstance(opening, OpenTicket)
        assert opening.follows == "7"
        assert isinstance(preface, AddComment)
        assert preface.text == "This goes on with ticket 7, which was done already."

    @pytest.mark.parametrize("policy", ["reopen", "follow-up", "leave"])
    def test_a_closed_one_is_always_followed_up(self, policy: Reopen) -> None:
        assert kinds(judged(said(), CLOSED, replace(LIFE, reopen=policy))) == FOLLOW_UP

    def test_while_another_is_being_opened_nothing_more_is_decided(self) -> None:
        assert kinds(judged(said(), CLOSED, opening=True)) == ["add_comment"]

    def test_where_nobody_knows_the_status_the_helpdesk_is_asked_before_it_is_set(self) -> None:
        assert kinds(judged(said(), Talk(None))) == ["add_comment", "set_status"]
        made = judged(TicketMerged(TicketId("7"), TicketId("9")), Talk())
        assert made.talk is not None
        assert made.talk.status is None

    def test_a_helpdesk_without_statuses_just_gets_the_line(self) -> None:
        assert kinds(judged(said(), SOLVED, Lifecycle())) == ["add_comment"]

    @pytest.mark.parametrize("talk", [SOLVED, CLOSED])
    def test_thanks_leave_it_unless_ops_say_otherwise(self, talk: Talk) -> None:
        assert kinds(judged(said("thank you!"), talk)) == ["add_comment"]
        assert kinds(judged(said("thank you!"), talk, replace(LIFE, thanks_reopen=True))) != ["add_comment"]
        assert kinds(judged(said("thank you!", file=True), talk)) != ["add_comment"]

    @pytest.mark.parametrize("role", [Role.AGENT, Role.AUTOMATIC])
    @pytest.mark.parametrize("talk", [SOLVED, CLOSED])
    def test_who_is_no_visitor_reopens_nothing(self, role: Role, talk: Talk) -> None:
        assert kinds(judged(said(role=role), talk)) == ["add_comment"]


class TestStatuses:
    def changed(self, status: StatusClass, at: datetime = AT) -> TicketStatusChanged:
        return TicketStatusChanged(TicketId("7"), "s1", status, at)

    def test_a_status_is_kept_with_its_time(self) -> None:
        made = judged(self.changed(StatusClass.SOLVED), Talk(asked_at=1, heard_at=1))
        assert made == Plan("status", enter=True, talk=Talk(StatusClass.SOLVED, NOW, asked_at=1, heard_at=1))

    @pytest.mark.parametrize(
        ("status", "policy", "wanted"),
        [
            (StatusClass.SOLVED, "reopen", ["set_status"]),
            (StatusClass.SOLVED, "follow-up", ["set_status"]),
            (StatusClass.SOLVED, "leave", []),
            (StatusClass.PENDING, "reopen", ["set_status"]),
            (StatusClass.CLOSED, "leave", ["open_ticket", "add_comment"]),
            (StatusClass.OPEN, "reopen", []),
        ],
    )
    def test_a_line_that_the_agent_cannot_have_seen(
        self, status: StatusClass, policy: Reopen, wanted: list[str]
    ) -> None:
        talk = Talk(asked_at=NOW, heard_at=NOW + 0.5)
        assert kinds(judged(self.changed(status), talk, replace(LIFE, reopen=policy))) == wanted

    def test_one_that_was_answered_in_the_chat_was_seen(self) -> None:
        talk = Talk(asked_at=NOW, heard_at=NOW + 0.5, answered_at=NOW + 0.2)
        assert kinds(judged(self.changed(StatusClass.SOLVED), talk)) == []

    def test_that_of_a_former_ticket_means_nothing(self) -> None:
        made = judged(self.changed(StatusClass.SOLVED), Talk(), ticket=False)
        assert (made.verdict, made.talk) == ("former", None)
        assert judged(self.changed(StatusClass.SOLVED), Talk(), linked=False).verdict == "foreign"
        assert judged(self.changed(StatusClass.SOLVED), Talk(), seen=True) == Plan("duplicate")


class TestEnds:
    @pytest.mark.parametrize(
        ("policy", "wanted"),
        [
            ("nothing", []),
            ("note", ["add_note"]),
            ("solve", ["set_status"]),
            ("note+solve", ["add_note", "set_status"]),
        ],
    )
    def test_what_ops_chose_happens_where_the_visitor_was_answered(self, policy: ChatEnd, wanted: list[str]) -> None:
        talk = Talk(asked_at=NOW - 9, answered_at=NOW - 5, spoken_at=NOW)
        assert kinds(judged(ChatEnded(CHAT), talk, replace(LIFE, chat_end=policy))) == wanted
        waiting = replace(talk, asked_at=NOW)
        kept = [kind for kind in wanted if kind != "set_status"]
        assert kinds(judged(ChatEnded(CHAT), waiting, replace(LIFE, chat_end=policy))) == kept
        assert kinds(judged(ChatEnded(CHAT), talk, replace(LIFE, chat_end=policy), seen=True)) == []

    @pytest.mark.parametrize("status", [StatusClass.SOLVED, StatusClass.CLOSED])
    def test_what_is_done_is_not_solved_again(self, status: StatusClass) -> None:
        assert kinds(judged(ChatEnded(CHAT), Talk(status), replace(LIFE, chat_end="solve"))) == []

    def test_an_agents_own_status_is_never_overruled(self) -> None:
        assert SOLVE.instead_of == (StatusClass.OPEN,)

    def test_a_helpdesk_without_notes_gets_it_as_a_comment(self) -> None:
        known = Known(ticket=True, talk=Talk(spoken_at=NOW))
        policy = Policy("ours", notes=False, lifecycle=replace(LIFE, chat_end="note"))
        (step,) = plan(ChatEnded(CHAT), known, policy).steps
        assert step.delivery == AddComment("The chat ended; its last words are of 2026-03-01 12:00:00 UTC.")


class TestMissed:
    def test_a_missed_line_is_noted_and_lifts_the_ticket_once_until_somebody_answers(self) -> None:
        first = judged(said(missed=True), Talk())
        assert kinds(first) == ["add_comment", "add_note", "raise_priority"]
        assert first.steps[-1].delivery == RaisePriority(50)
        assert first.talk is not None
        assert kinds(judged(said(missed=True), first.talk)) == ["add_comment"]
        answered = replace(first.talk, answered_at=NOW + 1)
        assert len(judged(said(missed=True), answered).steps) == 3

    def test_a_new_ticket_has_a_tag_and_a_priority_and_says_so(self) -> None:
        made = judged(said(missed=True), Talk(), ticket=False, home=None)  # type: ignore[arg-type]
        opening, _, note = (step.delivery for step in made.steps)
        assert isinstance(opening, OpenTicket)
        assert (opening.priority, opening.tags) == (50, ("missed",))
        assert isinstance(note, AddNote)
        told = "Nobody was in the chat when the visitor wrote this: Ann waits for an answer."
        assert note.text == f"{told}\nName: Ann\nTags: missed"

    def test_it_is_never_put_on_a_solved_ticket_in_silence(self) -> None:
        assert "set_status" in kinds(judged(said(missed=True), SOLVED, replace(LIFE, reopen="leave")))

    def test_the_end_tells_what_no_line_has_told(self) -> None:
        talk = Talk(asked_at=NOW, spoken_at=NOW)
        made = judged(ChatEnded(CHAT, missed=2), talk)
        assert kinds(made) == ["add_note", "raise_priority"]
        assert made.talk is not None
        assert kinds(judged(ChatEnded(CHAT, missed=2), made.talk)) == []
        assert kinds(judged(ChatEnded(CHAT, missed=2), replace(talk, answered_at=NOW + 1))) == []

    def test_thanks_that_nobody_saw_alarm_nobody(self) -> None:
        assert kinds(judged(said("thanks", missed=True), Talk())) == ["add_comment"]

    @pytest.mark.parametrize("seen", [True, False])
    def test_our_answer_that_the_visitor_did_not_see_is_noted_once(self, seen: bool) -> None:
        event = said("here you are", Role.AGENT, missed=True, tag="ours")
        made = judged(event, Talk(asked_at=1, answered_at=2), seen=seen)
        (step,) = made.steps
        assert isinstance(step.delivery, AddNote)
        assert step.delivery.text == "The visitor left before this answer of 2026-03-01 12:00:00 UTC: here you are"
        assert made.tells_unseen
        assert judged(event, Talk(), seen=seen, unseen_told=True).steps == ()

    def test_the_echo_of_an_answer_that_is_in_the_ledger_already_answers(self) -> None:
        talk = Talk(asked_at=NOW - 9)
        made = judged(said("here you are", Role.AGENT, tag="ours"), talk, seen=True)
        assert made.talk == replace(talk, answered_at=NOW, spoken_at=NOW)
        assert judged(said(), talk, seen=True).talk == talk

    def test_an_answer_that_nobody_saw_is_none(self) -> None:
        talk = Talk(asked_at=NOW - 9, answered_at=NOW, spoken_at=NOW)
        made = judged(said("here you are", Role.AGENT, missed=True, tag="ours"), talk, seen=True)
        assert made.talk is not None
        assert kinds(judged(ChatEnded(CHAT), made.talk, replace(LIFE, chat_end="solve"))) == []
