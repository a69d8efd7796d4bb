"""What is wrong, and when it is told."""

from __future__ import annotations

import pytest

from syncd.core import alarm
from syncd.core.alarm import AGAIN_SECONDS, Alarm, Seen, Standing

NOW = 1_780_000_000.0
LAG = 900.0
WELL = Seen("shop", "chat", "ok", NOW - 5000, 0, None)
REFUSED = ("shop", "chat", "refused")


@pytest.mark.parametrize(
    ("seen", "standing", "found"),
    [
        (WELL, [], []),
        (WELL._replace(parked=2), [], ["parked"]),
        (WELL._replace(state="refused"), [], ["refused"]),
        (WELL._replace(state="refused", oldest_at=NOW - 901), [], ["refused"]),
        (WELL._replace(state="refused", oldest_at=NOW - 901), ["lag"], ["refused", "lag"]),
        (WELL._replace(state="down", state_since=NOW - 5), ["refused"], ["refused"]),
        (WELL, ["refused"], []),
        (WELL._replace(oldest_at=NOW - 899), [], []),
        (WELL._replace(oldest_at=NOW - 901), [], ["lag"]),
        (WELL._replace(state="down", state_since=NOW - 899), [], []),
        (WELL._replace(state="down", state_since=NOW - 901), [], ["lag"]),
        (WELL._replace(state="limited", state_since=NOW - 901), [], ["lag"]),
        (WELL._replace(state="unknown", state_since=None), [], []),
        (WELL._replace(is_silent=True, heard_at=NOW - 9999), [], ["silence"]),
    ],
)
def test_what_is_wrong_at_an_end(seen: Seen, standing: list[str], found: list[str]) -> None:
    held = [("shop", "chat", what) for what in standing]
    assert [one.what for one in alarm.alarms(seen, held, LAG, NOW)] == found


def test_a_silence_tells_when_the_other_end_was_heard() -> None:
    (one,) = alarm.alarms(WELL._replace(is_silent=True, heard_at=NOW - 9999, other_at=NOW - 60), [], LAG, NOW)
    assert one.text.startswith("no webhook has come from the chat since 2026-05-28 17:40 UTC")
    assert one.text.endswith("the helpdesk was last heard at 2026-05-28 20:25 UTC")


class Told:
    """Looks at what holds, and tells a receiver that is there or not."""

    def __init__(self) -> None:
        self.standing: list[Standing] = []
        self.states: list[str] = []

    def look(self, now: float, *, holds: bool, is_there: bool = True) -> None:
        found = [Alarm("shop", "chat", "refused", "the chat refuses our key")] if holds else []
        self.standing = alarm.look(self.standing, found, now)
        for place, one in enumerate(self.standing):
            message = alarm.message(one, now)
            if message is not None and is_there:
                self.states.append(message.state)
                self.standing[place] = alarm.told(one, now)


def test_it_is_told_once_that_it_begins_and_once_that_it_is_over() -> None:
    told = Told()
    for second in range(100):
        told.look(NOW + second, holds=20 <= second < 60)
    assert told.states == ["begun", "over"]
    assert told.standing[0].told_since is None


def test_what_is_over_before_anybody_could_be_told_is_not_told() -> None:
    told = Told()
    for second in range(100):
        told.look(NOW + second, holds=20 <= second < 60, is_there=second > 60)
    assert told.states == []
    assert told.standing == []


def test_what_begins_again_before_its_end_could_be_told_is_the_same_alarm() -> None:
    told = Told()
    for second in range(2000):
        told.look(NOW + second, holds=second not in range(1000, 1500), is_there=second not in range(1000, 1500))
    assert told.states == ["begun"]


def test_what_comes_and_goes_is_told_at_most_every_quarter_of_an_hour() -> None:
    told = Told()
    looks = range(0, 4 * 3600, 10)
    for second in looks:
        told.look(NOW + second, holds=second // 30 % 2 == 0)
    most = len(looks) * 10 / AGAIN_SECONDS
    assert told.states == ["begun", "over"] * (len(told.states) // 2)
    assert most / 2 <= len(told.states) / 2 <= most


def test_nothing_is_remembered_of_what_is_long_over() -> None:
    told = Told()
    told.look(NOW, holds=True)
    told.look(NOW + 1, holds=False)
    told.look(NOW + AGAIN_SECONDS + 1, holds=False)
    assert (told.standing, told.states) == ([], ["begun", "over"])


def test_every_alarm_that_is_over_is_said_to_be_so_without_its_words() -> None:
    for what in ("silence", "lag", "parked", "refused"):
        one = Standing("shop", "chat", what, None, "it is so", NOW, NOW)
        message = alarm.message(one, NOW + 1)
        assert message is not None
        assert message.text.startswith("bridge shop: over: ")
        assert "holds no longer" not in message.text
        assert message.since == NOW
