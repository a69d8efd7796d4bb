"""The life of a message, a conversation or a ticket: what `syncd trace` prints."""

from __future__ import annotations

from functools import partial
from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response

from syncd.pages.show import show
from syncd.store import trace
from syncd.store.database import Database

LONGEST_ID = 200


class Trace:
    """Shows what is known of an id, and asks for one."""

    def __init__(self, readers: Database) -> None:
        self._readers = readers

    async def answer(self, request: Request) -> Response:
        """Show the timeline of `?id=`, by days."""
        wanted = request.query_params.get("id", "").strip()[:LONGEST_ID]
        found = await self._readers.run(partial(trace.moments, wanted=wanted)) if wanted else []
        days = [(day, list(moments)) for day, moments in groupby(found, lambda moment: int(moment.at) // 86400 * 86400)]
        where = sorted({(moment.bridge, moment.conversation) for moment in found})
        return show(request, "trace.html", 404 if wanted and not found else 200, id=wanted, days=days, where=where)
