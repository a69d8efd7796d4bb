"""How an end is: a value of few states, logged once at each change."""

from __future__ import annotations

import random

from loguru import logger

from syncd import clock
from syncd.contract.errors import AuthError, ConnectorError, RateLimitedError
from syncd.contract.model import BridgeName, End
from syncd.core import retry
from syncd.engine.account import Account
from syncd.engine.storage import Storage
from syncd.store import ends
from syncd.store.ends import EndState

FAILURES_TO_DOWN = 3


class Health:
    """One end's state. While it is not `ok` its lanes wait and one call at a time probes it."""

    def __init__(self, bridge: BridgeName, end: End, storage: Storage, account: Account) -> None:
        self.account = account
        self._where = (bridge, end)
        self._storage = storage
        self._failures = 0
        self._open_at = 0.0
        self.state: EndState = "unknown"
        self.reason = ""

    @property
    def wait(self) -> float:
        """Seconds for which no call is to be made."""
        return max(0.0, self._open_at - clock.monotonic(), self.account.wait)

    @property
    def is_probing(self) -> bool:
        """Whether only one call at a time is to be made."""
        return self.state in {"down", "refused"}

    async def succeeded(self) -> None:
        """Note that the end answered as it should."""
        self._failures = 0
        self._open_at = 0.0
        await self._become("ok", "")

    async def failed(self, error: ConnectorError) -> None:
        """Note that a call failed: the end goes down by what the error says of it, or by failing often in a row.

        A rate limit is the account's: how long it lasts is kept with the account's calls.
        """
        if isinstance(error, RateLimitedError):
            await self._become("limited", f"{error}: no call for {error.retry_after:.0f} s")
            return
        if isinstance(error, AuthError):
            self._open_at = clock.monotonic() + retry.AUTH_PROBE_SECONDS
            await self._become("refused", str(error))
            return
        if self._open_at > clock.monotonic():
            # Calls that were under way together fail together: that is one failure.
            return
        self._failures += 1
        if retry.is_end_down(error) or self._failures >= FAILURES_TO_DOWN:
            self._open_at = clock.monotonic() + min(30.0, retry.backoff(self._failures - 1, random.random()))  # noqa: S311  (jitter)
            await self._become("down", str(error))

    async def _become(self, state: EndState, reason: str) -> None:
        if state == self.state:
            return
        self.state, self.reason = state, reason
        bridge, end = self._where
        if state == "ok":
            logger.info("bridge {}: {} answers", bridge, end)
        else:
            logger.error("bridge {}: {} is {}: {}", bridge, end, state, reason)
        now = clock.now()
        await self._storage.insist(lambda connection: ends.set_state(connection, bridge, end, state, reason, now))
