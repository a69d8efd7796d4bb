"""Errors named by what happens next.

ConfigError                        start-up stops, exit 78
TryLaterError                      start-up or a command stops, exit 75: time or somebody else mends it
ConnectorError
├── RetryableError(certain)        the same delivery again; not certain → in doubt
│   ├── UnavailableError           the whole end waits and is probed
│   └── RateLimitedError           the whole end waits for `retry_after`
├── AuthError                      the end is paused and probed slowly, its lanes wait
├── RejectedError                  this delivery parks, the lane goes on (unless it was OpenTicket)
│   └── MissingTargetError         a comment to a vanished ticket becomes a new ticket, once
└── PayloadError                   this event is quarantined with its body

A message names the thing, the place and the way out. It never holds a secret or a visitor's words.
"""

from __future__ import annotations

from collections.abc import Sequence


class ConfigError(Exception):
    """The configuration is wrong. `problems` has one line each: file, variable, what to write instead."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class TryLaterError(Exception):
    """It cannot be done now and can be later, with nothing changed in the configuration."""


class ConnectorError(Exception):
    """An end did not do what it was asked."""


class RetryableError(ConnectorError):
    """May work later. `certain` is True where the call had no effect for sure.

    `retry_after`: the end asked to wait so many seconds before any further call; 0 where it did not say.
    """

    def __init__(self, message: str, *, certain: bool, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.certain = certain
        self.retry_after = retry_after


class UnavailableError(RetryableError):
    """The end cannot be reached or is down for everybody."""


class RateLimitedError(RetryableError):
    """The end asks to wait `retry_after` seconds before any further call; the call had no effect."""

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message, certain=True, retry_after=retry_after)


class AuthError(ConnectorError):
    """The end refuses the key, or a webhook is not signed as it should be."""


class RejectedError(ConnectorError):
    """The end understood the call and will never take it.

    `of_text`: it may be some characters of the text that it does not take.
    """

    def __init__(self, message: str, *, of_text: bool = False) -> None:
        super().__init__(message)
        self.of_text = of_text


class MissingTargetError(RejectedError):
    """What the call was for (a ticket, a conversation) is not there any more."""


class PayloadError(ConnectorError):
    """What came from the end cannot be read. After a call with an effect, the effect may have happened."""
