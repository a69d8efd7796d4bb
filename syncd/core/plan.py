"""What an event leads to. `plan` is told what the store knows and answers with values; it touches nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from syncd.contract.deliveries import AddComment, AddNote, AttachFile, Delivery, UpdateVisitor
from syncd.contract.model import (
    ChatEnded,
    ChatMessageAdded,
    CommentAdded,
    CommentDeleted,
    CommentEdited,
    Contact,
    ContactChanged,
    Event,
    Message,
    Role,
    StatusClass,
    TicketDeleted,
    TicketMerged,
    TicketStatusChanged,
    UnknownSeen,
)
from syncd.core import contact, fields, lifecycle, requester
from syncd.core.lifecycle import Deed
from syncd.core.opening import following, note, opening
from syncd.core.reply import added, changed, unlinked
from syncd.core.requester import UNVERIFIED_TAG, Requester
from syncd.core.verdict import OPENING, ORDINARY, Known, Plan, Policy, Step, Verdict

__all__ = ["OPENING", "ORDINARY", "Known", "Plan", "Policy", "Step", "Verdict", "plan"]


def plan(event: Event, known: Known, policy: Policy) -> Plan:
    """Decide what an event leads to."""
    match event:
        case ChatMessageAdded():
            return _chat_message(event, known, policy)
        case CommentAdded(comment=comment):
            return added(comment, known, policy)
        case CommentEdited() | CommentDeleted():
            return changed(event, known, policy)
        case TicketMerged():
            return _merged(event, known, policy)
        case TicketDeleted():
            return _deleted(known)
        case TicketStatusChanged():
            return _status(event, known, policy)
        case ContactChanged():
            return _contact(event, known, policy)
        case ChatEnded():
            return _ended(event, known, policy)
        case UnknownSeen():
            return Plan("unknown")
        case _:
            assert_never(event)


def _chat_message(event: ChatMessageAdded, known: Known, policy: Policy) -> Plan:
    message = event.message
    ours = message.tag == policy.tag
    unseen = _unseen(message, known, policy) if ours else ()
    if known.seen:
        talk = lifecycle.heard_again(known.talk, message, policy.lifecycle, ours=ours)
        return Plan("missed" if unseen else "duplicate", unseen, talk=talk, tells_unseen=bool(unseen))
    if known.sending and message.author.role is not Role.VISITOR:
        return Plan("wait")
    talk = lifecycle.heard(known.talk, message, known.now, policy.lifecycle, ours=ours)
    if ours:
        verdict: Verdict = "settled" if known.unsettled else "echo"
        return Plan(verdict, unseen, enter=True, talk=talk, tells_unseen=bool(unseen))
    if not policy.to_helpdesk:
        return Plan("one_way", enter=True, talk=talk)
    judged = _line(event, replace(known, talk=talk), policy)
    told, is_known = _requester(event, judged, known, policy)
    steps = (*judged.steps, *_files(message, policy), *told)
    return replace(judged, steps=steps, requester=is_known, pause=policy.debounce_seconds)


def _requester(
    event: ChatMessageAdded, judged: Plan, known: Known, policy: Policy
) -> tuple[tuple[Step, ...], Requester | None]:
    """Judge what a message tells of its visitor; one that comes late tells what was true before."""
    visitor, before, at = event.context.visitor, known.requester, event.message.at.timestamp()
    if any(step.rank == OPENING for step in judged.steps):
        return (), requester.first(visitor, policy.identity)
    if before is None or (at < known.talk.spoken_at and not event.repaired):
        return (), None
    after = requester.learned(before, visitor, policy.identity, policy.learns)
    can = {"able": policy.updates_requester, "notes": policy.notes}
    told = requester.update(before, after, policy.identity, policy.sentences, **can)
    return tuple(Step("helpdesk", delivery, at) for delivery in told), after


def _files(message: Message, policy: Policy) -> tuple[Step, ...]:
    if not policy.uploads or message.author.role is Role.AUTOMATIC:
        return ()
    at = message.at.timestamp()
    return tuple(Step("helpdesk", AttachFile(file), at) for file in message.files if file.url)


def _line(event: ChatMessageAdded, known: Known, policy: Policy) -> Plan:
    """Judge what somebody said in the chat; `known.talk` has heard it already."""
    message, talk = event.message, known.talk
    at = message.at.timestamp()
    line = Step("helpdesk", AddComment(policy.sentences.line(message)), at)
    verdict: Verdict = "repaired" if event.repaired else "planned"
    if known.opening:
        return _append(known, policy, message, line, verdict, "append")
    if known.ticket and not known.deleted:
        deed = lifecycle.deed_for(message, talk, known.now, policy.lifecycle)
        if deed == "follow_up":
            return _open(event, known, policy, line, verdict)
        return _append(known, policy, message, line, verdict, deed)
    if message.author.role is Role.AUTOMATIC:
        return Plan("held", (replace(line, is_held=True),), enter=True)
    if known.deleted:
        return Plan(verdict, (line,), enter=True, release=True, talk=talk)
    return _open(event, known, policy, line, verdict)


def _append(known: Known, policy: Policy, message: Message, line: Step, verdict: Verdict, deed: Deed) -> Plan:
    talk, steps = known.talk, [line]
    if lifecycle.missed(message, talk, policy.lifecycle):
        told = (
            note(policy.sentences.missed(message.author), private=policy.notes),
            *lifecycle.raised(policy.lifecycle),
        )
        steps += [Step("helpdesk", delivery, line.at) for delivery in told]
        talk = replace(talk, missed_at=line.at)
    if deed == "reopen":
        steps.append(Step("helpdesk", lifecycle.reopening(talk.status), line.at))
        talk = replace(talk, status=StatusClass.OPEN)
    return Plan(verdict, tuple(steps), enter=True, talk=talk)


def _open(event: ChatMessageAdded, known: Known, policy: Policy, line: Step, verdict: Verdict) -> Plan:
    message, talk, steps = event.message, known.talk, [line]
    is_missed = lifecycle.missed(message, talk, policy.lifecycle)
    opens, facts = opening(event, policy.sentences, policy.routes, policy.lifecycle, policy.identity, missed=is_missed)
    opens = replace(opens, fields=fields.values(policy.fields, event.context))
    if known.home is not None:
        opens, preface = following(opens, known.home, policy.sentences, overtaken=False)
        steps.insert(0, Step("helpdesk", preface, line.at))
    words = "\n".join(filter(None, (policy.sentences.missed(message.author) if is_missed else "", facts)))
    # Behind the lines of a burst, which go with the opening.
    behind = line.at + policy.debounce_seconds
    steps += [Step("helpdesk", note(words, private=policy.notes), behind)] if words else []
    talk = replace(talk, missed_at=line.at) if is_missed else talk
    return Plan(verdict, (Step("helpdesk", opens, line.at, OPENING), *steps), enter=True, release=True, talk=talk)


def _unseen(message: Message, known: Known, policy: Policy) -> tuple[Step, ...]:
    if not message.missed or known.unseen_told or not (known.ticket or known.opening):
        return ()
    return (Step("helpdesk", note(policy.sentences.unseen(message), private=policy.notes), message.at.timestamp()),)


def _ended(event: ChatEnded, known: Known, policy: Policy) -> Plan:
    if known.seen:
        return Plan("duplicate")
    if not (known.ticket or known.opening) or known.deleted or not policy.to_helpdesk:
        return Plan("ended")
    made, talk = lifecycle.at_end(known.talk, event.missed, policy.lifecycle, policy.sentences)
    if not policy.notes:
        made = tuple(AddComment(one.text) if isinstance(one, AddNote) else one for one in made)
    return Plan("ended", tuple(Step("helpdesk", one, known.talk.spoken_at) for one in made), enter=True, talk=talk)


def _status(event: TicketStatusChanged, known: Known, policy: Policy) -> Plan:
    """Judge a new status; `known.ticket` says that the ticket is the conversation's, and no other on its way."""
    if known.seen:
        return Plan("duplicate")
    if not known.linked:
        return unlinked(known)
    if not known.ticket:
        return Plan("former", enter=True)
    at = event.at.timestamp()
    talk = replace(known.talk, status=event.status, status_since=at)
    is_on_it = not (known.lines_wait or known.lines_go)
    deed: Deed = "append"
    if policy.to_helpdesk:
        deed = lifecycle.was_overtaken(talk, event.status, at, policy.lifecycle, is_on_it=is_on_it)
    if deed == "reopen":
        talk = replace(talk, status=StatusClass.OPEN)
        reopens = Step("helpdesk", lifecycle.reopening(event.status), known.now)
        return Plan("status", (reopens,), enter=True, talk=talk)
    if deed == "append" or known.opened is None:
        return Plan("status", enter=True, talk=talk)
    # What waits goes along with it, behind those words.
    opens, preface = following(known.opened, event.ticket, policy.sentences, overtaken=not known.lines_wait)
    made: list[Delivery] = [preface]
    if UNVERIFIED_TAG in opens.tags and known.requester:
        made.append(note(policy.sentences.claimed(known.requester.claimed), private=policy.notes))
    steps = (Step("helpdesk", opens, known.now, OPENING), *(Step("helpdesk", one, 0.0) for one in made))
    return Plan("status", steps, enter=True, talk=talk)


