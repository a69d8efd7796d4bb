"""Keeping below an account's calls per minute, before the vendor has to say 429."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.contract.model import Quota

MARGIN_SECONDS = 0.5
"""Added to the window: a call may be slower on its way than the one a window later."""


def spared(quota: Quota) -> Quota:
    """Give what calls may use that bring no reply nearer to a visitor: a tenth of the quota stays for the others."""
    return Quota(max(1, quota.calls - max(1, quota.calls // 10)), quota.seconds)


def recent(times: Sequence[float], quota: Quota, now: float) -> tuple[float, ...]:
    """Give the calls that still count at `now`. Times ahead of the clock count as made just now."""
    opened = now - quota.seconds - MARGIN_SECONDS
    return tuple(min(time, now) for time in times if time > opened)[-quota.calls :]


def wait(times: Sequence[float], quota: Quota, now: float) -> float:
    """Give the seconds until one more call is allowed; `times` is what `recent` gave for this quota or a larger one."""
    if len(times) < quota.calls:
        return 0.0
    return times[len(times) - quota.calls] + quota.seconds + MARGIN_SECONDS - now
