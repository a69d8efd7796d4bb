"""What is a silence and what is a night, a weekend, a holiday or a shop that is not often visited."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from syncd.core.silence import HOUR, Hour, is_silent

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
"""The first after four whole weeks."""
Opens = Callable[[datetime], bool]


def always(_: datetime) -> bool:
    return True


def office(at: datetime) -> bool:
    return at.weekday() < 5 and 8 <= at.hour < 18


def mornings(at: datetime) -> bool:
    return at.hour == 9


def heard(opens: Opens, until: datetime, weeks: float = 4, without: Sequence[datetime] = ()) -> list[Hour]:
    """Let something come at the 5th and the 55th minute of each hour in which a shop is open."""
    begin = MONDAY - timedelta(weeks=weeks)
    hours = [begin + timedelta(hours=number) for number in range(int((until - begin) / timedelta(hours=1)))]
    days = {day.date() for day in without}
    open_ = [at for at in hours if opens(at) and at.date() not in days]
    return [Hour(int(at.timestamp()), at.timestamp() + 300, at.timestamp() + 3300) for at in open_]


def on(days: float, hour: float = 0.0) -> datetime:
    return MONDAY + timedelta(days=days, hours=hour)


@pytest.mark.parametrize(
    ("opens", "stopped", "looked", "silent"),
    [
        pytest.param(always, on(0, 12), on(0, 13.9), False, id="always: just under two hours"),
        pytest.param(always, on(0, 12), on(0, 14.1), True, id="always: two hours"),
        pytest.param(office, on(1, 11), on(1, 12.5), False, id="office: an hour and a half"),
        pytest.param(office, on(1, 11), on(1, 13.1), True, id="office: two hours"),
        pytest.param(office, on(1, 18), on(2, 7.9), False, id="office: a night"),
        pytest.param(office, on(1, 18), on(2, 9.5), False, id="office: a morning that begins late"),
        pytest.param(office, on(1, 18), on(2, 10.1), True, id="office: a morning on which nobody comes"),
        pytest.param(office, on(4, 18), on(7, 7.9), False, id="office: a weekend"),
        pytest.param(office, on(4, 18), on(7, 10.1), True, id="office: a Monday on which nobody comes"),
        pytest.param(office, on(4, 18), on(70, 7.9), True, id="office: ten weeks"),
        pytest.param(mornings, on(1, 10), on(2, 8.9), False, id="once a day: until the next time"),
        pytest.param(mornings, on(1, 10), on(3, 8.9), False, id="once a day: missed once"),
        pytest.param(mornings, on(1, 10), on(4, 10.1), True, id="once a day: missed three times"),
    ],
)
def test_what_is_quiet_for_twice_as_long_as_is_usual_at_such_hours_is_silent(
    opens: Opens, stopped: datetime, looked: datetime, *, silent: bool
) -> None:
    assert is_silent(heard(opens, stopped), looked.timestamp()) == silent


def test_an_office_is_never_silent_on_any_minute_of_its_nights_and_weekends() -> None:
    for minute in range(0, 7 * 24 * 60, 10):
        now = on(0, minute / 60)
        assert not is_silent(heard(office, now), now.timestamp()), now


@pytest.mark.parametrize(("weeks", "silent"), [(0.5, False), (1.9, False), (2, True), (9, True)])
def test_nothing_is_usual_before_two_weeks(weeks: float, *, silent: bool) -> None:
    assert is_silent(heard(always, on(0), weeks), on(1).timestamp()) == silent


def test_nothing_is_usual_where_hardly_anything_ever_came() -> None:
    rarely = heard(lambda at: at.weekday() == 2 and at.hour in {9, 14, 15, 17}, on(0))
    assert len(rarely) == 16
    assert not is_silent(rarely, on(30).timestamp())
    assert not is_silent([], on(0).timestamp())


def test_one_holiday_or_outage_makes_no_later_silence_usual() -> None:
    holiday = on(-13)
    assert office(holiday + timedelta(hours=9))
    assert is_silent(heard(office, on(1, 11), without=[holiday]), on(1, 13.8).timestamp())


def test_a_silence_ends_only_when_something_comes() -> None:
    hours = heard(office, on(1, 11))
    later = [on(1, 13.1) + timedelta(hours=7 * number) for number in range(400)]
    assert all(is_silent(hours, now.timestamp()) for now in later)
    again = [*hours, Hour(int(later[-1].timestamp()) // HOUR * HOUR, later[-1].timestamp(), later[-1].timestamp())]
    assert not is_silent(again, later[-1].timestamp() + 60)


@pytest.mark.parametrize("a_day", [4, 20, 100])
def test_visitors_who_come_by_chance_are_hardly_ever_a_silence(a_day: int) -> None:
    chance, at, end = random.Random(1), on(-28).timestamp(), on(364).timestamp()
    hours: list[Hour] = []
    alarms = 0
    while at < end:
        if hours and at > on(0).timestamp():
            alarms += is_silent(hours[-4 * 168 :], at)
        begins = int(at) // HOUR * HOUR
        if hours and hours[-1].begins == begins:
            hours[-1] = hours[-1]._replace(last_at=at)
        else:
            hours.append(Hour(begins, at, at))
        at += chance.expovariate(a_day / 86400)
    print(f"\n{alarms} false alarm(s) in a year with {a_day} visitors a day")
    assert alarms <= 3
