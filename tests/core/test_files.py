"""Which files are taken, under which names and as what, and which links are for visitors."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.contract.model import File
from syncd.core.addresses import is_for_everybody, is_public, parse_hosts
from syncd.core.files import LONGEST_FILE, LONGEST_NAME, is_page_instead, name_of, refusal_after, refusal_before, upload


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("receipt.png", "receipt.png"),
        ("naïve שלום 日本 👩‍👩‍👧.png", "naïve שלום 日本 👩‍👩‍👧.png"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("C:\\temp\\a.pdf", "C:_temp_a.pdf"),
        ("a\r\nBcc: evil@example.org\0.pdf", "a Bcc: evil@example.org .pdf"),
        ("photo\u202egnp.exe", "photo gnp.exe"),
        ("setup.exe. . ", "setup.exe"),
        ("\u200b\u2066", "file"),
        ("", "file"),
        ("n" * 200 + ".pdf", "n" * (LONGEST_NAME - 4) + ".pdf"),
        ("n" * 200, "n" * LONGEST_NAME),
        ("\u200d\u200c \u200d", "file"),
        ("a.png\u200d.", "a.png"),
    ],
)
def test_a_name_is_the_files_own_and_nothing_but_a_name(name: str, kept: str) -> None:
    assert name_of(File(name)) == kept


@given(st.text(max_size=300))
def test_whatever_it_is_called_a_name_is_one_line_without_a_path(name: str) -> None:
    kept = name_of(File(name))
    assert 0 < len(kept) <= LONGEST_NAME
    assert not set(kept) & set("/\\\r\n\t\0")
    assert {unicodedata.category(char) for char in kept} & {"Cc", "Cs", "Zl", "Zp"} == set()
    assert name_of(File(kept)) == kept


@pytest.mark.parametrize(
    ("told", "name", "kind"),
    [
        ("image/png", "a.dat", "image/png"),
        ("Image/PNG; charset=binary", "a", "image/png"),
        ("", "a.pdf", "application/pdf"),
        ("application/octet-stream", "a.jpeg", "image/jpeg"),
        ("application/octet-stream", "a.tar.gz", "application/octet-stream"),
        ("nonsense", "a.unknown", "application/octet-stream"),
        ("image/png\r\nX: y", "a", "application/octet-stream"),
        ("text/html", "a.html", "application/octet-stream"),
        ("image/svg+xml", "a.svg", "application/octet-stream"),
        ("", "a.svg", "application/octet-stream"),
        ("application/xml", "a.xml", "application/octet-stream"),
        ("text/javascript", "a.txt", "application/octet-stream"),
        ("message/rfc822", "a.eml", "application/octet-stream"),
        ("multipart/mixed", "a.png", "application/octet-stream"),
    ],
)
def test_no_browser_runs_what_is_attached_and_else_the_type_stays(told: str, name: str, kind: str) -> None:
    assert upload(File(name), told, b"x").kind == kind


def test_too_large_programs_and_the_empty_are_refused_and_the_largest_is_not() -> None:
    assert refusal_before(File("a.png", size=LONGEST_FILE)) == ""
    assert "20 MB" in refusal_before(File("a.png", size=LONGEST_FILE + 1))
    assert ".exe" in refusal_before(File("photo\u202egnp.ExE"))
    assert ".scr" in refusal_before(File("invoice.pdf.scr "))
    assert ".exe" in refusal_before(File("photo.e\u200dxe\u200c"))
    assert all(map(refusal_after, (b"MZ...", b"\x7fELF", b"")))
    assert refusal_after(b"%PDF") == ""


def test_a_page_in_place_of_a_file_is_known() -> None:
    assert is_page_instead(File("a.png"), "text/html; charset=utf-8")
    assert not is_page_instead(File("a.html"), "text/html")
    assert not is_page_instead(File("a.png"), "image/png")


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:2800:21f::1", "2a00:1450::8"])
def test_what_is_public(address: str) -> None:
    assert is_public(address)


INSIDE = ("127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0", "fd00::1", "fe80::1%eth0", "ff02::1")  # noqa: S104
IN_DISGUISE = ("::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::", "::8.8.8.8", "example.com", "0x7f000001", "")


@pytest.mark.parametrize("address", [*INSIDE, *IN_DISGUISE])
def test_what_is_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://files.example.com/a.pdf", True),
        ("http://93.184.216.34/a.pdf", True),
        ("https://[2606:2800:21f::1]/a", True),
        ("https://10.0.0.5/a", False),
        ("https://2130706433/a", False),
        ("https://127.0.0x1/a", False),
        ("https://[::1]/a", False),
        ("https://user:secret@files.example.com/a", False),
        ("https://helpdesk/a", False),
        ("https://helpdesk.local/a", False),
        ("https://localhost./a", False),
        ("https://files.corp.internal/a", False),
        ("https://münchen.example/a", True),
        ("https://пример.example/a", True),
        ("https://１２７.０.０.１/a", False),
        ("https://127.0.0.1\u00ad/a", False),
        ("https://127.0.0.%31/a", False),
        ("https://10.0.0.5\\.example.com/a", False),
        ("https://10.0.0.5 .example.com/a", False),
        ("https://printer.ⓛocal/a", False),
        ("file:///etc/passwd", False),
        ("https://[bad/a", False),
        ("", False),
    ],
)
def test_only_links_that_work_for_everybody_reach_a_visitor(url: str, *, shown: bool) -> None:
    assert is_for_everybody(url) is shown


def test_hosts_are_read() -> None:
    assert parse_hosts(" Files.Example.Internal., 10.0.0.5,::1 ,") == {"files.example.internal", "10.0.0.5", "::1"}
    assert parse_hosts("") == frozenset()


@pytest.mark.parametrize("listed", ["https://files.internal", "files.internal:8080", "*.internal", "a b", "10.0.0.0/8"])
def test_what_is_no_host_is_refused_with_what_to_write(listed: str) -> None:
    with pytest.raises(ValueError, match="write hosts alone"):
        parse_hosts(listed)
