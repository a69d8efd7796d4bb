"""Bodies that no chat should send, each with what is to become of it."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from typing import Literal, NamedTuple

Fate = Literal["refused", "unreadable", "read"]
"""refused: 400 and quarantined at once. unreadable: 200, then quarantined by the plan. read: 200 and planned."""

JSON = "application/json"
NOON = 1767268800000
DEEP = 100_000


class Poison(NamedTuple):
    """A body under a name, its fate, and the headers that it comes with."""

    name: str
    fate: Fate
    body: bytes
    headers: Mapping[str, str] = {"content-type": JSON}


def event(**changes: object) -> dict[str, object]:
    message = {"id": "p", "type": "client", "text": "poison", "createdAt": NOON}
    whole = {"eventName": "chatFragment", "messages": [message], "client": {"id": "poisoner"}}
    return {key: value for key, value in {**whole, **changes}.items() if value is not ...}


def with_message(**changes: object) -> dict[str, object]:
    """Give an event whose message differs; `...` takes a key away."""
    message = {"id": f"p-{changes}"[:200], "type": "client", "text": "poison", "createdAt": NOON, **changes}
    return event(messages=[{key: value for key, value in message.items() if value is not ...}])


def written(value: object) -> bytes:
    return json.dumps(value).encode()


def spliced(inside: str) -> bytes:
    """Give an event whose message's text is written as told, without the quotes that `json` would set."""
    return written(with_message(text="@")).replace(b'"@"', inside.encode())


def cut_off(inside: str, id_: str) -> bytes:
    """Give an event whose message's text has escapes as told."""
    return written(with_message(text="@", id=id_)).replace(b'"@"', f'"{inside}"'.encode())


