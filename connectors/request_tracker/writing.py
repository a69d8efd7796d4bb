"""What syncd writes to Request Tracker: texts, requesters and queries, all pure.

Vendor pages: https://docs.bestpractical.com/rt/5.0.3/RT/REST2.html (bodies),
https://docs.bestpractical.com/rt/5.0.3/RT/Ticket.html (`SquelchMailTo` of Create),
https://docs.bestpractical.com/rt/5.0.3/query_builder.html (the query language).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable

from connectors.request_tracker.settings import RequestTrackerSettings
from syncd.contract.deliveries import Upload
from syncd.contract.model import DeliveryKey, TicketDraft, Visitor

LONGEST_SUBJECT = 200
LONGEST_NAME = 100
LONGEST_ADDRESS = 120
REWRITTEN = frozenset({"text/plain", "text/html", "message/rfc822"})

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
    kept = write_value(text)
    return "0\n" if kept == "0" else kept


def write_value(text: str) -> str:
    """Give `text` as a custom field can keep it: what RT's databases refuse is U+FFFD."""
    return _DESTROYED.sub("\ufffd", text)


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


def write_file(file: Upload) -> dict[str, str]:
    """Write one of a comment's attachments.

    REST2 takes a name for the bytes of a header, and fails on a character that is none. And a "0" is no name to Perl.
    What RT knows as text it would write anew, in UTF-8.
    """
    name = "0_" if file.name == "0" else write_text(file.name)
    return {
        "FileName": name.encode().decode("latin-1"),
        "FileType": "application/octet-stream" if file.kind in REWRITTEN else file.kind,
        "FileContent": base64.b64encode(file.content).decode(),
    }


def write_address(visitor: Visitor, made_up_domain: str) -> str:
    """Give the visitor's address, or one under `made_up_domain` that belongs to this visitor's id alone.

    RT compares addresses without case, so an id with capitals is hashed; "." keeps hashes apart from plain ids.
    """
    email = visitor.email.strip()
    if len(email) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(email) and not is_made_up(email):
        return email
    if _PLAIN_ID.fullmatch(visitor.id):
        return f"visitor-{visitor.id}@{made_up_domain}"
    digest = hashlib.sha256(visitor.id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"visitor.{digest[:40]}@{made_up_domain}"


def write_name(visitor: Visitor) -> str:
    """Write a person's name, "Visitor" where there is none."""
    return write_line(re.sub(r'["\\<>]', " ", visitor.name), LONGEST_NAME) or "Visitor"


def is_made_up(address: str) -> bool:
    """Say whether an address is none: whoever made it up, no mail server can deliver to it."""
    return address.lower().endswith(".invalid")


def write_requester(visitor: Visitor, address: str) -> str:
    """Write `"Name" <address>`: whatever the visitor is called, it stays one name of one address."""
    return f'"{write_name(visitor)}" <{address}>'


def write_ticket(draft: TicketDraft, key: DeliveryKey, names: RequestTrackerSettings) -> dict[str, object]:
    """Write the body of `POST /ticket`. A draft without text gets a blank line, so that its key has a message.

    RT opens the ticket without the tags and links that it refuses.
    """
    address = write_address(draft.requester, names.visitor_domain)
    tags = {names.tag_field: list(draft.tags)} if draft.tags else {}
    return {
        "Queue": draft.queue or names.queue,
        "Subject": write_line(draft.subject, LONGEST_SUBJECT),
        "Requestor": write_requester(draft.requester, address),
        "SquelchMailTo": address,
        "CustomFields": {**{name: write_value(value) for name, value in draft.fields}, **tags, names.ticket_field: key},
        **({"RefersTo": draft.follows} if draft.follows else {}),
        **({} if draft.priority is None else {"Priority": draft.priority}),
        **write_content(draft.text or "\n", key),
    }


def quoted(value: str) -> str:
    """Quote a value for TicketSQL and TransactionSQL."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


Limit = tuple[str, str, object]
"""Field, operator and value of a JSON query."""


def write_parts_query(transactions: Iterable[str], *limits: Limit) -> str:
    """Write a JSON query for the attachments of `transactions` within `limits`."""
    named = ("TransactionId", "IN", sorted(transactions))
    return json.dumps([{"field": field, "operator": how, "value": value} for field, how, value in (named, *limits)])
