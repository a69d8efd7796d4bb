"""How things are, in words for people."""

from __future__ import annotations

import re
from collections.abc import Mapping

from syncd.store.trace import Moment

UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
STATES: Mapping[str, str] = {
    "ok": "answers",
    "unknown": "was not asked yet",
    "down": "cannot be reached",
    "refused": "refuses our key",
    "limited": "wants no calls for now",
}


def in_words(seconds: float) -> str:
    """Give a duration in its largest unit, rounded down: `47 s`, `3 min`, `2 h`."""
    whole = max(0, int(seconds))
    for size, unit in UNITS:
        if whole >= size:
            return f"{whole // size} {unit}"
    return "0 s"


def vendor(connector: object) -> str:
    """Give the name of a connector's class as people write it: `Request Tracker`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(connector).__name__)


def kind(name: str) -> str:
    """Give the kind of a delivery as people read it: `post message`."""
    return name.replace("_", " ")


def tone(moment: Moment) -> str:
    """Say what a moment of a trace is: `done` where something arrived, `stuck` where it did not, else nothing."""
    if ", there it is " in moment.what or moment.what.endswith(" sent"):
        return "done"
    return "stuck" if re.search(r" parked\b| dropped\b| in_doubt\b", moment.what) else ""
