"""How a world comes to its end: both ends are well, everything is told, and then the promise must hold."""

from __future__ import annotations

from syncd.store.operations import Retry
from tests.simulation.evidence import conversations, deliveries
from tests.simulation.promise import PromiseBrokenError, keep, wrongs
from tests.simulation.world import World

MOST_ROUNDS = 150
SHORTEST_HOP, LONGEST_HOP = 0.001, 1800.0

UNPLANNED = "SELECT count(*) FROM inbox WHERE state = 'new'"
OPEN = """
    SELECT lane.link_id, lane.end FROM lane JOIN outbox USING (link_id, end)
    WHERE outbox.state IN ('waiting', 'sending', 'in_doubt') AND NOT (lane.end = 'helpdesk' AND EXISTS (
        SELECT 1 FROM outbox opening JOIN link ON link.id = opening.link_id
        WHERE opening.link_id = lane.link_id AND opening.kind = 'open_ticket' AND opening.state = 'parked'
        AND link.ticket IS NULL))
"""


def come_to_an_end(world: World) -> None:
    """Let everything be told and delivered. Raises PromiseBrokenError where something is not as promised."""
    world.go_on()
    tell_everything(world)
    run_until_idle(world)
    retry_what_is_for_the_helpdesk(world)
    run_until_idle(world)
    keep([wrong for one in conversations(world) for wrong in wrongs(one)])


def tell_everything(world: World) -> None:
    """Let every webhook come that is still on its way, and at last the transcripts."""
    while world.network.pending:
        world.webhook_comes(world.network.take(0))
        world.go_on()
    if world.nature.transcripts:
        for who in world.chat.conversations:
            world.chat_ends(who)
            world.webhook_comes(world.network.take(0))
            world.go_on()


def run_until_idle(world: World) -> None:
    """Let time go by until there is nothing more to do. Raises PromiseBrokenError where something is stuck."""
    world.helpdesk.page_size = 50
    for _ in range(MOST_ROUNDS):
        world.look_at_the_clock()
        world.poll()
        world.go_on()
        tell_new(world)
        if not is_all_read(world):
            world.go_by(LONGEST_HOP)
        elif is_idle(world):
            return
        elif world.process.loop.wait is None:
            raise PromiseBrokenError(f"nothing will ever move again: {world.rows(OPEN)}, {world.rows(UNPLANNED)}")
        else:
            world.go_by(max(SHORTEST_HOP, min(world.process.loop.wait, LONGEST_HOP)))
        world.go_on()
    raise PromiseBrokenError(f"no end to it: {world.rows(OPEN)}, {world.rows(UNPLANNED)}")


def tell_new(world: World) -> None:
    """Let the echoes come of what was said in the chat at the end."""
    while world.network.pending:
        world.webhook_comes(world.network.take(0))
        world.go_on()


def is_all_read(world: World) -> bool:
    """Say whether the polls have read all that is in the helpdesk."""
    return world.rows("SELECT cursor FROM bridge_end WHERE end = 'helpdesk'") == [(str(len(world.helpdesk.events)),)]


def is_idle(world: World) -> bool:
    """Say whether there is nothing to do; what waits for a ticket that ops must retry is not."""
    return not world.rows(OPEN) and world.rows(UNPLANNED) == [(0,)]


def retry_what_is_for_the_helpdesk(world: World) -> None:
    """Let ops retry what the helpdesk did not take."""
    keys = [d.key for d in deliveries(world) if d.state == "parked" and d.kind != "post_message"]
    world.operate(Retry(tuple(keys)))
    world.go_on()
