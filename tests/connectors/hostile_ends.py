"""Ends that take every request as their vendors would, and what each kind of request may look like.

A kind is a method and a path; nothing that people choose is in it but a quoted id. Whatever is not told here is wrong.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import getaddresses
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote

import httpx
from pydantic import SecretStr

from connectors.chatra import Chatra
from connectors.request_tracker import RequestTracker
from connectors.request_tracker.writing import write_text, write_value
from tests.connectors.hostile import FORMER, KEY, Hostile

CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]\\]+@[A-Za-z0-9.-]+")
QUERY = re.compile(r"(?:'[A-Za-z0-9:_-]+'|[A-Za-z0-9.{}() =<>!])*")
COLUMNS = re.compile(r"[A-Za-z,]*")
ALWAYS = {"host", "accept", "accept-encoding", "connection", "user-agent", "authorization"}
CHOSEN = {f"/api/{records}" for records in ("messages", "pushedMessages", "clients")}
"""Where an id is that people may choose."""
ANSWERED_TICKET = {
    "id": 7,
    "Status": "open",
    "Priority": "1",
    "CustomFields": [{"name": "Tags", "values": []}],
    "_hyperlinks": [{"ref": "self", "_url": "https://rt.example/REST/2.0/ticket/7"}],
}
ANSWERED_ROW = {"id": "5", "ObjectId": "7", "Created": "2026-03-01T10:00:00Z"}
Body = Any
Judge = Callable[[Body, Hostile], None]


@dataclass(frozen=True, slots=True)
class EndKinds:
    """How to make a connector, how its end answers, and its kinds of requests with what their bodies must be.

    `headers` are those beside what every request has and its length: the whole value, by kind.
    """

    settings: object
    answer: Callable[[httpx.Request], httpx.Response]
    kinds: Mapping[str, Judge]
    headers: Mapping[str, Mapping[str, str]]
    authorization: str = ""


def kind_of(request: httpx.Request, h: Hostile) -> str:
    """Name a request's kind: an id that people may choose is `ID` where it is quoted as it must be."""
    path = request.url.raw_path.decode().partition("?")[0]
    start, _, last = path.rpartition("/")
    is_chosen = last == quote(h.id, safe="") and start in CHOSEN
    version = " of a version" if "if-match" in request.headers else ""
    return f"{request.method} {start}/{'ID' if is_chosen else last}{version}"


def body_of(request: httpx.Request) -> Body:
    """Read what a request says: its JSON, its form, or what its URL asks for."""
    match request.headers.get("content-type"):
        case None:
            return dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))
        case "application/json":
            return json.loads(request.content)
        case _:
            return parse_qs(request.content.decode(), keep_blank_values=True, strict_parsing=True)


def must_be_plain(request: httpx.Request, end: EndKinds, h: Hostile) -> str:
    """Check a request all over, and give its kind."""
    kind = kind_of(request, h)
    assert kind in end.kinds, f"no entry for {kind}"
    with_body = {} if request.method in {"GET", "DELETE"} else {"content-type": "application/json"}
    wanted = {**with_body, **end.headers.get(kind, {}), "authorization": end.authorization}
    assert set(request.headers) - {"content-length"} == ALWAYS | set(wanted)
    assert {name: request.headers[name] for name in wanted} == wanted
    end.kinds[kind](body_of(request), h)
    return kind


def _equals(wanted: Callable[[Hostile], object]) -> Judge:
    def judge(body: Body, h: Hostile) -> None:
        assert body == wanted(h)

    return judge


_said = {
    "post": lambda h: {
        "clientId": h.id,
        "text": h.said,
        "agentEmail": "desk@example.com",
        "agentName": h.name or "desk",
        "receivedFrom": "syncd-shop",
    },
    "push": lambda h: {"clientId": h.id, "text": h.said},
    "put": lambda h: {"text": h.said},
    "client": lambda h: {"name": h.name or None, "email": h.word or None, "phone": None},
    "none": lambda _: {},
}
CHATRA = EndKinds(
    Chatra.Settings(public_key="p", secret_key=SecretStr("s"), agent_email="desk@example.com"),
    lambda _: httpx.Response(200, json={"id": "m2"}),
    {
        "GET /api/clients/syncd-check": _equals(_said["none"]),
        "POST /api/messages/": _equals(_said["post"]),
        "POST /api/pushedMessages/": _equals(_said["push"]),
        "PUT /api/messages/ID": _equals(_said["put"]),
        "PUT /api/pushedMessages/ID": _equals(_said["put"]),
        "DELETE /api/messages/ID": _equals(_said["none"]),
        "DELETE /api/pushedMessages/ID": _equals(_said["none"]),
        "PUT /api/clients/ID": _equals(_said["client"]),
    },
    {},
    "Chatra.Simple p:s",
)


