"""What a server may answer to wear a client out: waits without end, moves, and bytes that drip."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from syncd.contract.errors import RetryableError, UnavailableError
from syncd.contract.http import CALL_SECONDS, LONGEST_RETRY_AFTER, Http, error_for_status, read_retry_after


class SkippingLoop(asyncio.SelectorEventLoop):
    """A loop whose clock can be set forward."""

    skipped = 0.0

    def time(self) -> float:
        return super().time() + self.skipped


class Drip(httpx.AsyncByteStream):
    """A body that never ends and never pauses for long."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_that_an_answer_asks_for_is_kept(status: int) -> None:
    error = error_for_status("POST", httpx.Response(status, headers={"Retry-After": "600"}))
    assert isinstance(error, RetryableError)
    assert error.retry_after == 600


def test_a_503_that_asks_for_no_wait_gets_none_of_ours() -> None:
    error = error_for_status("GET", httpx.Response(503))
    assert isinstance(error, UnavailableError)
    assert error.retry_after == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "9" * 400},
        {"retry-after": "31536000"},
        {"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT", "date": "Thu, 01 Jan 2026 00:00:00 GMT"},
    ],
)
def test_no_wait_is_longer_than_a_day(headers: dict[str, str]) -> None:
    assert read_retry_after(headers) == LONGEST_RETRY_AFTER


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_is_a_page_in_front_of_the_end_and_not_its_answer(status: int) -> None:
    error = error_for_status("POST", httpx.Response(status, headers={"Location": "/maintenance"}))
    assert isinstance(error, UnavailableError)
    assert error.certain


async def ask_a_dripping_server(loop: SkippingLoop) -> RetryableError:
    """Make a call, and let its time be almost over and then over; give how it fails."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Drip()))
    async with httpx.AsyncClient(transport=transport) as client:
        call = asyncio.create_task(Http(client).call("POST", "http://desk.example.com/", json={}))
        await asyncio.sleep(0.05)
        loop.skipped += CALL_SECONDS - 5
        await asyncio.sleep(0.05)
        assert not call.done()
        loop.skipped += 5
        done, _ = await asyncio.wait([call], timeout=1)
        call.cancel()
        assert done
        error = call.exception()
    assert isinstance(error, RetryableError)
    return error


def test_an_answer_that_drips_is_cut_off_when_the_call_has_had_its_time() -> None:
    loop = SkippingLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        error = runner.run(ask_a_dripping_server(loop))
    assert not error.certain
