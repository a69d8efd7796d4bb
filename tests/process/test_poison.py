"""Whatever body comes, it is kept as it came, harms no other, and the daemon lives on."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import httpx
import pytest

from tests.process.poison import Fate, Poison, poisons, with_message, written
from tests.process.programs import DaemonProcess, free_port
from tests.torture.stand_in import StandInDesk

ROW = "SELECT state, body, reason FROM inbox JOIN payload ON inbox_id = id WHERE end = 'chat' AND id > ? ORDER BY id"
NEW = "SELECT count(*) FROM inbox WHERE state = 'new'"
SECONDS = 60.0
LONGEST_SECONDS = 5.0
"""Ten thousand messages are read in less, on a busy machine too; to plan all of them in one commit takes longer."""


class Became(NamedTuple):
    """What became of a body: the answer, the state of its row, its body as kept, and the reason given."""

    status: int
    state: str
    kept: bytes
    reason: str


class Poisoned:
    """A daemon that was sent poison between good lines."""

    def __init__(self, daemon: DaemonProcess, desk: StandInDesk) -> None:
        self.daemon = daemon
        self._desk = desk
        self.sent = poisons()
        self.became: list[Became] = []
        self.slowest = 0.0

    def send(self) -> None:
        with httpx.Client(timeout=30) as client:
            statuses = [self._send_between_lines(client, number) for number in range(len(self.sent))]
        deadline = time.monotonic() + SECONDS
        while self.daemon.rows(NEW) != [(0,)] or len(self.lines()) < len(self.sent):
            assert time.monotonic() < deadline, self.lines()[-3:]
            time.sleep(0.05)
        rows = self.daemon.rows(ROW, 0)
        assert len(rows) == 2 * len(self.sent)
        self.became = [Became(status, *row) for status, row in zip(statuses, rows[1::2], strict=True)]

    def _send_between_lines(self, client: httpx.Client, number: int) -> int:
        line = with_message(id=f"good-{number}", text=f"<line {number:03}>") | {"client": {"id": "good"}}
        began = time.monotonic()
        assert client.post(self.daemon.hook, content=written(line)).status_code == 200
        self.slowest = max(self.slowest, time.monotonic() - began)
        poison = self.sent[number]
        return client.post(self.daemon.hook, content=poison.body, headers=poison.headers).status_code

    def lines(self) -> list[int]:
        """Give the numbers of the good lines as the helpdesk has them."""
        return [int(number) for number in re.findall(r"<line (\d+)>", self.shown())]

    def shown(self) -> str:
        """Give all that is on tickets."""
        return "".join(line.text for ticket in self._desk.tickets() for line in self._desk.history(ticket))


def fate_of(became: Became) -> Fate | None:
    """Name what became of a body; None where it is nothing that should."""
    match became.status, became.state, bool(became.reason):
        case 400, "quarantined", True:
            return "refused"
        case 200, "quarantined", True:
            return "unreadable"
        case 200, "done", False:
            return "read"
        case _:
            return None


def wrongs(sent: Sequence[Poison], became: Sequence[Became]) -> dict[str, Became]:
    """Give the bodies that had another fate than they should or were kept otherwise than they came."""
    pairs = zip(sent, became, strict=True)
    return {poison.name: one for poison, one in pairs if fate_of(one) != poison.fate or one.kept != poison.body}


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Poisoned]:
    chat = {"BRIDGE_CHAT": "chatra", "CHATRA_PUBLIC_KEY": "p", "CHATRA_SECRET_KEY": "s"}
    chat["CHATRA_API_URL"] = f"http://127.0.0.1:{free_port()}/api"
    with StandInDesk() as desk:
        settings = {**chat, "BRIDGE_HELPDESK": "request_tracker", "RT_URL": desk.url, "RT_TOKEN": desk.token}
        with DaemonProcess(tmp_path_factory.mktemp("poison"), {**settings, "RT_QUEUE": "Support"}) as daemon:
            made = Poisoned(daemon, desk)
            made.send()
            yield made


def test_every_body_is_kept_as_it_came_and_has_its_fate_and_the_lines_between_flow(poisoned: Poisoned) -> None:
    counts = Counter(poison.fate for poison in poisoned.sent)
    print(f"\n{len(poisoned.sent)} bodies: {dict(counts)}; good lines between them: {len(poisoned.lines())}")
    print(f"the slowest answer to a good line: {poisoned.slowest * 1000:.0f} ms")
    assert poisoned.slowest < LONGEST_SECONDS
    assert len(poisoned.sent) >= 60
    assert wrongs(poisoned.sent, poisoned.became) == {}
    assert poisoned.lines() == list(range(len(poisoned.sent)))
    assert poisoned.daemon.process is not None
    assert poisoned.daemon.process.poll() is None
    assert httpx.get(f"{poisoned.daemon.url}/healthz").status_code == 200


def test_half_an_emoji_is_on_its_ticket_as_the_replacement_character(poisoned: Poisoned) -> None:
    for text in ("\ncut \ufffd", "\n\ufffd cut", "\n\ufffd\ufffd", "\nNaN \U0001f600\ufffd"):
        assert text in poisoned.shown()


def test_each_body_has_at_most_one_line_in_the_log(poisoned: Poisoned) -> None:
    lines = poisoned.daemon.log.read_text().splitlines()
    told = Counter(re.findall(r"event (\d+) is in quarantine", "\n".join(lines)))
    print(f"\n{len(lines)} lines in the log, {told.total()} of them of bodies in quarantine")
    assert set(told.values()) == {1}
    assert len(lines) <= len(poisoned.sent)
    assert not [line for line in lines if "Traceback" in line or "poison" in line or "bug" in line]


def test_the_control_a_body_counted_as_another_kind_or_kept_otherwise_is_found(poisoned: Poisoned) -> None:
    first, *others = poisoned.sent
    assert list(wrongs([first._replace(fate="read"), *others], poisoned.became)) == [first.name]
    assert list(wrongs([first._replace(body=first.body + b" "), *others], poisoned.became)) == [first.name]
    failed = poisoned.became[0]._replace(status=500)
    assert list(wrongs(poisoned.sent, [failed, *poisoned.became[1:]])) == [first.name]
