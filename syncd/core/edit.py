"""What becomes of a reply in the chat when its comment is changed or removed in the helpdesk. All pure.

A delivery that surely has not left is changed where it waits. What may have left is changed in the chat, behind it in
its lane. A part that is changed keeps its place among all replies; a part more comes as near to it as it can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from syncd.contract.deliveries import AddNote, Change, DeleteMessage, EditMessage
from syncd.contract.model import CommentDeleted, CommentEdited, CommentId, Reply
from syncd.core.text import because
from syncd.core.verdict import Known, Plan, Policy, Rewrite, Said, Step

Aim = Literal["call", "moot", "unknown"]


def edited(event: CommentEdited, known: Known, wanted: Sequence[Reply], policy: Policy) -> Plan:
    """Decide what a change leads to, where the comment's words for the chat are `wanted` after it.

    What was said stays said, whoever is an agent by then; what is not public any more, or empty, is taken back.
    """
    if (guarded := _guarded(known)) is not None:
        return guarded
    if event.comment.public is not True or not wanted:
        return _taken_back(event.comment.id, known, policy)
    words = [reply.text for reply in wanted]
    rewrites, steps = _follow(event.comment.id, _live(known.said), words)
    return _carried("edited", rewrites, steps, policy, "\n".join(words))


def deleted(event: CommentDeleted, known: Known, policy: Policy) -> Plan:
    """Decide what a removal leads to."""
    return _guarded(known) or _taken_back(event.comment, known, policy)


def is_any_live(known: Known) -> bool:
    """Say whether any of the comment is in the chat or on its way."""
    return bool(_live(known.said))


def aim(state: str, native: str | None, *, may_be_there: bool) -> Aim:
    """Decide at its turn about a change of what a delivery in this `state` has said, in the chat under `native`."""
    if native is not None:
        return "call"
    return "unknown" if may_be_there or state == "sent" else "moot"


def _guarded(known: Known) -> Plan | None:
    if known.seen:
        return Plan("duplicate")
    return Plan("echo") if known.ours else None


def _live(said: Sequence[Said]) -> list[Said]:
    return [part for part in said if not part.saying.withdrawn]


def _taken_back(comment: CommentId, known: Known, policy: Policy) -> Plan:
    rewrites, steps = _follow(comment, _live(known.said), ())
    return _carried("withdrawn", rewrites, steps, policy, "")


def _follow(comment: CommentId, live: Sequence[Said], wanted: Sequence[str]) -> tuple[list[Rewrite], list[Step]]:
    """Give what turns the parts that are live into those that are wanted, place by place."""
    rewrites: list[Rewrite] = []
    steps: list[Step] = []
    for part, words in zip(live, wanted, strict=False):
        if part.saying.reply.text != words:
            reply = replace(part.saying.reply, text=words)
            rewrites.append(Rewrite(part.key, replace(part.saying, reply=reply)))
            steps += _change(part, EditMessage(comment, part.key, words))
    for part in live[len(wanted) :]:
        rewrites.append(Rewrite(part.key, replace(part.saying, withdrawn=True)))
        steps += _change(part, DeleteMessage(comment, part.key))
    for words in wanted[len(live) :] if live else ():
        saying = replace(live[-1].saying, reply=replace(live[-1].saying.reply, text=words), comment=comment)
        steps.append(Step("chat", saying, live[-1].at))
    return rewrites, steps


def _change(part: Said, change: Change) -> list[Step]:
    return [Step("chat", change, part.at)] if part.may_be_there else []


def _carried(
    verdict: Literal["edited", "withdrawn"], rewrites: list[Rewrite], steps: list[Step], policy: Policy, words: str
) -> Plan:
    """Give the plan; where the chat takes no changes, what is there stays, and the agent is told so once."""
    is_any_there = any(isinstance(step.delivery, EditMessage | DeleteMessage) for step in steps)
    if policy.to_chat and (policy.edits or not is_any_there):
        return Plan(verdict, tuple(steps), enter=True, rewrites=tuple(rewrites))
    reason = because("chat_takes_no_changes" if policy.to_chat else "bridge_is_one_way")
    told = AddNote(policy.sentences.stale(reason, words))
    notes = [Step("helpdesk", told, steps[0].at)] if is_any_there and policy.notes else []
    return Plan(verdict, tuple(notes), enter=True, rewrites=tuple(rewrites))
