"""What a world shows at its end, as the values that the promise is judged by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from syncd.contract.model import ConversationId, Role
from tests.simulation.promise import Conversation, lines, replies
from tests.simulation.world import TAG, World

DELIVERIES = (
    "SELECT o.id, l.conversation, o.link_id, o.kind, o.state, o.key, o.body FROM outbox o JOIN link l"
    " ON l.id = o.link_id ORDER BY o.id"
)


class Delivery(NamedTuple):
    """A row of the outbox."""

    row: int
    conversation: str
    link: int
    kind: str
    state: str
    key: str
    text: str


def deliveries(world: World) -> list[Delivery]:
    """Give every delivery, the oldest first."""
    return [Delivery._make([*row[:-1], bytes(row[-1]).decode()]) for row in world.database.execute(DELIVERIES)]


def conversations(world: World) -> list[Conversation]:
    """Give what became of every conversation."""
    everything = deliveries(world)
    return [_conversation(world, who, everything) for who in world.chat.conversations]


def _conversation(world: World, who: ConversationId, everything: list[Delivery]) -> Conversation:
    own = [delivery for delivery in everything if delivery.conversation == who]
    tickets = [ticket for ticket in world.helpdesk.tickets.values() if ticket.conversation == who]
    comments = [(c, c.id in ticket.ours) for ticket in tickets for c in ticket.comments]
    parked = [row for _, row in world.watch.parked]
    to_chat = [delivery for delivery in own if delivery.kind == "post_message"]
    told = world.network.told(who)
    return Conversation(
        name=who,
        due=_due(world, who),
        tickets=[[c.text for c in ticket.comments if c.public and c.id in ticket.ours] for ticket in tickets],
        notes=[c.text for c, ours in comments if ours and not c.public],
        chat=[message.text for message in world.chat.conversations[who] if message.tag == TAG],
        replies=_numbers(c.text for c, ours in comments if c.public and not ours),
        parked=_numbers(delivery.text for delivery in to_chat if delivery.state == "parked"),
        parkings=Counter(n for d in to_chat for n in replies(d.text) for row in parked if row == d.row),
        lost_lines=_lost_lines(world, own),
        set_aside=frozenset(n for d in own if d.row in parked for n in [*replies(d.text), *_lines(d)]),
        echoed=_numbers(message.text for message in told if message.tag == TAG),
        unclear=_unclear(world, to_chat),
        told_late=_told_late(world, [d for d in own if d.kind == "add_comment"]),
    )


def _due(world: World, who: ConversationId) -> frozenset[int]:
    """Give the lines that were told; nobody is told of a conversation in which only triggers spoke."""
    told = [message for message in world.network.told(who) if message.tag != TAG]
    if all(message.author.role is Role.AUTOMATIC for message in told):
        return frozenset()
    return frozenset(number for message in told for _, number in lines(message.text))


def _numbers(texts: Iterable[str]) -> frozenset[int]:
    return frozenset(number for text in texts for number in replies(text))


def _lines(delivery: Delivery) -> list[int]:
    return [number for _, number in lines(delivery.text)] if delivery.kind == "add_comment" else []


def _lost_lines(world: World, own: list[Delivery]) -> int:
    """Count the calls with lines that were put aside: what one commit puts aside went out together.

    Those that could not open the ticket have none that a note could be on.
    """

    def commits(kind: str) -> set[int]:
        rows = {delivery.row for delivery in own if delivery.kind == kind}
        return {parking.commit for parking in world.watch.parked if parking.row in rows}

    return len(commits("add_comment") - commits("open_ticket"))


def _unclear(world: World, to_chat: list[Delivery]) -> frozenset[int]:
    """Give the replies in doubt or aside, where there were several and the clock was wrong: an echo's time is none."""
    aside = {parking.row for parking in world.watch.parked}
    doubted = [delivery for delivery in to_chat if delivery.row in world.watch.doubted | aside]
    if len(doubted) < 2 or not any(delivery.row in world.watch.misdated for delivery in doubted):
        return frozenset()
    return frozenset(number for delivery in doubted for number in replies(delivery.text))


def _told_late(world: World, own: list[Delivery]) -> frozenset[tuple[int, int]]:
    watch = world.watch
    return frozenset(
        (earlier, later)
        for one in own
        for other in own
        if watch.planned[one.row] > watch.called.get(other.row, watch.commits)
        for earlier in _lines(one)
        for later in _lines(other)
        if earlier < later
    )
