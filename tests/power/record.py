"""A recording of the real daemon: senders in parallel, people who talk both ways, a stop and a start amid it."""

from __future__ import annotations

import http.client
import json
import random
import re
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.load import filled, template
from tests.power.spoken import Left, answered, posted
from tests.power.trace import Call, lines_of, read, under_strace, wait_for_end
from tests.process.programs import ChatProcess, DaemonProcess
from tests.torture.people import People
from tests.torture.stand_in import StandInDesk

LINE_EVERY, REPLY_EVERY, POLL_EVERY = 0.15, 0.1, 0.1
LONGEST_PAUSE = 0.03


@dataclass(frozen=True)
class Volume:
    """How much is recorded: in each of the daemon's lives so many senders send so many webhooks each."""

    lives: int = 2
    senders: int = 8
    webhooks: int = 25


@dataclass(frozen=True)
class Recording:
    """What the daemon did, and what was told about it outside.

    `replies` are the agents' by their ids at the helpdesk, `files` is what was in the database's folder at the end.
    """

    database: Path
    calls: list[Call]
    answered: list[Left]
    called: list[Left]
    sent: frozenset[bytes]
    replies: dict[int, bytes]
    files: dict[str, bytes]


class TracedDaemon(DaemonProcess):
    """A daemon under strace, with a trace for each of its lives. It makes the database's folder itself."""

    def __init__(self, strace: str, folder: Path, bridge: Mapping[str, str]) -> None:
        database = folder / "state" / "syncd" / "syncd.db"
        super().__init__(folder, {**bridge, "SYNCD_DATABASE_URL": f"sqlite:///{database}"})
        self.database = database
        self.traces: list[Path] = []
        self._strace = strace
        self._folder = folder
        self._untraced = self._arguments

    def start(self) -> None:
        self.traces.append(self._folder / f"trace.{len(self.traces)}")
        self._arguments = under_strace(self._strace, self.traces[-1], self._untraced)
        super().start()

    def stop(self) -> None:
        """End it as systemd does, and wait for its trace."""
        assert self.end() == 0
        wait_for_end(self.traces[-1])


class Sender(threading.Thread):
    """One connection over which webhooks go, each when the last was answered; it notes them before they go."""

    def __init__(self, hook: str, host: str, first: int, count: int) -> None:
        super().__init__()
        address = urlsplit(hook)
        self._path = address.path
        self._numbers = range(first, first + count)
        self._chance = random.Random(first)
        self._connection = http.client.HTTPConnection(address.netloc, source_address=(host, 0), timeout=30)
        self._connection.connect()
        self.address = ":".join(map(str, self._connection.sock.getsockname()))
        self.sent: list[bytes] = []
        self.statuses: set[int] = set()

    def run(self) -> None:
        for number in self._numbers:
            self.sent.append(webhook(number))
            self._connection.request("POST", self._path, self.sent[-1])
            answer = self._connection.getresponse()
            answer.read()
            self.statuses.add(answer.status)
            time.sleep(self._chance.uniform(0, LONGEST_PAUSE))
        self._connection.close()


def webhook(number: int) -> bytes:
    """Give a webhook of 3 KB with ids of its own."""
    return filled(template(), number).encode()


def key_of(call: bytes) -> bytes:
    """Give the key of a delivery to the helpdesk."""
    named = re.search(r'syncd-key="([^"]+)"', json.loads(call)["ContentType"])
    assert named, call
    return named[1].encode()


def text_of(call: bytes) -> bytes:
    """Give the text of a delivery to the chat, which has no key; no two are alike."""
    text: str = json.loads(call)["text"]
    return text.encode()


class Recorder:
    """The ends, the daemon between them under strace, and who talks."""

    def __init__(self, strace: str, folder: Path, volume: Volume) -> None:
        self._volume = volume
        self._desk = StandInDesk()
        self._chat = ChatProcess(folder, "http://127.0.0.1:9/", rate=100_000)
        self._daemon = TracedDaemon(strace, folder, {**self._chat.bridge, **self._bridge()})
        self._sent: dict[str, list[bytes]] = {}
        self._tickets: dict[str, str] = {}

    def record(self) -> Recording:
        """Let everybody talk for all of the daemon's lives."""
        people = People(self._chat, self._desk, 3, 1, self._known_tickets)
        with ExitStack() as stack:
            stack.enter_context(self._desk)
            stack.enter_context(self._chat)
            self._chat.ask("POST", "/webhooks", urls=[self._daemon.hook])
            stack.push(self._daemon)
            for life in range(self._volume.lives):
                self._daemon.start()
                if life == 0:
                    people.start(line_every=LINE_EVERY, reply_every=REPLY_EVERY)
                self._send(life)
                self._daemon.stop()
            people.stop()
            return self._recording()

    def _bridge(self) -> dict[str, str]:
        return {
            "BRIDGE_HELPDESK": "request_tracker",
            "RT_URL": self._desk.url,
            "RT_TOKEN": self._desk.token,
            "RT_QUEUE": "Support",
            "RT_POLL_SECONDS": str(POLL_EVERY),
        }

    def _known_tickets(self) -> dict[str, str]:
        """Look at the desk only: nobody but the daemon shall open its database."""
        for ticket in self._desk.tickets() - set(self._tickets.values()):
            texts = "".join(line.text for line in self._desk.history(ticket))
            self._tickets |= dict.fromkeys(re.findall(r"<(\w+) says \d+>", texts), ticket)
        return self._tickets

    def _send(self, life: int) -> None:
        """Send from an address that nobody else has: ports are given out again."""
        count, host = self._volume.webhooks, f"127.0.0.{2 + life}"
        first = life * self._volume.senders
        numbers = range(first, first + self._volume.senders)
        senders = [Sender(self._daemon.hook, host, number * count, count) for number in numbers]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
            assert sender.statuses == {200}, sender.statuses
            self._sent[sender.address] = sender.sent

    def _recording(self) -> Recording:
        calls = read(lines_of(*self._daemon.traces))
        for trace in self._daemon.traces:
            trace.unlink()
        database = self._daemon.database
        ends = {urlsplit(self._desk.url).netloc: key_of, urlsplit(self._chat.url).netloc: text_of}
        called = [Left(out.place, name(out.what)) for end, name in ends.items() for out in posted(calls, end)]
        lines = [line for ticket in self._desk.tickets() for line in self._desk.history(ticket)]
        return Recording(
            database=database,
            calls=calls,
            answered=answered(calls, self._sent),
            called=called,
            sent=frozenset(body for bodies in self._sent.values() for body in bodies),
            replies={int(line.id): line.text.encode() for line in lines if line.type == "Correspond"},
            files={path.name: path.read_bytes() for path in database.parent.iterdir() if path.is_file()},
        )
