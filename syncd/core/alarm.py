"""What is wrong enough to be told to somebody who is not looking, and when it is told.

An alarm holds or it does not. The receiver is told once that it has begun and once that it is over; one that is over
before anybody could be told is not told at all. The same alarm is told at most every `AGAIN_SECONDS`, so that what
comes and goes does not become a flood.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

What = Literal["silence", "lag", "parked", "refused"]
Key = tuple[str, str, str]

SHOWN_BY_FIGURES = frozenset({"parked", "refused"})
"""What people see wherever an end is shown, and in the log where it happens; the rest is shown in its sentence."""

AGAIN_SECONDS = 900.0
_OVER: Mapping[str, str] = {
    "silence": "webhooks come from the {end} again",
    "lag": "nothing waits for the {end} for too long any more",
    "parked": "nothing is parked on the way to the {end} any more",
    "refused": "the {end} takes our key again",
}


class Seen(NamedTuple):
    """How one end is. Times in seconds since 1970 UTC.

    `state` holds since `state_since`, the oldest delivery waits since `oldest_at`. `is_silent`: no webhook has come
    for too long, the last at `heard_at`; `other_at` is when anything last came from the bridge's other end.
    """

    bridge: str
    end: str
    state: str
    state_since: float | None
    parked: int
    oldest_at: float | None
    is_paused: bool = False
    is_silent: bool = False
    heard_at: float | None = None
    other_at: float | None = None


class Alarm(NamedTuple):
    """Something that is wrong, in one sentence with the way out: without anybody's words, address or secret."""

    bridge: str
    end: str
    what: What
    text: str

    @property
    def key(self) -> Key:
        """Give what makes it the same alarm as another."""
        return (self.bridge, self.end, self.what)


class Standing(NamedTuple):
    """An alarm that is remembered. Times in seconds since 1970 UTC.

    It holds since `since`, None where it does not; the receiver believes that it holds since `told_since`, None where
    it believes that all is well, and was last told that it has begun at `told_at`.
    """

    bridge: str
    end: str
    what: str
    since: float | None
    text: str
    told_since: float | None = None
    told_at: float = 0.0

    @property
    def key(self) -> Key:
        """Give what makes it the same alarm as another."""
        return (self.bridge, self.end, self.what)


class Message(NamedTuple):
    """What the receiver is told. `since`: when the alarm began, in seconds since 1970 UTC."""

    what: str
    bridge: str
    end: str
    state: Literal["begun", "over"]
    since: float
    text: str


def alarms(seen: Seen, standing: Collection[Key], lag_seconds: float, now: float) -> Iterator[Alarm]:
    """Give what is wrong at an end. `standing` are the alarms that held at the last look."""

    def stands(what: What) -> bool:
        return (seen.bridge, seen.end, what) in standing

    def alarm(what: What, words: str) -> Alarm:
        return Alarm(seen.bridge, seen.end, what, words)

    # Only an answer shows that a key is taken: an end that cannot be reached shows nothing.
    if seen.state == "refused" or (stands("refused") and seen.state != "ok"):
        way_out = "put a valid one into the bridge's settings; `syncd status` tells more"
        yield alarm("refused", f"the {seen.end} refuses our key since {_time(seen.state_since or now)}: {way_out}")
    # One cause is one message: behind a refused key everything waits.
    if (stands("lag") or seen.state != "refused") and (late := _late(seen, now - lag_seconds)):
        yield alarm("lag", late)
    if seen.parked:
        way_out = "`syncd failed list` names what was given up, `syncd failed retry` or `drop` settles it"
        yield alarm("parked", f"{seen.parked} parked on the way to the {seen.end}: {way_out}")
    if seen.is_silent and seen.heard_at is not None:
        yield alarm("silence", _silence(seen, seen.heard_at))


def _late(seen: Seen, before: float) -> str:
    if seen.oldest_at is not None and seen.oldest_at < before:
        told = f"a delivery to the {seen.end} waits since {_time(seen.oldest_at)}"
        if seen.is_paused:
            return f"{told}: the bridge is paused, `syncd resume --bridge {seen.bridge}` lets it deliver"
        return f"{told}: `syncd status` tells how the {seen.end} is"
    if seen.state in {"down", "limited"} and seen.state_since is not None and seen.state_since < before:
        return f"the {seen.end} answers no call since {_time(seen.state_since)}: `syncd status` tells why"
    return ""


def _silence(seen: Seen, heard_at: float) -> str:
    other = "helpdesk" if seen.end == "chat" else "chat"
    told = f"no webhook has come from the {seen.end} since {_time(heard_at)}, more than twice as long as is usual"
    way_out = "look whether it still sends them, `syncd check` prints the URL"
    meanwhile = f"; the {other} was last heard at {_time(seen.other_at)}" if seen.other_at is not None else ""
    return f"{told}: {way_out}{meanwhile}"


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def look(standing: Sequence[Standing], found: Iterable[Alarm], now: float) -> list[Standing]:
    """Give what is to be remembered from now on: of what does not hold any more only what is of use still."""
    holds = {alarm.key: alarm for alarm in found}
    kept = [_still(one, holds.pop(one.key, None), now) for one in standing]
    begun = [Standing(*alarm.key, now, alarm.text) for alarm in holds.values()]
    return [
        one for one in [*kept, *begun] if one.since is not None or one.told_since is not None or _is_fresh(one, now)
    ]


def _still(one: Standing, alarm: Alarm | None, now: float) -> Standing:
    if alarm is None:
        return one._replace(since=None)
    return one._replace(since=now if one.since is None else one.since, text=alarm.text)


def _is_fresh(one: Standing, now: float) -> bool:
    return abs(now - one.told_at) < AGAIN_SECONDS


def message(one: Standing, now: float) -> Message | None:
    """Give what the receiver is to be told now, None where it knows all, or was told of the same just before."""
    if one.since is not None and one.told_since is None and not _is_fresh(one, now):
        return Message(one.what, one.bridge, one.end, "begun", one.since, f"bridge {one.bridge}: {one.text}")
    if one.since is None and one.told_since is not None:
        text = f"bridge {one.bridge}: {over(one)}"
        return Message(one.what, one.bridge, one.end, "over", one.told_since, text)
    return None


def over(one: Standing) -> str:
    """Say that an alarm is over."""
    return f"over: {_OVER.get(one.what, 'it holds no longer').format(end=one.end)}"


def told(one: Standing, now: float) -> Standing:
    """Note that the receiver was told what `message` gave."""
    return one._replace(told_since=one.since, told_at=now if one.since is not None else one.told_at)
