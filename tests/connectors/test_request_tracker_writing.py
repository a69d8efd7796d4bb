"""Whatever a visitor's file is called and holds, Request Tracker gets a name, a type and the bytes."""

from __future__ import annotations

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from connectors.request_tracker.writing import write_file
from syncd.contract.model import File
from syncd.core.files import upload

WORDS = st.text(max_size=40)
MARKUP = ["\r\n", "\nBcc: evil@example.org", '"', "; filename=x.exe", "<b>", "{{ 7*7 }}", "%0d%0a"]
PIECES = st.sampled_from([*MARKUP, "\u202e", "\ud800", "\\", "/", "\0"])
NAMES = st.lists(st.one_of(WORDS, PIECES), max_size=6).map("".join)


TYPES = st.one_of(WORDS, PIECES, st.sampled_from(["text/html", "text/plain", "image/png", "message/rfc822"]))


@given(NAMES, TYPES, st.binary(max_size=50))
def test_no_name_type_or_content_becomes_a_header_or_a_page(name: str, told: str, content: bytes) -> None:
    written = write_file(upload(File(name), told, content))
    header = written["FileName"].encode("latin-1")
    assert header
    assert not set(header) & set(b"\r\n\0/\\")
    assert written["FileType"].isascii()
    assert not set(written["FileType"]) & set("\r\n \"';")
    assert not written["FileType"].startswith(("text/html", "text/plain", "message/", "multipart/"))
    assert base64.b64decode(written["FileContent"]) == content
    assert json.loads(json.dumps(written)) == written
