"""JSON is read strictly, but for one thing that JavaScript does to texts; and which refusals may be of the text."""

from __future__ import annotations

import httpx
import pytest

from syncd.contract.errors import PayloadError, RejectedError
from syncd.contract.http import error_for_status, read_json


@pytest.mark.parametrize(
    ("inside", "read"),
    [
        (r"cut \ud83d", "cut \ufffd"),
        (r"\uDE00 cut", "\ufffd cut"),
        (r"\ude00\ud83d", "\ufffd\ufffd"),
        (r"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (r"\ud83d\u0041", "\ufffdA"),
        (r"\ud83d\n", "\ufffd\n"),
        (r"\ud83d\\ude00", "\ufffd" + r"\ude00"),
        (r"\\ud83d \ud83d", r"\ud83d" + " \ufffd"),
        (r"\\\ud83d", "\\\ufffd"),
    ],
)
def test_half_a_pair_is_the_replacement_character_and_whole_ones_stay(inside: str, read: str) -> None:
    assert read_json(f'{{"{inside}": ["{inside}"]}}'.encode()) == {read: [read]}


@pytest.mark.parametrize(
    "body",
    [
        rb'{"a": "\ud83d", "b": NaN}',
        rb'{"a": "\ud83d", "b": -Infinity}',
        rb'{"a": "\ud83d"',
        rb'{"a": \ud83d}',
        rb'{"a": "\ud83"}',
        rb'{"a": "\u d83d"}',
        b'{"a": "\\ud83d\xed\xa0\x80"}',
        b'{"a": "\\ud83d\xff"}',
        b'{"a": "\\ud83d\n"}',
        b'["\\ud83d"' + b"[" * 100_000,
    ],
)
def test_nothing_else_is_taken_for_it(body: bytes) -> None:
    with pytest.raises(PayloadError, match="not JSON"):
        read_json(body)


def test_a_refusal_of_a_body_may_be_of_its_text_and_no_other_is() -> None:
    errors = {status: error_for_status("POST", httpx.Response(status)) for status in range(400, 452)}
    of_text = {status for status, error in errors.items() if isinstance(error, RejectedError) and error.of_text}
    assert of_text == {400, 406, 415, 422}
