"""Templates become answers."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache, partial

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from syncd.clock import iso
from syncd.pages.words import in_words, kind, tone

LINKS = (("/", "Bridges"), ("/parked", "Parked"), ("/trace", "Trace"))


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("syncd.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "time": iso,
        "clock": partial(written, form="%-d %b %H:%M:%S"),
        "day": partial(written, form="%-d %B %Y"),
        "moment": moment,
        "in_words": in_words,
        "kind": kind,
        "tone": tone,
    }
    return environment


def show(request: Request, template: str, status: int = 200, /, **values: object) -> Response:
    """Fill a template in for whoever asks."""
    may_leave = bool(request.session.get("in"))
    about = {"may_leave": may_leave, "path": request.url.path, "links": LINKS, "is_wrong": False}
    return HTMLResponse(_environment().get_template(template).render(about | values), status)


def written(seconds: float, form: str) -> str:
    """Give a time, UTC, as people read it."""
    return datetime.fromtimestamp(seconds, UTC).strftime(form)


def moment(seconds: float) -> str:
    """Give the time of day to the millisecond, UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[11:23]


def missing(request: Request) -> Response:
    """Say that there is no such thing, or not any more."""
    return show(request, "missing.html", 404)
