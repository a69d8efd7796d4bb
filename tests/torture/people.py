"""Visitors and agents who talk until they are told to stop."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping

from tests.process.programs import ChatProcess
from tests.torture.count import SECRET, answered, said
from tests.torture.desk import Desk

NOTE_EVERY = 7
PAUSE_EVERY = 15
LINES_A_VISITOR = 40
LATE = 4
"""Agents also answer visitors who have left: so many times as many as are there."""
AGENTS = ("agent1", "agent2")

Speak = Callable[[random.Random], None]


class People:
    """Everybody who talks; `lines` and `replies` count what each visitor said and was told.

    So many visitors are there at a time: who has said enough is followed by somebody new. `tickets` gives the tickets
    by conversation, as far as there are any.
    """

    def __init__(
        self, chat: ChatProcess, desk: Desk, at_a_time: int, seed: int, tickets: Callable[[], Mapping[str, str]]
    ) -> None:
        self._chat = chat
        self._desk = desk
        self._at_a_time = at_a_time
        self._seed = seed
        self._tickets = tickets
        self._silence = threading.Event()
        self._speakers: list[threading.Thread] = []
        self._failed: list[Exception] = []
        self.lines: Counter[str] = Counter()
        self.replies: Counter[str] = Counter()

    @property
    def visitors(self) -> list[str]:
        """Everybody who ever came."""
        return list(self.lines)

    def start(self, *, line_every: float, reply_every: float) -> None:
        """Let visitors and agents talk side by side, each about so many seconds after the last."""
        for _ in range(self._at_a_time):
            self._arrive()
        for order, (speak, every) in enumerate([(self._any_line, line_every), (self._any_reply, reply_every)]):
            chance = random.Random(self._seed + order)
            self._speakers.append(threading.Thread(target=self._talk, args=(speak, every, chance), daemon=True))
            self._speakers[-1].start()

    def stop(self) -> None:
        """Let everybody finish their line. Raises what hindered one of them."""
        self._silence.set()
        for speaker in self._speakers:
            speaker.join()
        if self._failed:
            raise self._failed[0]

    def leave(self) -> None:
        """End every chat, so that its transcript is sent."""
        for one in self._chat.ask("GET", "/chats"):
            if one["running"]:
                self._chat.ask("POST", f"/chats/{one['clientId']}/end")

    def _arrive(self) -> None:
        visitor = f"visitor{len(self.lines):04}"
        email = {"email": f"{visitor}@example.com"} if len(self.lines) % 3 else {}
        self._chat.ask("POST", "/visitors", visitor_id=visitor, facts={"basicInfo": {"name": visitor, **email}})
        self._visitor_says(visitor)

    def _visitor_says(self, visitor: str) -> None:
        number = self.lines[visitor]
        self._chat.ask("POST", f"/visitors/{visitor}/says", text=said(visitor, number))
        self.lines[visitor] += 1

    def _agent_replies(self, visitor: str, ticket: str) -> None:
        number = self.replies[visitor]
        agent = AGENTS[number % 2]
        self._desk.reply(ticket, answered(agent, visitor, number), by=agent)
        self.replies[visitor] += 1
        if number % NOTE_EVERY == 0:
            self._desk.note(ticket, f"{SECRET} note {number} on {visitor}", by=agent)

    def _talk(self, speak: Speak, every: float, chance: random.Random) -> None:
        try:
            while not self._silence.wait(chance.uniform(0, 2 * every)):
                speak(chance)
        except Exception as failure:  # noqa: BLE001  (what fails in a thread must fail the run, see `stop`)
            self._failed.append(failure)

    def _any_line(self, chance: random.Random) -> None:
        visitor = chance.choice(self.visitors[-self._at_a_time :])
        self._visitor_says(visitor)
        if self.lines[visitor] % PAUSE_EVERY == 0:
            self._chat.ask("POST", f"/chats/{visitor}/end")
        if self.lines[visitor] >= LINES_A_VISITOR:
            self._arrive()

    def _any_reply(self, chance: random.Random) -> None:
        known = self._tickets()
        waiting = [visitor for visitor in self.visitors[-LATE * self._at_a_time :] if visitor in known]
        if waiting:
            visitor = chance.choice(waiting)
            self._agent_replies(visitor, known[visitor])
