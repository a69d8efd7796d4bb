"""The conversation as a visitor has it in front of them: a chat widget, made of what the Chatra stand-in holds.

What was said is shown as text, as it is, with its links; who said it and when are the chat's own words and times.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

SHOP = "Harbour Lights"
PRODUCT = "Anker table lamp"

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def visitor_page(messages: Sequence[dict[str, Any]], earlier: int = 0) -> str:
    """Write the page in HTML, without the first `earlier` messages, which are above in the widget."""
    shown = [_shown(message) for message in messages[earlier:]]
    for before, one in itertools.pairwise(shown):
        one["goes_on"] = (before["name"], before["time"]) == (one["name"], one["time"])
    day = f"{_at(messages[0]):%A, %-d %B %Y}" if messages else ""
    page = {"title": PRODUCT, "shop": SHOP, "about": PRODUCT, "earlier": earlier, "day": day}
    return _pages.get_template("visitor.html").render(page=page, messages=shown)


def _shown(message: dict[str, Any]) -> dict[str, Any]:
    file = message.get("file") or {}
    return {
        "side": "agent" if message["type"] == "agent" else "visitor",
        "name": message.get("agentName", "You"),
        "time": f"{_at(message):%H:%M}",
        "text": message["text"],
        "goes_on": False,
        "image": file["url"] if file.get("isImage") else "",
    }


def _at(message: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(message["createdAt"] / 1000, UTC)
