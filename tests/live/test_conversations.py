"""Three visitors, two agents, a real Request Tracker, every webhook twice, and the daemon killed five times."""

from __future__ import annotations

import itertools
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.live.request_tracker.server import RequestTrackerServer
from tests.process.programs import ChatProcess, DaemonProcess

LINES = 20
KILLS = 5
VISITORS = ("anna", "boris", "chloé")
PATIENCE_SECONDS = 240.0

pytestmark = pytest.mark.live


class Talk:
    """What people say at both ends, and what each end shows."""

    def __init__(self, chat: ChatProcess, desk: RequestTrackerServer, daemon: DaemonProcess) -> None:
        self.chat = chat
        self.desk = desk
        self.daemon = daemon
        self.tickets: dict[str, str] = {}

    def begin(self) -> None:
        """Let every visitor say their first line, and wait for the tickets."""
        self.chat.ask("POST", "/faults", kind="doubled", times=1_000_000)
        for visitor in VISITORS:
            email = {} if visitor == "anna" else {"email": f"{visitor[:3]}@example.com"}
            self.chat.ask("POST", "/visitors", visitor_id=visitor, facts={"basicInfo": {"name": visitor, **email}})
            self.visitor_says(visitor, 0)
        until(self._find_tickets, 30)

    def _find_tickets(self) -> bool:
        found = self.daemon.rows("SELECT conversation, ticket FROM link WHERE ticket IS NOT NULL")
        self.tickets = dict(found)
        return len(found) == len(VISITORS)

    def visitor_says(self, visitor: str, number: int) -> None:
        self.chat.ask("POST", f"/visitors/{visitor}/says", text=f"<{visitor} says {number:02}> привет 👋")

    def agent_replies(self, visitor: str, number: int) -> None:
        who = f"agent{1 + number % 2}"
        self.desk.reply(self.tickets[visitor], f"<p>[{who} answers {visitor} {number:02}]</p>", by=who, html=True)
        if number % 5 == 0:
            self.desk.note(self.tickets[visitor], f"SECRET note {number} on {visitor}", by=who)

    def on_ticket(self, visitor: str) -> list[str]:
        """Give the visitor's lines in the order in which the ticket shows them."""
        texts = "\n".join(line.text for line in self.desk.history(self.tickets[visitor]))
        return re.findall(rf"<{visitor} says (\d\d)>", texts)

    def in_chat(self, visitor: str) -> list[str]:
        """Give the replies in the order in which the visitor sees them."""
        texts = "\n".join(message["text"] for message in self.chat.ask("GET", f"/chats/{visitor}/messages"))
        return re.findall(rf"\[agent\d answers {visitor} (\d\d)\]", texts)

    def parked(self) -> int:
        return int(self.daemon.rows("SELECT count(*) FROM outbox WHERE state = 'parked'")[0][0])

    def is_through(self) -> bool:
        """Say whether nothing is under way any more."""
        (open_rows,) = self.daemon.rows(
            "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending', 'in_doubt')"
        )[0]
        (unplanned,) = self.daemon.rows("SELECT count(*) FROM inbox WHERE state = 'new'")[0]
        replies = sum(len(self.in_chat(visitor)) for visitor in VISITORS)
        return not open_rows and not unplanned and replies + self.parked() >= LINES * len(VISITORS)


def until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.2)


def each_in_turn(speak: Callable[[str, int], None], numbers: range) -> None:
    for number, visitor in itertools.product(numbers, VISITORS):
        speak(visitor, number)


def wrongs(seen: list[str]) -> Counter[str]:
    """Count what was lost, doubled or out of order."""
    wanted = [f"{number:02}" for number in range(LINES)]
    firsts = list(dict.fromkeys(seen))
    return Counter(
        lost=len(set(wanted) - set(seen)),
        doubled=len(seen) - len(set(seen)),
        out_of_order=sum(before > after for before, after in itertools.pairwise(firsts)),
    )


def test_the_count_of_wrongs_can_fail() -> None:
    right = [f"{number:02}" for number in range(LINES)]
    assert wrongs(right).total() == 0
    assert wrongs(right[1:]) == Counter(lost=1)
    assert wrongs([*right, "03"]) == Counter(doubled=1)
    assert wrongs(["01", "00", *right[2:]]) == Counter(out_of_order=1)


def kill_and_start(daemon: DaemonProcess, chance: random.Random) -> None:
    for _ in range(KILLS):
        time.sleep(chance.uniform(1.0, 4.0))
        daemon.kill()
        time.sleep(chance.uniform(0.0, 0.5))
        daemon.start()


def hold(talk: Talk) -> None:
    """Let everybody speak while the daemon is killed again and again; return when all has arrived."""
    speakers = [
        threading.Thread(target=each_in_turn, args=(talk.visitor_says, range(1, LINES))),
        threading.Thread(target=each_in_turn, args=(talk.agent_replies, range(LINES))),
    ]
    for speaker in speakers:
        speaker.start()
    kill_and_start(talk.daemon, random.Random(5))
    for speaker in speakers:
        speaker.join()
    for visitor in VISITORS:
        talk.chat.ask("POST", f"/chats/{visitor}/end")
    until(talk.is_through, PATIENCE_SECONDS)


def figures(talk: Talk) -> dict[str, int]:
    counted = Counter[str]()
    for visitor in VISITORS:
        counted += wrongs(talk.on_ticket(visitor)) + wrongs(talk.in_chat(visitor))
    said = "\n".join(str(talk.chat.ask("GET", f"/chats/{visitor}/messages")) for visitor in VISITORS)
    return {
        "kills": KILLS,
        "lines each way": LINES * len(VISITORS),
        "webhooks": len(talk.chat.ask("GET", "/webhooks")),
        "parked with a note": talk.parked(),
        "lost": counted["lost"] - talk.parked(),
        "doubled": counted["doubled"],
        "out of order": counted["out_of_order"],
        "private notes in the chat": said.count("SECRET"),
        "429 from the chat": sum(call["status"] == 429 for call in talk.chat.ask("GET", "/calls")),
    }


def test_twenty_lines_each_way_through_five_kills(request_tracker: RequestTrackerServer, tmp_path: Path) -> None:
    bridge = {**request_tracker.bridge, "BRIDGE_DOUBT_MINUTES": "0.5"}
    chat = ChatProcess(tmp_path, "http://127.0.0.1:9/")
    with chat, DaemonProcess(tmp_path, {**chat.bridge, **bridge}, hold_socket=True) as daemon:
        chat.ask("POST", "/webhooks", urls=[daemon.hook])
        talk = Talk(chat, request_tracker, daemon)
        talk.begin()
        hold(talk)
        found = figures(talk)
        print("\n" + "\n".join(f"{value:6} {name}" for name, value in found.items()))
        wanted_zero = ("lost", "doubled", "out of order", "private notes in the chat", "429 from the chat")
        assert {name: found[name] for name in wanted_zero} == dict.fromkeys(wanted_zero, 0)
        assert daemon.end() == 0
