"""One torture: everybody talks, both ends fail, the daemon is killed at random instants; then it is counted."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from tests.process.programs import ChatProcess, DaemonProcess
from tests.torture import ledger
from tests.torture.count import Conversation, is_wrong, numbers, wrongs
from tests.torture.desk import Desk
from tests.torture.people import People
from tests.torture.proxy import KINDS, FaultyProxy

CHAT_FAULTS: dict[str, dict[str, object]] = {
    "cut_before": {"kind": "cut_before"},
    "cut_after": {"kind": "cut_after"},
    "429": {"kind": "too_many_requests", "retry_after": 1},
    "500 before": {"kind": "server_error"},
    "500 after": {"kind": "server_error", "taken": True},
    "502 before": {"kind": "server_error", "status": 502},
    "502 after": {"kind": "server_error", "status": 502, "taken": True},
    "garbage": {"kind": "garbage"},
    "slow": {"kind": "slow", "seconds": 1.0},
}
WEBHOOK_FAULTS: dict[str, dict[str, object]] = {
    "doubled": {"kind": "doubled"},
    "late": {"kind": "late", "seconds": 1.0},
    "shuffled": {"kind": "shuffled", "seconds": 0.5},
    "lost": {"kind": "lost"},
}


@dataclass(frozen=True)
class Order:
    """What is asked of a run. It ends after `kills` kills and `seconds` seconds, whichever comes last.

    `faults` is the chance of each kind of fault at each call; `up` the shortest and longest life between two kills.
    `patience` is for how long nothing may come to its end when all is well: a chat takes 60 calls a minute, and what
    has gathered by then takes as long as it takes.
    """

    kills: int = 5
    seconds: float = 10.0
    seed: int = 1
    faults: float = 0.02
    visitors: int = 3
    line_every: float = 0.4
    reply_every: float = 1.2
    up: tuple[float, float] = (0.0, 4.0)
    patience: float = 400.0
    doubt_minutes: float = 0.1
    on_doubt: str = "park"
    chat_faults: tuple[str, ...] = tuple(CHAT_FAULTS)
    webhook_faults: tuple[str, ...] = tuple(WEBHOOK_FAULTS)
    desk_faults: tuple[str, ...] = KINDS


@dataclass
class Outcome:
    """The figures of a run: what was wrong or told, and the faults by end and kind."""

    figures: dict[str, int]
    faults: dict[str, dict[str, int]] = field(default_factory=dict)


class Torture:
    """The two ends, the daemon between them, and who talks.

    A conversation with something wrong is written to the folder as it stands at both ends, beside database and logs.
    """

    def __init__(self, order: Order, desk: Desk, folder: Path) -> None:
        self._order = order
        self._desk = desk
        self._folder = folder
        self._before = desk.tickets()
        self._kills = 0
        self._faults: dict[str, dict[str, int]] = {}

    def run(self) -> Outcome:
        """Do it all. Raises AssertionError where something does not come to its end in time."""
        order = self._order
        with ExitStack() as stack:
            proxy = FaultyProxy(self._desk.url, order.faults, order.seed, order.desk_faults)
            self._proxy = stack.enter_context(proxy)
            self._chat = ChatProcess(self._folder, "http://127.0.0.1:9/", rate=100_000)
            stack.enter_context(self._chat)
            self._daemon = DaemonProcess(self._folder, {**self._chat.bridge, **self._bridge()}, hold_socket=True)
            stack.enter_context(self._daemon)
            self._chat.ask("POST", "/webhooks", urls=[self._daemon.hook])
            tickets = partial(ledger.tickets, self._daemon)
            self._people = People(self._chat, self._desk, order.visitors, order.seed, tickets)
            self._begin()
            self._kill_and_start()
            self._people.stop()
            self._come_to_rest()
            outcome = Outcome(self._count(), self._faults)
            assert self._daemon.end() == 0
        return outcome

    def _bridge(self) -> dict[str, str]:
        return {
            "BRIDGE_HELPDESK": "request_tracker",
            "BRIDGE_DOUBT_MINUTES": str(self._order.doubt_minutes),
            "BRIDGE_ON_DOUBT": self._order.on_doubt,
            "RT_URL": self._proxy.url,
            "RT_TOKEN": self._desk.token,
            "RT_QUEUE": "Support",
            "RT_POLL_SECONDS": "0.5",
        }

    def _begin(self) -> None:
        self._order_faults()
        self._people.start(line_every=self._order.line_every, reply_every=self._order.reply_every)

    def _order_faults(self) -> None:
        wanted = {name: CHAT_FAULTS[name] for name in self._order.chat_faults}
        wanted |= {name: WEBHOOK_FAULTS[name] for name in self._order.webhook_faults}
        for fault in wanted.values():
            self._chat.ask("POST", "/faults", probability=self._order.faults, **fault)

    def _kill_and_start(self) -> None:
        chance = random.Random(self._order.seed)
        began = time.monotonic()
        while self._kills < self._order.kills:
            time.sleep(chance.uniform(*self._order.up))
            self._daemon.kill()
            self._kills += 1
            time.sleep(chance.uniform(0.0, 0.3))
            self._daemon.start()
        time.sleep(max(0.0, began + self._order.seconds - time.monotonic()))

    def _come_to_rest(self) -> None:
        """Let the ends be well, end the chats, and wait until nothing is under way."""
        self._faults = {"chat": self._chat_faults(), "helpdesk": dict(self._proxy.counts)}
        self._chat.ask("DELETE", "/faults")
        self._proxy.probability = 0.0
        self._chat.ask("POST", "/webhooks/settled")
        self._people.leave()
        self._chat.ask("POST", "/webhooks/settled")
        self._until(self._is_through)

    def _chat_faults(self) -> dict[str, int]:
        names = (*self._order.chat_faults, *self._order.webhook_faults)
        return {name: fault["hits"] for name, fault in zip(names, self._chat.ask("GET", "/faults"), strict=True)}

    def _is_through(self) -> bool:
        """Say whether all is done; a reply that was not read yet shows in no table, so they are looked for first."""
        replies = sum(self._people.replies.values())
        query = "SELECT count(DISTINCT native) FROM ledger WHERE end = 'helpdesk' AND NOT ours"
        return self._daemon.rows(query)[0][0] >= replies and ledger.is_idle(self._daemon)

    def _until(self, condition: Callable[[], bool]) -> None:
        done, deadline = 0, time.monotonic() + self._order.patience
        while not condition():
            if (count := ledger.done(self._daemon)) > done:
                done, deadline = count, time.monotonic() + self._order.patience
            assert time.monotonic() < deadline, f"nothing goes on any more; see {self._folder}"
            time.sleep(0.2)

    def _count(self) -> dict[str, int]:
        people = self._people
        counted: Counter[str] = Counter()
        webhooks = self._chat.ask("GET", "/webhooks")
        self._answered = {id_ for one in webhooks if one["status"] == 200 for id_ in one["message_ids"]}
        for conversation in map(self._conversation, people.visitors):
            found = wrongs(conversation)
            counted.update(found)
            if is_wrong(found):
                evidence = json.dumps({"found": found, **asdict(conversation)}, default=list, ensure_ascii=False)
                (self._folder / f"{conversation.visitor}.json").write_text(evidence)
        opened = self._desk.tickets() - self._before
        counted["tickets too many"] = len(opened - set(ledger.tickets(self._daemon).values()))
        counted["parked on the way to the helpdesk"] = ledger.parked_comments(self._daemon)
        counted["damage in the database"] = ledger.damage(self._daemon)
        sent = {
            "kills survived": self._kills,
            "calls to the helpdesk": self._proxy.calls,
            "calls to the chat": len(self._chat.ask("GET", "/calls")),
            "webhooks": len(webhooks),
            "lines to the helpdesk": people.lines.total(),
            "replies to the chat": people.replies.total(),
        }
        return {**sent, **counted}

    def _conversation(self, visitor: str) -> Conversation:
        people, tickets = self._people, ledger.tickets(self._daemon)
        chat = self._chat.ask("GET", f"/chats/{visitor}/messages")
        unanswered = "".join(message["text"] for message in chat if message["id"] not in self._answered)
        return Conversation(
            visitor=visitor,
            lines=people.lines[visitor],
            replies=people.replies[visitor],
            ticket=self._desk.history(tickets[visitor]) if visitor in tickets else [],
            chat=chat,
            parked=ledger.parked_replies(self._daemon, visitor),
            told_late=ledger.told_late(self._daemon, visitor),
            untold=numbers(rf"<{visitor} says (\d+)>", [unanswered]),
        )


def told(outcome: Outcome) -> str:
    """Write the table."""
    rows = [f"{value:8}  {name}" for name, value in outcome.figures.items()]
    for end, kinds in outcome.faults.items():
        rows += ["", f"{sum(kinds.values()):8}  faults at the {end}"]
        rows += [f"{hits:8}    {kind}" for kind, hits in kinds.items()]
    return "\n".join(rows)
