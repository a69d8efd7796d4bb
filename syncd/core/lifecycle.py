"""What becomes of a conversation's ticket: who spoke when, what its status means, and what follows from both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from syncd.contract.deliveries import AddNote, AddTag, Delivery, RaisePriority, SetStatus
from syncd.contract.model import Message, Role, StatusClass
from syncd.core.text import Sentences
from syncd.core.thanks import Phrases, is_thanks_only

Reopen = Literal["reopen", "follow-up", "leave"]
ChatEnd = Literal["nothing", "note", "solve", "note+solve"]
Deed = Literal["append", "reopen", "follow_up"]

DONE = (StatusClass.SOLVED, StatusClass.CLOSED)
REOPEN = SetStatus(StatusClass.OPEN, instead_of=(StatusClass.PENDING, StatusClass.SOLVED))
RESUME = SetStatus(StatusClass.OPEN, instead_of=(StatusClass.PENDING,))
SOLVE = SetStatus(StatusClass.SOLVED, instead_of=(StatusClass.OPEN,))
MISSED_TAG = "missed"


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """What ops chose for tickets that are done and chats that end, and what of it the helpdesk can do.

    A ticket that is solved for longer than `reopen_seconds` is not reopened but followed up. `phrases` say thanks
    beside those that everybody uses. `missed_priority` is for what the visitor said while nobody was there.
    """

    reopen: Reopen = "reopen"
    reopen_seconds: float = 30 * 86400.0
    thanks_reopen: bool = False
    phrases: Phrases = frozenset()
    chat_end: ChatEnd = "nothing"
    missed_priority: int | None = None
    sets_status: bool = False
    raises_priority: bool = False
    tags: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """How a conversation stands. Times are in seconds since 1970 UTC, 0 for never.

    `status` is what the ticket's means, None where nobody knows, `status_since` by the helpdesk's clock. By the chat's:
    `asked_at` is the visitor's last line that wants an answer, `answered_at` the last that an agent said, `spoken_at`
    the last of both, `missed_at` the last of which agents were told that nobody was there, `answers` the last that an
    agent had before him when he wrote what was said last, None where nobody knows. By ours: `heard_at` is when
    the line of `asked_at` came in, and once it is on the ticket, when it came there.
    """

    status: StatusClass | None = StatusClass.OPEN
    status_since: float = 0.0
    asked_at: float = 0.0
    heard_at: float = 0.0
    answered_at: float = 0.0
    spoken_at: float = 0.0
    missed_at: float = 0.0
    answers: float | None = None

    @property
    def is_unanswered(self) -> bool:
        """Say whether the visitor waits for an answer."""
        answered = self.answered_at if self.answers is None else min(self.answered_at, self.answers)
        return self.asked_at > answered


def wants_answer(message: Message, policy: Lifecycle) -> bool:
    """Say whether a message is a visitor's and more than thanks."""
    if message.author.role is not Role.VISITOR:
        return False
    is_thanks = not message.files and is_thanks_only(message.text, policy.phrases)
    return policy.thanks_reopen or not is_thanks


def heard(talk: Talk, message: Message, now: float, policy: Lifecycle, *, ours: bool) -> Talk:
    """Note that somebody said something; what nobody said, or nobody saw, is no answer.

    An agent in the chat has read what is there. What is `ours` was written before, on the ticket: see `replied`.
    """
    at = message.at.timestamp()
    if message.author.role is Role.AUTOMATIC:
        return talk
    talk = replace(talk, spoken_at=max(talk.spoken_at, at))
    if wants_answer(message, policy):
        return replace(talk, asked_at=max(talk.asked_at, at), heard_at=now)
    if message.author.role is Role.AGENT and not message.missed:
        answers = talk.answers if ours or talk.answers is None else max(talk.answers, at)
        return replace(talk, answered_at=max(talk.answered_at, at), answers=answers)
    return talk


def replied(talk: Talk, *, is_on_it: bool) -> Talk:
    """Note that an agent replied on the ticket, where the visitor's last line is by then (`is_on_it`) or is not yet."""
    return replace(talk, answers=max(talk.answers or 0.0, talk.asked_at if is_on_it else 0.0))


