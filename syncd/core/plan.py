"""What an event leads to. `plan` is told what the store knows and answers with values; it touches nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, assert_never

from syncd.contract.deliveries import AddComment, AddNote, Delivery, OpenTicket, PostMessage
from syncd.contract.model import (
    ChatEnded,
    ChatMessageAdded,
    Comment,
    CommentAdded,
    End,
    Event,
    Reply,
    Role,
    UnknownSeen,
)
from syncd.core import text
from syncd.core.html import as_text
from syncd.core.route import Route, Rule, choose
from syncd.core.split import parts

OPENING, ORDINARY = 0, 1

Verdict = Literal[
    "wait",
    "planned",
    "repaired",
    "held",
    "duplicate",
    "echo",
    "settled",
    "private",
    "not_an_agent",
    "foreign",
    "one_way",
    "ended",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Policy:
    """What ops chose for a bridge, and what its helpdesk can do."""

    tag: str
    subject: str = text.SUBJECT
    to_helpdesk: bool = True
    to_chat: bool = True
    notes: bool = True
    routes: tuple[Rule, ...] = ()
    longest_reply: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows about the conversation or ticket that an event is about.

    `seen`: the ledger has this id. `linked`: the ticket belongs to a conversation. `opening`: an `OpenTicket` is not
    done yet. `maybe_ours`: some ticket of the bridge may exist whose id is not stored yet. `sending`: the event's own
    end is taking a delivery of this conversation right now, or for the helpdesk, may have taken one. `unsettled`:
    nobody knows whether the chat took one.
    """

    seen: bool = False
    linked: bool = False
    ticket: bool = False
    opening: bool = False
    maybe_ours: bool = False
    sending: bool = False
    unsettled: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One delivery that an event leads to. `at` (seconds) and `rank` are its place in its lane.

    A held one goes nowhere until something opens the ticket.
    """

    end: End
    delivery: Delivery
    at: float
    rank: int = ORDINARY
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about an event. `enter` puts its id into the ledger.

    The verdict `wait` says that it cannot be judged while a delivery is under way: plan it again after that.
    """

    verdict: Verdict
    steps: tuple[Step, ...] = ()
    enter: bool = False


def plan(event: Event, known: Known, policy: Policy) -> Plan:
    """Decide what an event leads to."""
    match event:
        case ChatMessageAdded():
            return _chat_message(event, known, policy)
        case CommentAdded(comment=comment):
            return _comment(comment, known, policy)
        case ChatEnded():
            return Plan("ended")
        case UnknownSeen():
            return Plan("unknown")
        case _:
            assert_never(event)


def _chat_message(event: ChatMessageAdded, known: Known, policy: Policy) -> Plan:
    message = event.message
    ours = message.tag == policy.tag
    if known.seen:
        return Plan("duplicate")
    if known.sending and message.author.role is not Role.VISITOR:
        return Plan("wait")
    if ours:
        return Plan("settled" if known.unsettled else "echo", enter=True)
    if not policy.to_helpdesk:
        return Plan("one_way", enter=True)
    at = message.at.timestamp()
    line = Step("helpdesk", AddComment(text.line(message)), at)
    if known.ticket or known.opening:
        return Plan("repaired" if event.repaired else "planned", (line,), enter=True)
    if message.author.role is Role.AUTOMATIC:
        return Plan("held", (replace(line, is_held=True),), enter=True)
    route = choose(policy.routes, event.context)
    steps = (_opening(event, policy, route), line, *_context(event, policy, route))
    return Plan("repaired" if event.repaired else "planned", steps, enter=True)


def _opening(event: ChatMessageAdded, policy: Policy, route: Route) -> Step:
    subject = text.subject(policy.subject, event.context)
    opening = OpenTicket(subject, event.context.visitor, route.queue, route.tags, route.priority)
    return Step("helpdesk", opening, event.message.at.timestamp(), OPENING)


def _context(event: ChatMessageAdded, policy: Policy, route: Route) -> tuple[Step, ...]:
    facts = text.context(event.context, route.tags)
    block = AddNote(facts) if policy.notes else AddComment(facts)
    return (Step("helpdesk", block, event.message.at.timestamp()),) if facts else ()


def _comment(comment: Comment, known: Known, policy: Policy) -> Plan:
    if known.seen:
        return Plan("duplicate")
    if comment.ours:
        return Plan("echo")
    if not known.linked:
        return Plan("wait") if known.maybe_ours else Plan("foreign")
    if comment.ours is None and known.sending:
        return Plan("wait")
    if comment.public is not True:
        return Plan("private", enter=True)
    if comment.author.role is not Role.AGENT:
        return Plan("not_an_agent", enter=True)
    if not policy.to_chat:
        return Plan("one_way", enter=True)
    words = text.reply(as_text(comment.text) if comment.html else comment.text, comment.files)
    replies = (Reply(comment.author, part, policy.tag) for part in parts(words, policy.longest_reply))
    steps = tuple(Step("chat", PostMessage(reply), comment.at.timestamp()) for reply in replies)
    return Plan("planned", steps, enter=True)
