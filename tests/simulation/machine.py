"""The machine: Hypothesis chooses what happens next in a world, and what is promised is checked after every step."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from syncd.contract.model import Role
from syncd.store.operations import Replay, Retry
from tests.simulation.end import come_to_an_end
from tests.simulation.evidence import deliveries
from tests.simulation.gates import Fate, Go
from tests.simulation.moments import FATES, MUCH, WHO, Kill, Look, Moment, Poll, Speak, Step, Webhook
from tests.simulation.process import Disk, Steps
from tests.simulation.promise import keep, replies
from tests.simulation.world import TAG, Nature, World, Writing

MOST_COMMITS = 20


class Machine(RuleBasedStateMachine):
    """Plays one world."""

    def __init__(self, disk: Disk, steps: Steps, clocks: FrozenDateTimeFactory, tally: Counter[str]) -> None:
        super().__init__()
        self._disk = disk
        self._steps = steps
        self._clocks = clocks
        self._tally = tally
        tally["examples"] += 1

    @initialize(nature=st.builds(Nature, st.booleans(), st.booleans(), st.booleans()), is_begun=st.booleans())
    def begin(self, nature: Nature, is_begun: bool) -> None:
        self._disk.wipe()
        self.world = World(self._disk, self._steps, nature, self._clocks)
        self.world.go_on()
        if is_begun:
            self._happen([*(Speak(who, Role.VISITOR) for who in WHO), *[Webhook(0, "comes")] * 2])
            self.world.go_on()

    @rule(first=MUCH, then=MUCH)
    def much_happens(self, first: list[Moment], then: list[Moment]) -> None:
        self._happen(first + then)

    def _happen(self, moments: list[Moment]) -> None:
        for moment in moments:
            match moment:
                case Speak(who, act):
                    self._speak(who, act)
                case Step(index, go, far):
                    self._step(index, go)
                    self.world.go_on_to_calls(MOST_COMMITS if far else 0)
                case Webhook(index, how) if self.world.process.is_up:
                    self._webhook(index, how)
                case Poll(page_size) if self.world.process.is_up:
                    self.world.helpdesk.page_size = page_size
                    self.world.poll()
                case Look():
                    self.world.look_at_the_clock()
                case Kill():
                    self._kill()

    def _step(self, index: int, go: Go) -> None:
        """Let one go on; where nobody stops, let something come in."""
        if self.world.gates.waiting:
            self.world.let_go(index, go)
        elif self.world.network.pending:
            self._webhook(index, "comes")
        else:
            self.world.poll()

    def _speak(self, who: str, act: Role | Writing) -> None:
        world = self.world
        if isinstance(act, Role):
            world.visitor_says(who, act)
        elif found := [name for name, ticket in world.helpdesk.tickets.items() if ticket.conversation == who]:
            world.agent_writes(found[0], act)

    def _webhook(self, index: int, how: str) -> None:
        network = self.world.network
        if how == "comes again" and network.delivered:
            self.world.webhook_comes(network.delivered[-1 - index % len(network.delivered)])
        elif network.pending:
            webhook = network.take(index)
            if how != "is lost":
                self.world.webhook_comes(webhook)

    @rule(first=MUCH, most=st.sampled_from([5, 20, 100]))
    def all_goes_well(self, first: list[Moment], most: int) -> None:
        self._happen(first)
        self.world.go_on(most=most)

    @rule(first=MUCH, index=st.integers(0, 1))
    def a_chat_ends(self, first: list[Moment], index: int) -> None:
        self._happen(first)
        if known := list(self.world.chat.conversations):
            self.world.chat_ends(known[index % len(known)])

    @rule(first=MUCH, most=st.sampled_from([10, 3, 100]))
    def the_daemon_is_killed(self, first: list[Moment], most: int) -> None:
        self._happen(first)
        self._kill()
        self.world.go_on(most=most)

    def _kill(self) -> None:
        self._tally["crashes"] += 1
        self.world.crash()

    @rule(first=MUCH, seconds=st.sampled_from([1.0, 3.0, 30.0, 100.0]))
    def a_while_goes_by(self, first: list[Moment], seconds: float) -> None:
        self._happen(first)
        self._pass_time(seconds)

    def _pass_time(self, seconds: float) -> None:
        self.world.look_at_the_clock()
        self.world.go_by(seconds)

    @rule(first=MUCH, hours=st.sampled_from([0.05, 1, 25, 73]), fate=st.sampled_from(FATES))
    def hours_go_by(self, first: list[Moment], hours: float, fate: Fate) -> None:
        self._happen(first)
        for _ in range(4):
            self.world.go_on(fate, most=60)
            self._pass_time(hours * 900)

    @rule(first=MUCH, seconds=st.sampled_from([3600.0, -3600.0]))
    def the_clock_is_set(self, first: list[Moment], seconds: float) -> None:
        """Set it wrong, or where it is wrong, right."""
        self._happen(first)
        self.world.set_clock(-self.world.times.ahead or seconds)

    @rule(first=MUCH, index=st.integers(0, 5))
    def ops_retry_what_is_parked(self, first: list[Moment], index: int) -> None:
        self._happen(first)
        parked = [d for d in deliveries(self.world) if d.state == "parked"]
        heard = {n for d in self.world.chat.conversations.values() for m in d if m.tag == TAG for n in replies(m.text)}
        lost = [d.key for d in parked if d.kind != "post_message" or not heard & set(replies(d.text))]
        if lost:
            self.world.operate(Retry((lost[index % len(lost)],)))

    @rule(first=MUCH)
    def ops_replay_everything(self, first: list[Moment]) -> None:
        self._happen(first)
        self.world.operate(Replay(0, 10_000))

    @invariant()
    def all_is_well(self) -> None:
        self._tally["steps"] += 1
        keep(now_wrong(self.world))

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            if sys.exc_info()[0] is None:
                come_to_an_end(self.world)
        finally:
            self.world.close()
            self._count()

    def _count(self) -> None:
        self._tally.update(self.world.calls)
        self._tally["commits"] += self.world.watch.commits
        said = [message for messages in self.world.chat.conversations.values() for message in messages]
        self._tally["lines told"] += sum(message.tag != TAG for message in said)
        self._tally["replies in the chat"] += sum(message.tag == TAG for message in said)


def now_wrong(world: World) -> Sequence[Any]:
    """Say what is wrong in a world that goes on."""
    two = "SELECT link_id FROM outbox WHERE state IN ('sending', 'in_doubt') GROUP BY link_id, end"
    rows = {
        "two calls of one lane under way": f"{two} HAVING count(DISTINCT coalesce(batch, key)) > 1",
        "a key that leads nowhere": "PRAGMA foreign_key_check",
        "an event that nobody can plan": "SELECT id, reason FROM inbox WHERE state = 'quarantined'",
    }
    wrong = [f"{what}: {found}" for what, query in rows.items() if (found := world.rows(query))]
    stored = {row[0] for row in world.rows("SELECT headers FROM payload")}
    told = [w.number for w in world.network.delivered if w.number in world.network.acknowledged]
    lost = [w.number for w in world.network.delivered if w.number in told and w.headers not in stored]
    wrong += [f"acknowledged but not stored: {lost}"] if lost else []
    if world.process.is_up and (failed := world.process.daemon.failed_loop()):
        wrong.append(f"a loop of the daemon has ended: {failed!r}")
    return wrong + [f"a part of the daemon failed: {context}" for context in world.process.failures]
