"""What becomes of a file that its host gives oddly, in part, too much of, or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from syncd.contract.model import File
from syncd.core.files import LONGEST_FILE
from syncd.engine.fetch import MOST_PIECES, UnfetchedError, UnwantedError, fetch
from syncd.engine.guard import Guard

from .file_host import PNG, FileHost, answer, file_host, moved

HERE = frozenset({"127.0.0.1"})


@pytest.fixture
async def host() -> AsyncIterator[FileHost]:
    async with file_host() as made:
        yield made


def chunked(*chunks: bytes, end: bool = True) -> bytes:
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + (b"0\r\n\r\n" if end else b"")
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: image/png\r\n\r\n" + body


async def test_a_file_comes_as_it_is_with_its_name_and_its_type(host: FileHost) -> None:
    url = host.gives("/file", answer(PNG, "Content-Type: image/png; charset=binary"))
    found = await fetch(File("naïve 日本.png", url, len(PNG)), Guard(HERE))
    assert (found.name, found.kind, found.content) == ("naïve 日本.png", "image/png", PNG)


async def test_redirects_are_followed_five_times_and_no_more(host: FileHost) -> None:
    host.gives("/0", answer())
    for number in range(1, 7):
        host.gives(f"/{number}", moved(f"/{number - 1}"))
    assert (await fetch(File("a.png", host.url("/5")), Guard(HERE))).content == PNG
    with pytest.raises(UnwantedError, match="more than 5 redirects"):
        await fetch(File("a.png", host.url("/6")), Guard(HERE))


@pytest.mark.parametrize(
    ("given", "size", "reason"),
    [
        (answer(PNG)[:-1], len(PNG), "does not send it"),
        (answer(PNG)[:-1], None, "does not send it"),
        (chunked(PNG, end=False), None, "does not send it"),
        (chunked(PNG), len(PNG) + 1, "bytes came of"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + PNG[:-1], len(PNG), "bytes came of"),
        (answer(PNG), len(PNG) + 1, "has 10248 bytes of 10249"),
        (answer(PNG), len(PNG) - 1, "has 10248 bytes of 10247"),
        (answer(b"<html>", "Content-Type: text/html; charset=utf-8"), None, "a page in its place"),
        (answer(b"", status="503 Service Unavailable"), None, "answers 503"),
        (answer(b"", status="429 Too Many Requests"), None, "answers 429"),
        (b"nonsense\r\n\r\n", None, "does not send it"),
        (b"", None, "does not send it"),
    ],
)
async def test_what_may_be_better_later_is_tried_again_and_never_attached(
    host: FileHost, given: bytes, size: int | None, reason: str
) -> None:
    with pytest.raises(UnfetchedError, match=reason) as raised:
        await fetch(File("a.png", host.gives("/file", given), size), Guard(HERE))
    assert raised.value.certain
    assert raised.value.retry_after == 0


@pytest.mark.parametrize(
    ("given", "name", "reason"),
    [
        (answer(b"", status="404 Not Found"), "a.png", "not there any more"),
        (answer(b"", status="410 Gone"), "a.png", "not there any more"),
        (answer(b"", status="403 Forbidden"), "a.png", "answers 403"),
        (answer(b"", status="204 No Content"), "a.png", "answers 204"),
        (answer(b"", status="302 Found"), "a.png", "answers 302"),
        (answer(PNG, "Content-Encoding: gzip"), "a.png", "packed"),
        (answer(b""), "a.png", "empty"),
        (answer(b"MZ\x90\x00"), "a.png", "a program"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "a.png", "larger than 20 MB"),
        (chunked(*[b"x" * 2**20] * 21), "a.png", "larger than 20 MB"),
    ],
)
async def test_what_will_never_be_attached_says_why(host: FileHost, given: bytes, name: str, reason: str) -> None:
    with pytest.raises(UnwantedError, match=reason):
        await fetch(File(name, host.gives("/file", given)), Guard(HERE))


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (File("a.png", "", LONGEST_FILE + 1), "larger than 20 MB"),
        (File("setup.exe", ""), r"type \.exe"),
        (File("invoice.pdf.JS ", ""), r"type \.js"),
    ],
)
async def test_what_is_told_to_be_unwanted_is_not_even_asked_for(host: FileHost, file: File, reason: str) -> None:
    with pytest.raises(UnwantedError, match=reason):
        await fetch(File(file.name, host.gives("/file", answer()), file.size), Guard(HERE))
    assert host.connections == 0


async def test_the_largest_is_taken(host: FileHost) -> None:
    content = bytes(256) * (LONGEST_FILE // 256)
    found = await fetch(File("a.bin", host.gives("/file", answer(content)), LONGEST_FILE), Guard(HERE))
    assert found.content == content


async def test_crumbs_are_not_picked_up(host: FileHost) -> None:
    most = MOST_PIECES // 10
    assert (
        len((await fetch(File("a.bin", host.gives("/few", chunked(*[b"ab"] * most))), Guard(HERE))).content) == 2 * most
    )
    with pytest.raises(UnwantedError, match="too many pieces"):
        await fetch(File("a.bin", host.gives("/many", chunked(*[b"ab"] * (MOST_PIECES + 1)))), Guard(HERE))


@pytest.mark.parametrize("port", ["0", "65536", "99999"])
async def test_a_port_that_is_none_is_refused_on_a_trusted_host_too(host: FileHost, port: str) -> None:
    with pytest.raises(UnwantedError, match=f"port {port}"):
        await fetch(File("a.png", host.gives("/file", moved(f"http://127.0.0.1:{port}/"))), Guard(HERE))


async def test_a_host_that_drips_for_ever_is_left(host: FileHost) -> None:
    host.held.clear()
    with pytest.raises(UnfetchedError, match="in time"):
        await fetch(File("a.png", host.gives("/file", answer())), Guard(HERE), seconds=0.2)
    host.held.set()


async def test_nobody_there_is_tried_again(host: FileHost) -> None:
    port = host.port
    with pytest.raises(UnfetchedError, match="cannot be reached"):
        await fetch(File("a.png", f"http://127.0.0.2:{port}/"), Guard(frozenset({"127.0.0.2"})))
