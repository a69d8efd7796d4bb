"""Fetches a file that came with a chat line: by `guard`, bounded, whole, or not at all."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import httpx

from syncd.contract.deliveries import Upload
from syncd.contract.errors import RejectedError, RetryableError
from syncd.contract.model import File
from syncd.core import files
from syncd.core.text import because
from syncd.engine.guard import ForbiddenError, Guard

MOST_REDIRECTS = 5
MOST_PIECES = 100_000
"""Ten times as many as a slow line cuts the largest file into; each costs time on the loop, whatever is in it."""
FETCH_SECONDS = 120.0
"""For a whole file, redirects and all: its host may drip."""
TIMEOUT = httpx.Timeout(15.0, connect=5.0)
HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "syncd"}
PASSING = frozenset({408, 425, 429})


class UnfetchedError(RetryableError):
    """The file could not be fetched now; the helpdesk was not asked for anything."""

    def __init__(self, message: str) -> None:
        super().__init__(message, certain=True)


class UnwantedError(RejectedError):
    """The file is not to be had, or is none that is put on a ticket; the helpdesk was not asked for anything."""


FAULTS_OF_FILES = (UnfetchedError, UnwantedError)
"""They tell nothing of the helpdesk."""


async def fetch(file: File, guard: Guard, *, seconds: float = FETCH_SECONDS) -> Upload:
    """Fetch a file, whole and as it is. Raises UnfetchedError and UnwantedError, which say why for people to read.

    The guard is closed afterwards.
    """
    if reason := files.refusal_before(file):
        raise UnwantedError(reason)
    try:
        async with asyncio.timeout(seconds), guard:
            return await _follow(guard, file)
    except ForbiddenError as forbidden:
        raise UnwantedError(forbidden.reason) from None
    except (httpx.InvalidURL, UnicodeError):
        raise UnwantedError(because("link_none")) from None
    except TimeoutError:
        raise UnfetchedError(because("host_slow")) from None
    except (httpx.ConnectError, httpx.ConnectTimeout):
        raise UnfetchedError(because("host_away")) from None
    except httpx.HTTPError as failure:
        raise UnfetchedError(because("host_fails", failure=type(failure).__name__)) from None


async def _follow(guard: Guard, file: File) -> Upload:
    url = httpx.URL(file.url)
    for _ in range(MOST_REDIRECTS + 1):
        guard.refuse(url)
        request = httpx.Request("GET", url, headers=HEADERS, extensions={"timeout": TIMEOUT.as_dict()})
        async with aclosing(await guard.handle_async_request(request)) as response:
            if not response.has_redirect_location:
                return await _take(response, file)
            url = url.join(response.headers["location"])
    raise UnwantedError(because("link_redirects", most=MOST_REDIRECTS))


async def _take(response: httpx.Response, file: File) -> Upload:
    _judge(response, file)
    content = await _read(response)
    if file.size is not None and len(content) != file.size:
        raise UnfetchedError(because("file_cut", came=len(content), size=file.size))
    if reason := files.refusal_after(content):
        raise UnwantedError(reason)
    return files.upload(file, response.headers.get("content-type", ""), content)


def _judge(response: httpx.Response, file: File) -> None:
    """Look at what is told before the content. Raises UnfetchedError and UnwantedError."""
    status, told = response.status_code, response.headers.get("content-length", "")
    if status in PASSING or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise UnfetchedError(because("host_answers", status=status))
    if status in {404, 410}:
        raise UnwantedError(because("file_gone", status=status))
    if status != httpx.codes.OK:
        raise UnwantedError(because("host_answers", status=status))
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnwantedError(because("file_packed"))
    if files.is_page_instead(file, response.headers.get("content-type", "")):
        raise UnfetchedError(because("file_page"))
    if told.isdecimal() and int(told) > files.LONGEST_FILE:
        raise UnwantedError(files.too_large(int(told)))
    if told.isdecimal() and file.size not in {None, int(told)}:
        raise UnfetchedError(because("file_other", has=told, size=file.size))


async def _read(response: httpx.Response) -> bytes:
    chunks: list[bytes] = []
    length = 0
    async for chunk in response.aiter_raw():
        length += len(chunk)
        if length > files.LONGEST_FILE:
            raise UnwantedError(files.too_large(length))
        chunks.append(chunk)
        if len(chunks) > MOST_PIECES:
            raise UnwantedError("its host sends it in too many pieces")
    return b"".join(chunks)