def answer_as_request_tracker(request: httpx.Request) -> httpx.Response:
    """Answer as RT does: with one ticket, whose requester is the former one."""
    if request.url.path.endswith(".html"):
        (address,) = parse_qs(request.content.decode())["autorecipient"]
        return httpx.Response(200, text=f'<input name="checked_recipient" value="{html.escape(address)}">')
    if request.method != "GET":
        made = {"Location": "https://rt.example/REST/2.0/transaction/9"}
        return httpx.Response(201, json={"id": 7}, headers=made)
    asking = {"id": "3", "EmailAddress": f"visitor-{FORMER.id}@chat.invalid", "RealName": FORMER.name}
    lists = {"tickets": [{"id": "7", "Requestor": [asking]}], "transactions": [ANSWERED_ROW]}
    listed = lists.get(request.url.path.rpartition("/")[2], [])
    return httpx.Response(200, json={**ANSWERED_TICKET, "items": listed}, headers={"ETag": '"v1"'})


def _is_one_person(person: str) -> None:
    assert not CONTROL.search(person)
    ((name, address),) = getaddresses([person])
    assert person == f'"{name}" <{address}>'
    assert ADDRESS.fullmatch(address)


def _is_new_ticket(body: Body, h: Hostile) -> None:
    text = {"Content": write_text(h.line), "ContentType": f'text/plain; syncd-key="{KEY}"'}
    mapped = {"Seen page": write_value(h.word), "Title": write_value(h.name)}
    fields = {**mapped, "Tags": ["chat", h.word], "ExternalId": KEY}
    chosen = {"Queue": "Support", "RefersTo": "6", "Priority": 5, "CustomFields": fields}
    people = {name: body.pop(name) for name in ("Subject", "Requestor", "SquelchMailTo")}
    assert body == {**chosen, **text}
    assert not CONTROL.search(people["Subject"])
    _is_one_person(people["Requestor"])
    assert people["Requestor"].endswith(f" <{people['SquelchMailTo']}>")


def _is_comment(body: Body, h: Hostile) -> None:
    attached = body.pop("Attachments", [])
    words = [h.attached] if attached else [h.line, h.facts]
    assert body.pop("Content") in map(write_text, words)
    assert body == {"ContentType": f'text/plain; syncd-key="{KEY}"', "TxnCustomFields": {"ExternalMessageId": KEY}}
    for file in attached:
        _is_file(file)


def _is_file(file: Body) -> None:
    assert set(file) == {"FileName", "FileType", "FileContent"}
    name = file["FileName"].encode("latin-1").decode()
    assert not CONTROL.search(name)
    assert not re.fullmatch(r"\.*|.*[/\\].*", name)
    assert re.fullmatch(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+", file["FileType"])
    assert not re.search("html|xml|script|^text/plain|^message|^multipart", file["FileType"])
    assert file["FileContent"] == base64.b64encode(b"x").decode()


def _is_change(body: Body, h: Hostile) -> None:
    assert body in ({"Status": "resolved"}, {"Priority": 9}, {"CustomFields": {"Tags": [h.word]}})


def _is_requester(body: Body, _: Hostile) -> None:
    (person,) = body.pop("Requestor")
    assert body == {}
    _is_one_person(person)


def _is_name(body: Body, _: Hostile) -> None:
    assert set(body) == {"RealName"}
    assert not re.search(f'{CONTROL.pattern}|["<>\\\\]', body["RealName"])


def _is_recipient(body: Body, _: Hostile) -> None:
    assert set(body) == {"id", "autorecipient"}
    assert body["id"] == ["7"]
    (address,) = body["autorecipient"]
    assert ADDRESS.fullmatch(address)


def _is_search(body: Body, _: Hostile) -> None:
    query = body.pop("query")
    if query.startswith("["):
        query = " ".join(str(limit["operator"]) for limit in json.loads(query))
    assert QUERY.fullmatch(query)
    plain = {name: value for name, value in body.items() if name not in {"orderby", "order", "per_page", "page"}}
    assert all(re.fullmatch(r"fields(\[[A-Za-z]+\])?", name) for name in plain)
    assert all(COLUMNS.fullmatch(value) for value in plain.values())


RECORD = "/REST/2.0"
REQUEST_TRACKER = EndKinds(
    RequestTracker.Settings(url="https://rt.example", token=SecretStr("t"), queue="Support"),
    answer_as_request_tracker,
    {
        f"POST {RECORD}/ticket": _is_new_ticket,
        f"POST {RECORD}/ticket/7/comment": _is_comment,
        f"PUT {RECORD}/ticket/7": _is_change,
        f"PUT {RECORD}/ticket/7 of a version": _is_requester,
        f"PUT {RECORD}/user/3": _is_name,
        "POST /Ticket/ModifyPeople.html": _is_recipient,
        f"GET {RECORD}/queue/Support": _equals(_said["none"]),
        f"GET {RECORD}/ticket/7": _equals(_said["none"]),
        **{f"GET {RECORD}/{records}": _is_search for records in ("tickets", "transactions", "attachments")},
    },
    {
        f"PUT {RECORD}/ticket/7 of a version": {"if-match": '"v1"'},
        "POST /Ticket/ModifyPeople.html": {
            "content-type": "application/x-www-form-urlencoded",
            "referer": "https://rt.example/REST/2.0/ticket/7",
        },
    },
    "token t",
)
