"""What syncd writes to Request Tracker: texts, requesters and queries, all pure.

Vendor pages: https://docs.bestpractical.com/rt/5.0.3/RT/REST2.html (bodies),
https://docs.bestpractical.com/rt/5.0.3/RT/Ticket.html (`SquelchMailTo` of Create),
https://docs.bestpractical.com/rt/5.0.3/query_builder.html (the query language).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable

from syncd.contract.model import DeliveryKey, TicketDraft, Visitor

LONGEST_SUBJECT = 200
LONGEST_NAME = 100
LONGEST_ADDRESS = 120

_DESTROYED = re.compile(
    "[\0\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17))
    + "]"
)
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@){_ATEXT}(?:\.{_ATEXT})*@(?:{_LABEL}\.)+{_LABEL}")
_PLAIN_ID = re.compile(r"[a-z0-9_-]{1,48}")


def write_text(text: str) -> str:
    """Give `text` as Request Tracker can keep it: what its databases refuse is U+FFFD, and a bare "0" has a newline.

    Perl takes "0" for false, and REST2 then stores nothing at all.
    """
    kept = _DESTROYED.sub("\ufffd", text)
    return "0\n" if kept == "0" else kept


def write_line(text: str, longest: int) -> str:
    """Give `text` as one line of at most `longest` characters, without control characters."""
    printable = "".join(char if char.isprintable() else " " for char in write_text(text))
    return " ".join(printable.split())[:longest].rstrip()


def marker(key: DeliveryKey) -> str:
    """Give the parameter of the Content-Type that carries `key`."""
    return f'syncd-key="{key}"'


def write_content(text: str, key: DeliveryKey) -> dict[str, str]:
    """Write the part of a body that holds a plain text and its key."""
    return {"Content": write_text(text), "ContentType": f"text/plain; {marker(key)}"}


def write_address(visitor: Visitor, made_up_domain: str) -> str:
    """Give the visitor's address, or one under `made_up_domain` that belongs to this visitor's id alone.

    RT compares addresses without case, so an id with capitals is hashed; "." keeps hashes apart from plain ids.
    """
    email = visitor.email.strip()
    if len(email) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(email) and not email.lower().endswith(".invalid"):
        return email
    if _PLAIN_ID.fullmatch(visitor.id):
        return f"visitor-{visitor.id}@{made_up_domain}"
    digest = hashlib.sha256(visitor.id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"visitor.{digest[:40]}@{made_up_domain}"


def write_requester(visitor: Visitor, address: str) -> str:
    """Write `"Name" <address>`: whatever the visitor is called, it stays one name of one address."""
    name = write_line(re.sub(r'["\\<>]', " ", visitor.name), LONGEST_NAME) or "Visitor"
    return f'"{name}" <{address}>'


def write_ticket(
    draft: TicketDraft, key: DeliveryKey, queue: str, field: str, made_up_domain: str
) -> dict[str, object]:
    """Write the body of `POST /ticket`. A draft without text gets a blank line, so that its key has a message."""
    address = write_address(draft.requester, made_up_domain)
    return {
        "Queue": draft.queue or queue,
        "Subject": write_line(draft.subject, LONGEST_SUBJECT),
        "Requestor": write_requester(draft.requester, address),
        "SquelchMailTo": address,
        "CustomFields": {field: key},
        **({} if draft.priority is None else {"Priority": draft.priority}),
        **write_content(draft.text or "\n", key),
    }


def quoted(value: str) -> str:
    """Quote a value for TicketSQL and TransactionSQL."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def write_parts_query(transactions: Iterable[str], *limits: tuple[str, str, object]) -> str:
    """Write a JSON query for the attachments of `transactions` within `limits` of (field, operator, value)."""
    named = ("TransactionId", "IN", sorted(transactions))
    return json.dumps([{"field": field, "operator": how, "value": value} for field, how, value in (named, *limits)])
