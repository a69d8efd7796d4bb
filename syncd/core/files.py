"""What may be put on a ticket of the files that come with a chat: how large, which kinds, under which name."""

from __future__ import annotations

import mimetypes
import re

from syncd.contract.deliveries import Upload
from syncd.contract.model import File
from syncd.core.text import because

LONGEST_FILE = 20 * 2**20
LONGEST_NAME = 150

_PROGRAMS = frozenset(
    "ade adp apk app appref-ms appx bat cab chm cmd com cpl diagcab dll dmg ex exe hta ins iso isp jar jnlp js jse lib"
    " lnk mde msc msi msix msp mst nsh pif ps1 reg scf scr sct sh shb sys url vb vbe vbs vhd vxd wsc wsf wsh".split()
)
"""Endings of what a double click runs; Gmail and Outlook refuse these too."""
_PROGRAM_STARTS = (b"MZ", b"\x7fELF")
_ACTIVE = re.compile(r"text/html|\S+[/+]xml|\S*(?:java|ecma)script|(?:message|multipart)/\S*")
"""What a browser may run, and what a helpdesk may take apart."""
_KIND = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
_UNTOLD = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/binary"})
_ANY = "application/octet-stream"
_BY_NAME = mimetypes.MimeTypes(filenames=())
_JOINERS = "\u200c\u200d"
_NO_END = f" .{_JOINERS}"
"""What no name ends with: it would not be seen, or not be kept."""


def refusal_before(file: File) -> str:
    """Say why a file is not even fetched; empty where it is."""
    if file.size is not None and file.size > LONGEST_FILE:
        return too_large(file.size)
    ending = re.sub(f"[{_JOINERS}]", "", name_of(file).rpartition(".")[2].lower())
    return because("file_type", ending=ending) if ending in _PROGRAMS else ""


def refusal_after(content: bytes) -> str:
    """Say why a file that was fetched is not attached; empty where it is."""
    if not content:
        return because("file_empty")
    return because("file_program") if content.startswith(_PROGRAM_STARTS) else ""


def too_large(size: int) -> str:
    """Say that a file is too large."""
    return because("file_large", most=LONGEST_FILE // 2**20, size=size)


def is_page_instead(file: File, told: str) -> bool:
    """Say whether a web page came in place of a file: a login or an error, with a status that does not tell."""
    return _kind(told) in {"text/html", "application/xhtml+xml"} and guess(file) not in {"text/html", _kind(told)}


def upload(file: File, told: str, content: bytes) -> Upload:
    """Make what goes to the helpdesk; `told` is the type that the file's host has named."""
    kind = _kind(told)
    kind = guess(file) if kind in _UNTOLD else kind
    return Upload(name_of(file), _ANY if _ACTIVE.fullmatch(kind) else kind, content)


def name_of(file: File) -> str:
    """Give a file's own name as one that is nothing but a name: one line, no path, nothing unseen, at most 150 long.

    Of a longer one the ending stays.
    """
    seen = "".join(char if char.isprintable() or char in _JOINERS else " " for char in file.name)
    plain = " ".join(re.sub(r"[/\\]", "_", seen).split()).lstrip(f" {_JOINERS}").rstrip(_NO_END)
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > LONGEST_NAME and dot and len(ending) <= 10:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    return plain[:LONGEST_NAME].rstrip(_NO_END) or "file"


def guess(file: File) -> str:
    """Give the type that a file's name stands for."""
    kind, packed = _BY_NAME.guess_type(f"x/{name_of(file)}")
    return kind if kind and not packed else _ANY


def _kind(told: str) -> str:
    kind = told.partition(";")[0].strip().lower()
    return kind if _KIND.fullmatch(kind) else ""
