"""What left over a program's connections, and when: answers and calls."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.power.trace import Call

ADDRESS = r"\d+\.\d+\.\d+\.\d+:\d+"
_CONNECTION = re.compile(rf"TCP:\[{ADDRESS}->({ADDRESS})\]")
_REQUEST = re.compile(rb"(POST|GET|PUT) (\S+) HTTP/1\.1\r\n(?:.*\r\n)*?\r\n")
_LENGTH = re.compile(rb"content-length: (\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True)
class Left:
    """Something that somebody outside may know from this place of the trace on."""

    place: int
    what: bytes


def peer(call: Call) -> str:
    """Give the other side of the connection that a call is about, like `127.0.0.1:80`; empty where it is none."""
    connection = _CONNECTION.fullmatch(call.target)
    return connection[1] if connection else ""


def answered(calls: Iterable[Call], sent: Mapping[str, Sequence[bytes]]) -> list[Left]:
    """Give the bodies that were answered 200, each at the place where its answer began to leave.

    `sent` has the bodies by the sender's address, one after the other, each sent when the last was answered.
    """
    answers: Counter[str] = Counter()
    found = []
    for call in calls:
        sender = peer(call)
        if sender in sent and call.data.startswith(b"HTTP/1.1 "):
            if call.data.startswith(b"HTTP/1.1 200 "):
                found.append(Left(call.began, sent[sender][answers[sender]]))
            answers[sender] += 1
    return found


def posted(calls: Iterable[Call], server: str) -> list[Left]:
    """Give the bodies that were posted to an address like `127.0.0.1:80`, at the places where they were out."""
    streams: dict[str, bytes] = defaultdict(bytes)
    found = []
    for call in calls:
        if peer(call) != server:
            continue
        stream = streams[call.target] + call.data
        while (head := _REQUEST.match(stream)) and len(stream) >= (end := head.end() + _length(head[0])):
            if head[1] == b"POST":
                found.append(Left(call.began, stream[head.end() : end]))
            stream = stream[end:]
        streams[call.target] = stream
    return found


def _length(head: bytes) -> int:
    length = _LENGTH.search(head)
    return int(length[1]) if length else 0