GOOD = written(event())
NOT_JSON = {
    "only blanks": b" \r\n\t ",
    "one NUL": b"\0",
    "NUL behind": GOOD + b"\0",
    "NUL in a string": GOOD.replace(b"poison", b"poi\0son"),
    "a line break in a string": GOOD.replace(b"poison", b"poi\nson"),
    "UTF-16": GOOD.decode().encode("utf-16"),
    "UTF-32": GOOD.decode().encode("utf-32"),
    "Latin-1": GOOD.replace(b"poison", "Grüße".encode("latin-1")),
    "overlong UTF-8": GOOD.replace(b"poison", b"\xc0\x80"),
    "a surrogate as UTF-8": GOOD.replace(b"poison", b"\xed\xa0\x80"),
    "beyond Unicode": GOOD.replace(b"poison", b"\xf5\x80\x80\x80"),
    "half a character": GOOD.replace(b"poison", b"\xe2\x82"),
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "NaN": spliced("NaN"),
    "NaN beside half an emoji": spliced('"\\ud83d", "x": NaN'),
    "half of half an emoji": spliced('"\\ud83"'),
    "Infinity": spliced("Infinity"),
    "-Infinity": spliced("-Infinity"),
    "a number that is no number": spliced("01"),
    "a number of 5,000 digits": spliced("9" * 5000),
    "single quotes": b"{'eventName': 'chatFragment'}",
    "a comment": b"/* hello */" + GOOD,
    "a comma too many": GOOD[:-1] + b",}",
    "cut in the middle": GOOD[: len(GOOD) // 2],
    "two events": GOOD + GOOD,
    "lists 100,000 deep": spliced("[" * DEEP + "]" * DEEP),
    "lists 100,000 deep, never closed": b"[" * DEEP,
    "objects 100,000 deep": spliced('{"a":' * DEEP + "1" + "}" * DEEP),
    "XML": b"<?xml version='1.0'?><event/>",
    "multipart": b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n" + GOOD + b"\r\n--x--\r\n",
    "null": b"null",
    "a number": b"12345678901234567890",
    "a list of events": b"[" + GOOD + b"]",
}
COMPRESSED = {
    "gzip bytes": (gzip.compress(GOOD), {"content-type": JSON}),
    "gzip bytes that say so": (gzip.compress(GOOD), {"content-type": JSON, "content-encoding": "gzip"}),
    "deflate bytes that say so": (zlib.compress(GOOD), {"content-type": JSON, "content-encoding": "deflate"}),
    "a gzip bomb": (gzip.compress(b" " * 50_000_000), {"content-type": JSON, "content-encoding": "gzip"}),
}
WRONG_TYPES: dict[str, object] = {
    "no event name": event(eventName=...),
    "an event name of null": event(eventName=None),
    "an event name of yes": event(eventName=True),
    "an event name that is an object": event(eventName={}),
    "no client": event(client=...),
    "a client of null": event(client=None),
    "a client that is a list": event(client=[{"id": "poisoner"}]),
    "a client without an id": event(client={}),
    "a client's id of null": event(client={"id": None}),
    "a client's id that is a list": event(client={"id": ["poisoner"]}),
    "a client's id of no": event(client={"id": False}),
    "messages of null": event(messages=None),
    "messages that are a string": event(messages="poison"),
    "messages that are a number": event(messages=1e9),
    "a message of null": event(messages=[None]),
    "a message that is a list": event(messages=[[]]),
    "a message that is a number": event(messages=[0]),
    "a started chat without a message": event(eventName="chatStarted"),
    "a started chat with a list": event(eventName="chatStarted", message=[{}]),
    "an id that is an object": with_message(id={"$oid": "x"}),
    "an id of yes": with_message(id=True),
    "a text that is an object": with_message(text={"html": "x"}),
    "a text of no": with_message(text=False),
    "a type that is an object": with_message(type={}),
    "a type of yes": with_message(type=True),
    "a file that is a list": with_message(file=["x"]),
    "a file that is a number": with_message(file=7),
    "a date that is an object": with_message(createdAt={"$date": NOON}),
    "a date that is a list": with_message(createdAt=[NOON]),
    "an empty date": with_message(createdAt=""),
    "the year 10000": with_message(createdAt=253402300800000),
    "the year 0": with_message(createdAt=-62167219200001),
    "a date of 1e300": with_message(createdAt=1e300),
    "the 31st of February": with_message(createdAt="2026-02-31T00:00:00Z"),
    "a date without a zone": with_message(createdAt="2026-02-01T00:00:00"),
    "no date anywhere": with_message(createdAt=...),
}
ODD: dict[str, object] = {
    "no messages": event(messages=[]),
    "10,000 messages": event(
        messages=[{"id": f"m{n}", "text": "x", "createdAt": NOON + n} for n in range(10_000)], client={"id": "many"}
    ),
    "an event that nobody knows": event(eventName="chatExploded"),
    "an event name of 100,000 characters": event(eventName="x" * 100_000),
    "a key of 100,000 characters": event(**{"k" * 100_000: 1}),
    "a thousand unknown keys": event(**{f"k{n}": n for n in range(1000)}),
    "lists 100 deep where nobody looks": event(extra=json.loads("[" * 100 + "]" * 100)),
    "ids that are numbers": event(messages=[{"id": 7, "text": 8, "createdAt": NOON}], client={"id": 9}),
    "an id of 400 digits": with_message(id=10**400),
    "an id of 10,000 characters": with_message(id="i" * 10_000),
    "an escaped NUL in a text and an id": with_message(id="a\0b", text="poi\0son"),
    "a text of nothing but NUL": with_message(id="nul", text="\0"),
    "a text of 200,000 characters": with_message(text="long " * 40_000),
    "control characters and writing from the right": with_message(text="\x1b[31m \u202e \x07 \u2028 \ufeff"),
    "a moment in 1969": with_message(createdAt=-1),
    "the last moment of the year 9999": with_message(createdAt="253402300799999"),
    "agents that are none": event(agents="nobody", agent=[1], hostName={}, chatStartedPage=7),
    "a visitor made of lists": event(client={"id": "lists", "info": [], "basicInfo": 5, "latestVisit": [], "ip": {}}),
    "an address that is none": event(client={"id": "no-mail", "basicInfo": {"email": "not an\naddress", "name": [1]}}),
}
RAW_ODD = {
    "half an emoji": cut_off("cut \\ud83d", "leading"),
    "the other half": cut_off("\\ude00 cut", "trailing"),
    "an emoji's halves exchanged": cut_off("\\ude00\\ud83d", "exchanged"),
    "half an emoji beside a NaN's name": cut_off("NaN \\ud83d\\ude00\\ud83d", "beside"),
    "half an emoji in a key": GOOD.replace(b'"poison"', b'"poison", "\\ud800": 1'),
    "keys twice": b'{"eventName": "chatRated", "eventName": "chatFragment", "messages": [], "client": {"id": "x"}}',
    "blanks around": b"\n\n" + written(with_message(id="blanks")) + b" " * 1000,
}


def poisons() -> list[Poison]:
    """Give them all."""
    found = [Poison(name, "refused", body) for name, body in NOT_JSON.items()]
    found += [Poison(name, "refused", body, headers) for name, (body, headers) in COMPRESSED.items()]
    found += [Poison(name, "unreadable", written(value)) for name, value in WRONG_TYPES.items()]
    found += [Poison(name, "read", written(value)) for name, value in ODD.items()]
    found += [Poison(name, "read", body) for name, body in RAW_ODD.items()]
    return [
        *found,
        Poison("a form", "refused", b"payload=" + GOOD, {"content-type": "application/x-www-form-urlencoded"}),
    ]
