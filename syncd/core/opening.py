"""How a conversation gets a ticket: what is put on it first."""

from __future__ import annotations

from dataclasses import replace

from syncd.contract.deliveries import AddComment, AddNote, Delivery, OpenTicket
from syncd.contract.model import ChatMessageAdded, TicketId
from syncd.core import lifecycle
from syncd.core.lifecycle import Lifecycle
from syncd.core.requester import UNVERIFIED_TAG, Identity, is_unverified, person
from syncd.core.route import Rule, choose
from syncd.core.text import Sentences


def opening(
    event: ChatMessageAdded,
    sentences: Sentences,
    routes: tuple[Rule, ...],
    policy: Lifecycle,
    identity: Identity,
    *,
    missed: bool,
) -> tuple[OpenTicket, str]:
    """Give the ticket of a message and the facts about its visitor, by ops' routes; empty where there are none."""
    route, visitor = choose(routes, event.context), event.context.visitor
    unverified = is_unverified(visitor, identity)
    if unverified:
        route = replace(route, tags=(*route.tags, *({UNVERIFIED_TAG} - set(route.tags))))
    if missed:
        tags = (*route.tags, *({lifecycle.MISSED_TAG} - set(route.tags)))
        route = replace(route, tags=tags, priority=lifecycle.priority(route.priority, policy))
    believed = person(visitor, identity)
    requester = replace(believed, name=believed.name.strip() or sentences.nameless())
    opens = OpenTicket(sentences.subject(event.context), requester, route.queue, route.tags, route.priority)
    return opens, sentences.context(event.context, route.tags, unverified=unverified)


def following(
    opens: OpenTicket, former: TicketId, sentences: Sentences, *, overtaken: bool
) -> tuple[OpenTicket, AddComment]:
    """Give the opening of a ticket that goes on with a former one, and its first words, which name that."""
    return replace(opens, follows=former), AddComment(sentences.follows(former, overtaken=overtaken))


def note(words: str, *, private: bool) -> Delivery:
    """Give words for agents as a private note, or as a comment where the helpdesk has no notes."""
    return AddNote(words) if private else AddComment(words)
