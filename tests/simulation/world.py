"""One world: two ends, the people at them, the way between, the time, and the daemon in the middle."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import Literal

from freezegun.api import FrozenDateTimeFactory

from syncd import clock
from syncd.contract.model import Author, BridgeName, ConversationId, Role, TicketId
from syncd.core.plan import Policy
from syncd.engine.bridge import Bridge
from syncd.store.inbox import Received
from syncd.store.operations import Operation, Touched, carry_out
from tests.simulation.ends import Line, ModelChat, ModelHelpdesk, ScarceChat
from tests.simulation.gates import Fate, Gates, Go
from tests.simulation.network import Network, Webhook
from tests.simulation.process import Disk, Process, Steps
from tests.simulation.times import Times
from tests.simulation.watch import Watch

SHOP = BridgeName("shop")
TAG = "syncd-shop"
DOUBT_SECONDS = 120.0
LONGEST_REPLY = 60
BO = Author(Role.AGENT, "Bo", "bo@example.com")
MOST_STEPS = 2000

Writing = Literal["reply", "html", "long", "note", "mail", "elsewhere"]


@dataclass(frozen=True)
class Nature:
    """What kind of world it is. `transcripts`: each chat ends with one that arrives."""

    tells_ours: bool = False
    transcripts: bool = True
    is_scarce: bool = False


class World:
    """Acts by people, the network, the clock and the daemon's own steps, one after the other."""

    def __init__(self, disk: Disk, steps: Steps, nature: Nature, frozen: FrozenDateTimeFactory) -> None:
        self.nature = nature
        self.times = Times(frozen)
        self.gates = Gates()
        self.watch = Watch(self.times)
        self.network = Network()
        self.calls: Counter[str] = Counter()
        self.said = 0
        self.chat = (ScarceChat if nature.is_scarce else ModelChat)(
            Line("chat", self.gates, self.calls), self.times.moment, self._tell
        )
        self.helpdesk = ModelHelpdesk(
            Line("helpdesk", self.gates, self.calls), self.times.moment, tells_ours=nature.tells_ours
        )
        policy = Policy(TAG, longest_reply=LONGEST_REPLY)
        bridge = Bridge(SHOP, self.chat, self.helpdesk, "s" * 16, policy, DOUBT_SECONDS, "park")
        self._start = partial(Process, disk, bridge, steps, self.watch, self.gates)
        self.process = self._start()
        self.database = disk.read_only()

    def number(self) -> int:
        """Give the next number: people's words are told apart and ordered by it."""
        self.said += 1
        return self.said

    def visitor_says(self, who: str, role: Role) -> None:
        """Let somebody say a line in the chat itself: its visitor, an agent there, or a trigger."""
        self.chat.say(ConversationId(who), Author(role, f"{role} {who}"), f"<{who}.{self.number()}>")

    def _tell(self, conversation: ConversationId) -> None:
        # Every third fragment brings the message before it once more.
        since = -2 if self.network.count % 3 == 2 else -1
        self.network.tell(conversation, self.chat.conversations[conversation][since:])

    def chat_ends(self, who: str) -> None:
        """Let a conversation come to an end; it may go on later."""
        conversation = ConversationId(who)
        self.network.tell(conversation, self.chat.conversations[conversation], is_end=True)

    def agent_writes(self, ticket: TicketId, what: Writing) -> None:
        """Let somebody write on a ticket."""
        who = self.helpdesk.tickets[ticket].conversation
        match what:
            case "reply" | "html" | "long":
                words = [f"[{who}.{self.number()}]" for _ in range(3 if what == "long" else 1)]
                text = " ".join(word.ljust(40, ".") for word in words) if what == "long" else words[0]
                shown = f"<p>{text}</p>" if what == "html" else text
                self.helpdesk.write(ticket, BO, shown, public=True, html=what == "html")
            case "note":
                self.helpdesk.write(ticket, BO, f"{{secret {self.number()}}}", public=False)
            case "mail":
                visitor = Author(Role.VISITOR, f"Visitor {who}")
                self.helpdesk.write(ticket, visitor, f"{{by mail {self.number()}}}", public=True)
            case "elsewhere":
                other = self.helpdesk.opened(None)
                self.helpdesk.write(other, BO, f"{{for others {self.number()}}}", public=True)

    def webhook_comes(self, webhook: Webhook) -> None:
        """Let a webhook reach the daemon; it counts as acknowledged once it is answered."""
        row = Received(SHOP, "chat", "webhook", webhook.headers, webhook.body, clock.now())
        receiving = self.process.do(self.process.daemon.intake.receive(row))

        def answered(*_: object) -> None:
            if not receiving.cancelled() and receiving.exception() is None:
                self.network.acknowledged.add(webhook.number)

        receiving.add_done_callback(answered) if not receiving.done() else answered()

    def poll(self) -> None:
        """Let the polls begin that do not run."""
        self.process.soon(self.process.schedule.run_all)

    def let_go(self, index: int, go: Go) -> None:
        """Let one of those go on that stop."""
        if self.gates.waiting:
            self.gates.let_go(index, go)
            self.process.loop.run_until_still()

    def go_on(self, fate: Fate = Fate.WELL, most: int = MOST_STEPS) -> None:
        """Let everybody go on, the longest waiting first, until nobody stops any more."""
        for _ in range(most):
            if not self.gates.waiting:
                return
            self.let_go(0, Go(fate))

    def go_on_to_calls(self, most: int) -> None:
        """Let commits be made, until nobody waits for one any more."""
        for _ in range(most):
            commits = [n for n, gate in enumerate(self.gates.waiting) if gate.place in {"commit", "committed"}]
            if not commits:
                return
            self.let_go(commits[0], Go())

    def crash(self) -> None:
        """Kill the daemon and start it again."""
        self.process.crash()
        self.process = self._start()

    def go_by(self, seconds: float) -> None:
        """Let time go by, and the daemon's timers with it."""
        self.times.go_by(seconds)
        self.process.loop.pass_time(seconds)

    def set_clock(self, seconds: float) -> None:
        """Set the daemon's clock; the daemon sees it when it looks."""
        self.times.set_clock(seconds)
        self.process.schedule.is_set = True

    def look_at_the_clock(self) -> None:
        """Let the daemon look at the clock, as it does every second."""
        if self.process.is_up:
            self.process.do(self.process.daemon.look_at_the_clock())

    def operate(self, operation: Operation) -> None:
        """Let ops do something by hand; a daemon that is starting does not listen yet."""
        process = self.process
        if not process.is_up:
            return

        async def carry() -> None:
            work = partial(carry_out, operation=operation, now=clock.now())
            touched: Touched = await process.storage.insist(work)
            for bridge, end in sorted(touched.lanes):
                process.daemon.wake(bridge, end)
            process.daemon.planner.wake()

        process.do(carry())

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Read the daemon's database."""
        return self.database.execute(query).fetchall()

    def close(self) -> None:
        """End everything."""
        self.process.crash()
        self.database.close()
