"""Templates of ops' that fail on somebody's data, in the log."""

from __future__ import annotations

from collections.abc import Callable

from loguru import logger

from syncd.contract.model import BridgeName


def telling(bridge: BridgeName) -> Callable[[str, Exception], None]:
    """Give what logs that a template of ops' fails, once for each: on whose data is nobody's business."""
    told: set[str] = set()

    def tell(name: str, failure: Exception) -> None:
        if name not in told:
            told.add(name)
            what = (bridge, name, type(failure).__name__)
            logger.warning("bridge {}: the template {} fails on some data ({}): what is shipped is said", *what)

    return tell
