"""The suite of helpdesks that take files."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from syncd.contract.deliveries import Upload
from syncd.contract.errors import MissingTargetError
from syncd.contract.model import Comment
from syncd.contract.ports import FindsDeliveries, Polls, UploadsFiles
from syncd.testing.suite_ends import HelpdeskEnd, ShowsFiles, new_key, new_text, said_with
from syncd.testing.suite_hearing import read_all, read_until

ANY_KIND = "application/octet-stream"
EVERY_BYTE = bytes(range(256))
CONTENTS = {
    "every byte": (ANY_KIND, EVERY_BYTE * 5),
    "a picture": ("image/png", b"\x89PNG\r\n\x1a\n" + EVERY_BYTE),
    "a text of another time": ("text/plain", "é\r\nü\n\nß\r".encode("latin-1")),
    "a table": ("text/csv", "\ufeffä;€\r\n1;2\r\n".encode()),
    "one byte": ("application/pdf", b"0"),
    "a megabyte": ("application/zip", EVERY_BYTE * 4096),
}
NAMES = (
    "receipt.png",
    "naïve שלום 日本 👩‍👩‍👧.png",
    'my "best" one; filename=other.exe',
    "<b>&amp;{{ 7 * 7 }}%22 $HOME.pdf",
    "e\u0301 ü.tar.gz",
    "no ending",
    "n" * 146 + ".pdf",
)


def uploading(end: HelpdeskEnd) -> UploadsFiles:
    """Give the end's connector as one that takes files."""
    assert isinstance(end.connector, UploadsFiles)
    return end.connector


async def files_of(end: HelpdeskEnd) -> Sequence[Upload]:
    """Give the files on the end's ticket."""
    assert isinstance(end, ShowsFiles)
    return await end.files_on(end.ticket)


class UploadsFilesSuite:
    """For helpdesks that take files; their end `ShowsFiles`."""

    @pytest.mark.parametrize("what", CONTENTS)
    async def test_a_file_arrives_byte_for_byte(self, end: HelpdeskEnd, what: str) -> None:
        kind, content = CONTENTS[what]
        await uploading(end).upload_file(end.ticket, new_text(), Upload("it.dat", kind, content), key=new_key())
        [file] = await files_of(end)
        assert file.content == content
        assert file.kind in {kind, ANY_KIND}

    async def test_each_file_has_its_own_name(self, end: HelpdeskEnd) -> None:
        for name in NAMES:
            await uploading(end).upload_file(end.ticket, new_text(), Upload(name, "image/png", b"x"), key=new_key())
        assert [file.name for file in await files_of(end)] == list(NAMES)
        assert {file.kind for file in await files_of(end)} == {"image/png"}

    async def test_its_text_is_on_the_ticket_and_the_file_on_no_other(self, end: HelpdeskEnd) -> None:
        await uploading(end).upload_file(end.ticket, text := new_text(), Upload("a", ANY_KIND, b"x"), key=new_key())
        assert len([shown for shown in await end.shown() if text in shown.text]) == 1

    async def test_a_file_to_a_vanished_ticket_is_a_missing_target(self, end: HelpdeskEnd) -> None:
        with pytest.raises(MissingTargetError):
            await uploading(end).upload_file(end.gone, new_text(), Upload("a", ANY_KIND, b"x"), key=new_key())

    async def test_a_file_is_found_by_its_key(self, end: HelpdeskEnd) -> None:
        file = Upload("a", ANY_KIND, b"x")
        receipt = await uploading(end).upload_file(end.ticket, new_text(), file, key=(key := new_key()))
        if isinstance(end.connector, FindsDeliveries):
            found = await end.connector.find_delivery(key, end.ticket)
            assert found is not None
            assert receipt.id in {None, found.id}
            assert await end.connector.find_delivery(new_key(), end.ticket) is None

    async def test_files_of_ours_are_heard_as_ours_or_not_at_all(self, end: HelpdeskEnd) -> None:
        if not isinstance(end.connector, Polls):
            return
        _, cursor = await read_all(end, None)
        file = Upload("a", ANY_KIND, b"x")
        receipt = await uploading(end).upload_file(end.ticket, ours := new_text("ours"), file, key=new_key())
        await end.people_say(reply := new_text("reply"))
        events, _ = await read_until(end, cursor, reply)
        for one in said_with(events, ours):
            assert isinstance(one, Comment)
            assert one.ours or not one.public or one.id == receipt.id
