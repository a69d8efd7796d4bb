"""An account at a vendor, which several bridges may share: its quota, and what it was told to wait."""

from __future__ import annotations

from sqlalchemy import Connection

from syncd import clock
from syncd.contract.errors import RateLimitedError
from syncd.contract.model import End
from syncd.contract.ports import Polls
from syncd.core import quota
from syncd.engine.bridge import Bridge
from syncd.store import ends
from syncd.store.ends import Calls


class Account:
    """What an account was last told to wait: known here at once, and on disk soon after for the next start."""

    def __init__(self) -> None:
        self._until = 0.0

    @property
    def wait(self) -> float:
        """Seconds for which no call is to be begun."""
        return max(0.0, self._until - clock.monotonic())

    def admit(self) -> None:
        """Look once more before a call: others may have been told to wait since it was decided on.

        Raises RateLimitedError.
        """
        if (wait := self.wait) > 0:
            raise RateLimitedError("another call was told to wait", retry_after=wait)

    def hold(self, seconds: float) -> None:
        """Begin no call for so long."""
        self._until = max(self._until, clock.monotonic() + seconds)


def take_call(
    connection: Connection, bridge: Bridge, end: End, now: float, *, is_poll: bool, spares: bool = False
) -> float:
    """Take one call from the account's quota; give the seconds to wait where there is none.

    Whether the vendor wants no call at all for a while is asked of the `Account`. Where calls are scarce, replies to
    visitors come first: at the helpdesk polls bring them, the chat is given them. `spares` is for what is none of them.
    """
    connector = bridge.connector(end)
    if connector.quota is None:
        return 0.0
    calls = ends.calls_of(connection, account_of(bridge, end))
    is_for_replies = (is_poll == (end == "helpdesk") or not isinstance(connector, Polls)) and not spares
    allowed = connector.quota if is_for_replies else quota.spared(connector.quota)
    times = quota.recent(calls.times, connector.quota, now)
    wait = quota.wait(times, allowed, now)
    if wait <= 0:
        ends.set_calls(connection, account_of(bridge, end), Calls((*times, now), calls.blocked_until))
    return wait


def account_of(bridge: Bridge, end: End) -> str:
    """Name the account that an end's calls are counted on; bridges may share it."""
    connector = bridge.connector(end)
    return f"{type(connector).__name__} {connector.account}"