def heard_again(talk: Talk, message: Message, policy: Lifecycle, *, ours: bool) -> Talk:
    """Note what is told of a message that is known: the time of an answer of ours, or that nobody saw the last one."""
    if message.author.role is not Role.AGENT:
        return talk
    is_last_answer = message.at.timestamp() >= talk.answered_at
    talk = heard(talk, message, 0.0, policy, ours=ours)
    return replace(talk, answered_at=0.0) if message.missed and is_last_answer else talk


def deed_for(message: Message, talk: Talk, now: float, policy: Lifecycle) -> Deed:
    """Decide what a message does to the ticket that it would be put on.

    A closed ticket is never touched again. Of what nobody saw in the chat somebody must hear, whatever the policy.
    """
    if not policy.sets_status or talk.status is StatusClass.OPEN or not wants_answer(message, policy):
        return "append"
    if talk.status is StatusClass.CLOSED:
        return "follow_up"
    if policy.reopen == "leave":
        return "reopen" if message.missed else "append"
    if talk.status is not StatusClass.SOLVED:
        return "reopen"
    is_old = now - talk.status_since > policy.reopen_seconds
    return "follow_up" if is_old or policy.reopen == "follow-up" else "reopen"


def reopening(status: StatusClass | None) -> SetStatus:
    """Give what takes up a ticket of this status. Where it only waits, an agent who solves it meanwhile is right."""
    return RESUME if status is StatusClass.PENDING else REOPEN


def was_overtaken(talk: Talk, status: StatusClass, at: float, policy: Lifecycle, *, is_on_it: bool) -> Deed:
    """Decide what to do where the visitor spoke before syncd knew of a status that an agent had set at `at`.

    Who set it has not seen a line that is not on the ticket yet (`is_on_it`), or came there only after that.
    """
    if status is StatusClass.OPEN or not talk.is_unanswered or not policy.sets_status:
        return "append"
    if is_on_it and talk.heard_at < at:
        return "append"
    if status is StatusClass.CLOSED:
        return "follow_up"
    return "append" if policy.reopen == "leave" else "reopen"


def priority(known: int | None, policy: Lifecycle) -> int | None:
    """Give the priority of a ticket for something that was missed."""
    given = [one for one in (known, policy.missed_priority) if one is not None]
    return max(given, default=None)


def missed(message: Message, talk: Talk, policy: Lifecycle) -> bool:
    """Say whether agents must hear now that nobody was there: once until somebody answers."""
    return message.missed and wants_answer(message, policy) and not _is_told(talk)


def _is_told(talk: Talk) -> bool:
    return talk.missed_at > talk.answered_at


def raised(policy: Lifecycle) -> tuple[Delivery, ...]:
    """Give what lifts a ticket that is there already."""
    tagged = (AddTag(MISSED_TAG),) if policy.tags else ()
    if policy.missed_priority is None or not policy.raises_priority:
        return tagged
    return (*tagged, RaisePriority(policy.missed_priority))


def at_end(talk: Talk, count: int, policy: Lifecycle, sentences: Sentences) -> tuple[tuple[Delivery, ...], Talk]:
    """Decide what the end of a chat leads to, of whose lines nobody saw `count`.

    A visitor who waits for an answer keeps the ticket open; so does any delivery on its way when the turn comes.
    """
    is_missed = bool(count) and talk.is_unanswered and not _is_told(talk)
    made: list[Delivery] = []
    if "note" in policy.chat_end or is_missed:
        unseen = count if is_missed else 0
        made.append(AddNote(sentences.ended(talk.spoken_at, missed=unseen, waits=talk.is_unanswered)))
    if is_missed:
        made += raised(policy)
        talk = replace(talk, missed_at=talk.asked_at)
    if "solve" in policy.chat_end and policy.sets_status and talk.status not in DONE and not talk.is_unanswered:
        made.append(SOLVE)
    return tuple(made), talk