def _merged(event: TicketMerged, known: Known, policy: Policy) -> Plan:
    """Judge a merge; `known.ticket` says that the conversation goes along, since the ticket is its current one."""
    if not known.linked:
        return unlinked(known)
    if not known.ticket:
        return Plan("former", enter=True)
    if known.shared:
        told = Step("helpdesk", note(policy.sentences.merged(), private=policy.notes), 0.0)
        return Plan("merged", (told,), enter=True, talk=replace(known.talk, status=None))
    if event.status is None:
        return Plan("merged", enter=True, talk=replace(known.talk, status=None))
    status, since = event.status.status, event.status.since.timestamp()
    return Plan("merged", enter=True, talk=replace(known.talk, status=status, status_since=since))


def _contact(event: ContactChanged, known: Known, policy: Policy) -> Plan:
    """Judge corrected contact data; `known.ticket` says that the ticket is the conversation's."""
    if known.seen:
        return Plan("duplicate")
    if not known.linked:
        return unlinked(known)
    if not known.ticket:
        return Plan("former", enter=True)
    if not policy.to_chat:
        return Plan("one_way", enter=True)
    update, after = contact.corrected(known.contact, event.contact, policy.contact)
    steps = (Step("chat", UpdateVisitor(update), event.at.timestamp()),) if update != Contact() else ()
    return Plan("contact", steps, enter=True, contact=after)


def _deleted(known: Known) -> Plan:
    """Judge a deletion; `known.ticket` says that the ticket is the conversation's, and no other on its way."""
    if not known.linked:
        return unlinked(known)
    if not known.ticket:
        return Plan("former")
    return Plan("wait" if known.sending else "deleted")
