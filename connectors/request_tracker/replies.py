"""From a list of transactions to events: one round of calls, however many replies there are."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Sequence

from connectors.request_tracker import reading
from connectors.request_tracker.reading import Row, string
from connectors.request_tracker.rest import Rest
from connectors.request_tracker.writing import write_parts_query
from syncd.contract.errors import MissingTargetError
from syncd.contract.model import CommentAdded

BODIES = (("ContentType", "IN", ["text/plain", "text/html"]), ("Filename", "IS", "NULL"))
FILES = (("Filename", "IS NOT", "NULL"),)


async def read_replies(rest: Rest, rows: Sequence[Row]) -> tuple[CommentAdded, ...]:
    """Read bodies, files, requesters and roles of listed transactions; replies on a ticket that is gone are left out.

    Bodies are asked for apart from files, so that no file's content travels.
    """
    ids = [string(row, "id") for row in rows]
    tickets = sorted({string(row, "ObjectId") for row in rows})
    logins = sorted({reading.read_login(row) for row in rows})
    bodies, files, requesters, privileged = await gather(
        rest.every("attachments", write_parts_query(ids, *BODIES), "TransactionId,ContentType,Content"),
        rest.every("attachments", write_parts_query(ids, *FILES), "TransactionId,Filename,ContentLength"),
        gather(*(_requesters(rest, ticket) for ticket in tickets)),
        gather(*(_is_privileged(rest, login) for login in logins)),
    )
    asking = dict(zip(tickets, requesters, strict=True))
    staff = {login for login, yes in zip(logins, privileged, strict=True) if yes}
    events = []
    for row in rows:
        here = asking[string(row, "ObjectId")]
        if here is not None:
            author = reading.read_author(row, here, staff)
            events.append(reading.read_reply(row, author, _parts_of(row, bodies), _parts_of(row, files)))
    return tuple(events)


def _parts_of(row: Row, parts: Sequence[Row]) -> list[Row]:
    return [part for part in parts if string(part, "TransactionId") == string(row, "id")]


async def _requesters(rest: Rest, ticket: str) -> frozenset[str] | None:
    try:
        return reading.read_requesters(await rest.get("ticket", ticket))
    except MissingTargetError:
        return None


async def _is_privileged(rest: Rest, login: str) -> bool:
    try:
        return bool((await rest.get("user", login)).get("Privileged"))
    except MissingTargetError:
        return False
