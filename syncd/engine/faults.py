"""How a fault of the program is put into the log: where it happened, never what it was about."""

from __future__ import annotations

import traceback
from pathlib import Path


def frames(fault: BaseException) -> str:
    """Give an exception's type and its last frames. Its words may be a visitor's, so they are left out."""
    last = traceback.extract_tb(fault.__traceback__)[-4:]
    places = [f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in last]
    return f"{type(fault).__name__} at {' > '.join(places)}"
