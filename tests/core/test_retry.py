"""What a failed call leads to."""

import pytest

from syncd.contract.errors import (
    AuthError,
    ConnectorError,
    MissingTargetError,
    PayloadError,
    RateLimitedError,
    RejectedError,
    RetryableError,
    UnavailableError,
)
from syncd.contract.model import End, Quota
from syncd.core import quota, retry
from syncd.core.retry import Decision, Failure

DOUBT = 600.0


def decided(error: ConnectorError, *, end: End = "chat", attempts: int = 0, age: float = 0, **flags: bool) -> Decision:
    return retry.decide(Failure(error, end, attempts, age, jitter=1.0, **flags), DOUBT)


@pytest.mark.parametrize(
    ("error", "deed"),
    [
        (RetryableError("x", certain=True), "again"),
        (UnavailableError("x", certain=True), "again"),
        (RateLimitedError("x", retry_after=12), "again"),
        (AuthError("x"), "again"),
        (RetryableError("x", certain=False), "doubt"),
        (UnavailableError("x", certain=False), "doubt"),
        (PayloadError("x"), "doubt"),
        (RejectedError("x"), "park"),
        (MissingTargetError("x"), "park"),
    ],
)
def test_each_error_has_its_deed(error: ConnectorError, deed: str) -> None:
    assert decided(error).deed == deed


def test_a_vanished_ticket_is_replaced_where_that_is_possible() -> None:
    assert decided(MissingTargetError("x"), replaceable=True).deed == "replace"


def test_a_file_waits_for_the_ticket_that_takes_the_place_of_a_vanished_one() -> None:
    day = 86400.0
    assert decided(MissingTargetError("x"), end="helpdesk", attaches=True, age=2 * day).deed == "again"
    assert decided(MissingTargetError("x"), end="helpdesk", attaches=True, age=4 * day).deed == "park"
    assert decided(RejectedError("x"), end="helpdesk", attaches=True).deed == "park"


def test_a_file_is_given_up_after_a_day_where_its_own_host_fails_and_later_where_the_helpdesk_does() -> None:
    away, day = RetryableError("x", certain=True), 86400.0
    assert decided(away, end="helpdesk", attaches=True, fetching=True, age=day).deed == "again"
    assert decided(away, end="helpdesk", attaches=True, fetching=True, age=day + 1).deed == "park"
    assert decided(away, end="helpdesk", attaches=True, age=2 * day).deed == "again"


def test_where_the_end_could_not_be_asked_the_doubt_stays_whatever_the_error() -> None:
    for error in (UnavailableError("x", certain=True), AuthError("x"), RateLimitedError("x", retry_after=9)):
        assert decided(error, looks=True, unknown=True, end="helpdesk").deed == "doubt"


def test_a_helpdesk_that_cannot_be_asked_gets_it_again() -> None:
    assert decided(RetryableError("x", certain=False), end="helpdesk").deed == "again"


def test_a_404_while_a_ticket_is_opened_is_somebody_elses_and_is_tried_again() -> None:
    assert decided(MissingTargetError("x"), end="helpdesk", opens=True).deed == "again"
    assert decided(RejectedError("x"), end="helpdesk", opens=True).deed == "park"


def test_words_that_an_end_may_not_take_are_spelled_once() -> None:
    refused = RejectedError("x", of_text=True)
    assert decided(refused, spellable=True).deed == "spell"
    assert decided(refused).deed == decided(RejectedError("x"), spellable=True).deed == "park"
    assert decided(MissingTargetError("x"), spellable=True).deed == "park"


def test_a_rate_limit_is_a_floor_under_the_backoff() -> None:
    assert decided(RateLimitedError("x", retry_after=12)).wait == 12
    assert decided(RateLimitedError("x", retry_after=1), attempts=6).wait == 64


def test_doubt_waits_for_the_echo_or_looks_soon() -> None:
    assert decided(RetryableError("x", certain=False)).wait == DOUBT
    assert decided(RetryableError("x", certain=False), looks=True).wait == retry.LOOK_AGAIN_SECONDS


@pytest.mark.parametrize(("end", "hours"), [("chat", 24), ("helpdesk", 72)])
def test_giving_up_is_by_age_never_by_count(end: End, hours: int) -> None:
    error = RetryableError("away", certain=True)
    assert decided(error, end=end, age=hours * 3600 - 1, attempts=100_000).deed == "again"
    given_up = decided(error, end=end, age=hours * 3600 + 1)
    assert (given_up.deed, given_up.reason) == ("park", f"given up after {hours} hours: away")


def test_backoff_doubles_to_five_minutes_and_half_of_it_is_random() -> None:
    assert [retry.backoff(n, 1.0) for n in range(4)] == [1, 2, 4, 8]
    assert retry.backoff(50, 1.0) == 300
    assert retry.backoff(50, 0.0) == 150


def test_sixty_calls_a_minute_and_never_more_in_any_minute() -> None:
    minute = Quota(60, 60.0)
    times: tuple[float, ...] = ()
    now = 1000.0
    made: list[float] = []
    while len(made) < 200:
        times = quota.recent(times, minute, now)
        wait = quota.wait(times, minute, now)
        if wait > 0:
            now += wait
            continue
        times = (*times, now)
        made.append(now)
    windows = [sum(start <= time < start + 60 for time in made) for start in made]
    assert max(windows) == 60
    assert made[199] - made[0] < 3 * 60.5 + 1


def test_a_clock_that_went_back_does_not_stall_the_quota() -> None:
    minute = Quota(1, 60.0)
    assert quota.wait(quota.recent((5000.0,), minute, 1400.0), minute, 1400.0) == 60.5
