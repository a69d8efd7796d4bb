"""What a helpdesk's comment leads to: which words leave it, under whose name, and what becomes of them later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from syncd.contract.deliveries import AddNote, PostMessage, PushNotice
from syncd.contract.model import Comment, CommentDeleted, CommentEdited, File, Reply, Role
from syncd.core import edit, lifecycle
from syncd.core.addresses import is_for_everybody
from syncd.core.answer import answer
from syncd.core.opening import note
from syncd.core.slip import slipped
from syncd.core.split import parts
from syncd.core.verdict import Known, Plan, Policy, Step
from syncd.core.voice import voice


def unlinked(known: Known) -> Plan:
    """Judge what is about a ticket that belongs to no conversation."""
    if known.maybe_ours:
        return Plan("wait")
    return Plan("unclear" if known.unclear else "foreign")


def added(comment: Comment, known: Known, policy: Policy) -> Plan:
    """Judge a comment that is on a ticket."""
    if known.seen:
        return Plan("duplicate")
    if comment.ours:
        return Plan("echo")
    if not known.linked:
        return unlinked(known)
    if comment.ours is None and known.sending:
        return Plan("wait")
    if comment.ours is None and known.unsettled:
        # It may be what was put aside: a visitor would read his own words as an agent's.
        return Plan("unclear")
    if comment.public is not True:
        return Plan("private", enter=True)
    is_notice = comment.author.role is Role.AUTOMATIC and policy.notices
    if comment.author.role is not Role.AGENT and not is_notice:
        return _outsider(comment, known, policy)
    if not policy.to_chat:
        return Plan("one_way", enter=True)
    return _said(comment, comment.at.timestamp(), known, policy)


def _outsider(comment: Comment, known: Known, policy: Policy) -> Plan:
    """Leave out who is no agent and tell agents so once: not of the visitor, who knows it, nor of a program."""
    is_told = policy.notes and policy.to_chat and comment.author.role is Role.OTHER and not known.outsider_told
    note_ = Step("helpdesk", AddNote(policy.sentences.not_passed(comment.author)), comment.at.timestamp())
    return Plan("not_an_agent", (note_,) if is_told else (), enter=True, tells_outsider=is_told)


def changed(event: CommentEdited | CommentDeleted, known: Known, policy: Policy) -> Plan:
    """Judge a comment that is not what it was; one that was never told before is none of this daemon's."""
    if not known.seen and not known.linked:
        return unlinked(known)
    if isinstance(event, CommentDeleted):
        return edit.deleted(event, known, policy)
    if not known.seen and not known.heard:
        return Plan("former")
    comment = event.comment
    if event.published and not known.ours and not edit.is_any_live(known):
        judged = added(comment, replace(known, sending=False, unsettled=False), policy)
        again = _said(comment, event.at.timestamp(), known, policy) if judged.verdict == "planned" else judged
        return replace(again, verdict="edited") if again.steps else again
    words = _words(comment, policy)
    is_kept = bool(slipped(words, policy.internal_markers)) or not (comment.files or words.strip())
    return edit.edited(event, known, () if is_kept else _replies(comment, words, known, policy), policy)


def _words(comment: Comment, policy: Policy) -> str:
    return answer(comment.text, html=comment.html, image=policy.sentences.image)


def _replies(comment: Comment, words: str, known: Known, policy: Policy) -> tuple[Reply, ...]:
    sentences = policy.sentences
    is_agents = comment.author.role is Role.AGENT
    author, name = voice(comment.author, known.chat_agent, policy.voices) if is_agents else (comment.author, "")
    said = sentences.reply(words, _files_for_everybody(comment))
    told = parts(said, policy.longest_reply, sentences.part, partial(sentences.spoken, name))
    return tuple(Reply(author, part, policy.tag) for part in told)


def _files_for_everybody(comment: Comment) -> tuple[File, ...]:
    return tuple(file if is_for_everybody(file.url) else replace(file, url="") for file in comment.files)


def _said(comment: Comment, at: float, known: Known, policy: Policy) -> Plan:
    """Say a comment in the chat: an agent's words as his, what the helpdesk sends by itself as a notice."""
    words = _words(comment, policy)
    if marker := slipped(words, policy.internal_markers):
        warning = note(policy.sentences.slipped(marker), private=policy.notes)
        return Plan("slipped", (Step("helpdesk", warning, at),), enter=True)
    is_agents = comment.author.role is Role.AGENT
    says = PostMessage if is_agents else PushNotice
    steps = tuple(Step("chat", says(reply, comment.id), at) for reply in _replies(comment, words, known, policy))
    talk = lifecycle.replied(known.talk, is_on_it=not (known.lines_wait or known.lines_go)) if is_agents else None
    unsent = _unsent(_files_for_everybody(comment), at, policy)
    return Plan("planned", (*steps, *unsent), enter=True, talk=talk)


def _unsent(files: Sequence[File], at: float, policy: Policy) -> tuple[Step, ...]:
    """Tell the agent of the files beside a reply that the visitor cannot get."""
    kept = [file for file in files if not file.url]
    return (Step("helpdesk", AddNote(policy.sentences.unsent(kept)), at),) if kept and policy.notes else ()
