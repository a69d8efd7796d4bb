"""A trace is read as what the program did, in its order; what the reader does not understand is an error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.power.disk import everything
from tests.power.replay import Replay
from tests.power.spoken import Left, answered, posted
from tests.power.trace import Call, lines_of, read, under_strace, wait_for_end

DATABASE = Path("/d/x.db")
PROGRAM = """
import os, sys
folder = sys.argv[1]
database = os.open(folder + "/x.db", os.O_CREAT | os.O_RDWR)
os.pwrite(database, bytes(range(256)) * 4, 100)
os.fdatasync(database)
os.ftruncate(database, 600)
journal = os.open(folder + "/x.db-journal", os.O_CREAT | os.O_RDWR)
os.pwrite(journal, b"gone", 0)
os.unlink(folder + "/x.db-journal")
os.pwrite(journal, b"more", 4)
os.fsync(os.open(folder, os.O_RDONLY))
os.close(os.open(folder + "/other", os.O_CREAT | os.O_RDWR))
os._exit(3)
"""


def hexed(text: str | bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in (text.encode() if isinstance(text, str) else text))


def file(path: str) -> str:
    return f"7<{hexed(path)}>"


def spoken(name: str, connection: str, data: bytes, result: int | None = None) -> str:
    length = len(data) if result is None else result
    return f'1 {name}(9<TCP:[{connection}]>, "{hexed(data)}", {len(data)}) = {length}'


def one(line: str) -> Call:
    (call,) = read([line])
    return call


def test_a_write_has_its_file_place_and_bytes() -> None:
    call = one(f'12  pwrite64({file("/d/x.db")}, "{hexed("abc")}", 3, 4096) = 3')
    assert (call.name, call.target, call.number, call.data) == ("pwrite64", "/d/x.db", 4096, b"abc")


def test_of_a_short_write_only_what_was_written_counts() -> None:
    assert one(f'1 pwrite64({file("/d/x.db")}, "{hexed("abc")}", 3, 0) = 2').data == b"ab"


def test_several_buffers_are_one_write() -> None:
    buffers = f'[{{iov_base="{hexed("ab")}", iov_len=2}}, {{iov_base="{hexed("c")}", iov_len=1}}]'
    assert one(f"1 writev({file('/d/x.db')}, {buffers}, 2) = 3").data == b"abc"


def test_a_call_that_other_threads_interrupt_has_two_places() -> None:
    lines = [
        f"1 fdatasync({file('/d/x.db')} <unfinished ...>",
        f'2 pwrite64({file("/d/x.db")}, "{hexed("a")}", 1, 7 <unfinished ...>',
        "1 <... fdatasync resumed>)             = 0",
        "2 <... pwrite64 resumed>)              = 1",
    ]
    sync, write = read(lines)
    assert (sync.began, sync.ended, sync.result) == (0, 2, 0)
    assert (write.began, write.ended, write.number, write.data) == (1, 3, 7, b"a")


@pytest.mark.parametrize(
    "line",
    [
        f"1 fdatasync({file('/d/x.db')}) = -1 EIO (Input/output error)",
        f"1 fdatasync({file('/d/x.db')} <unfinished ...>",
        f"1 fdatasync({file('/d/x.db')}) = ?",
        "1 +++ exited with 0 +++",
    ],
)
def test_what_failed_or_never_ended_does_not_count(line: str) -> None:
    assert read([line]) == []


def test_a_file_that_is_deleted_is_no_file_of_the_folder() -> None:
    assert one(f'1 pwrite64({file("/d/x.db")}(deleted), "{hexed("a")}", 1, 0) = 1').target == ""


def test_a_path_is_told_from_the_folder_that_it_is_relative_to() -> None:
    call = one(f'1 openat(AT_FDCWD<{hexed("/d")}>, "{hexed("/d/x.db")}", O_RDWR|O_CREAT, 0644) = {file("/d/x.db")}')
    assert (call.target, call.path, call.creates, call.result) == ("", "/d/x.db", True, 7)


def test_a_string_that_strace_has_cut_is_an_error() -> None:
    with pytest.raises(ValueError, match="cut a string"):
        read([f'1 pwrite64({file("/d/x.db")}, "{hexed("a")}"..., 9000, 0) = 9000'])


def test_a_call_on_the_database_that_the_model_does_not_know_is_an_error() -> None:
    calls = read([f'1 write({file("/d/x.db")}, "{hexed("a")}", 1) = 1'])
    with pytest.raises(ValueError, match="knows no write"):
        Replay(calls, DATABASE).until(9)


def test_a_real_program_is_told_again_exactly(strace: str, tmp_path: Path) -> None:
    folder, trace = tmp_path / "d", tmp_path / "trace"
    folder.mkdir()
    command = under_strace(strace, trace, [sys.executable, "-c", PROGRAM, str(folder)])
    assert subprocess.run(command, check=False, timeout=60).returncode == 3
    wait_for_end(trace)
    calls = read(lines_of(trace))
    replay = Replay(calls, folder / "x.db")
    assert replay.until(calls[-1].ended).image(Random(1), [everything]) == {"x.db": (folder / "x.db").read_bytes()}
    assert (replay.figures()["writes"], replay.figures()["syncs"]) == (2, 2)


def test_answers_are_matched_with_what_was_sent_over_their_connection() -> None:
    ours, another = "127.0.0.1:80->127.0.0.2:5000", "127.0.0.1:80->127.0.0.1:6000"
    calls = read(
        [
            spoken("write", ours, b"HTTP/1.1 200 OK\r\n\r\n"),
            spoken("write", another, b"HTTP/1.1 200 OK\r\n\r\n"),
            spoken("write", ours, b"HTTP/1.1 503 Later\r\n\r\n"),
            spoken("write", ours, b"later"),
            spoken("write", ours, b"HTTP/1.1 200 OK\r\n\r\n"),
        ]
    )
    assert answered(calls, {"127.0.0.2:5000": [b"a", b"b", b"c"]}) == [Left(0, b"a"), Left(4, b"c")]


def test_a_call_has_left_when_all_of_its_body_has() -> None:
    head = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
    calls = read(
        [
            spoken("sendto", "127.0.0.1:6000->127.0.0.1:90", b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n" + head),
            spoken("sendto", "127.0.0.1:6001->127.0.0.1:90", head + b"else"),
            spoken("sendto", "127.0.0.1:6000->127.0.0.1:90", b"bo"),
            spoken("sendto", "127.0.0.1:6000->127.0.0.1:91", head + b"away"),
            spoken("sendto", "127.0.0.1:6000->127.0.0.1:90", b"dy"),
        ]
    )
    assert posted(calls, "127.0.0.1:90") == [Left(1, b"else"), Left(4, b"body")]
