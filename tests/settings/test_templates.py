"""Ops' own sentences: every mistake of a folder by file and line, and the shipped ones to begin with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from syncd.contract.errors import ConfigError
from syncd.core.text import SHIPPED, Sentences
from syncd.settings.load import load
from syncd.settings.templates import NAMES, write_templates
from tests.process.programs import syncd
from tests.settings.test_load import GOOD


def test_every_mistake_of_a_folder_is_exit_78_with_its_file_and_line(tmp_path: Path) -> None:
    for name, template in {
        "line.txt": "{{ text }}\n{{ nobody }}",
        "parked.txt": "{% if reason %}",
        "file.txt": "{{ name }} {{ size / 1024 }} KB",
        "merged.txt": "",
        "lines.txt": "x",
        "zzz.txt": "x",
        "line.j2": "x",
        "subject.txt": "x",
        ".gitignore": "x",
    }.items():
        (tmp_path / name).write_text(template)
    (tmp_path / "missed.txt").write_bytes(b"\xff")
    done = syncd("check", "--offline", **GOOD, BRIDGE_TEMPLATES=str(tmp_path), BRIDGE_SUBJECT="{{ visitor.nmae }}")
    assert done.returncode == os.EX_CONFIG
    found = dict(line.split(": ", 1) for line in done.stderr.splitlines())
    assert found.pop("environment").startswith("BRIDGE_SUBJECT: line 1 of the template fails: ")
    expected = {
        "line.txt": "line 2 of the template: no value is called nobody: write one of: author, at, text",
        "parked.txt": "line 1 of the template: Unexpected end of template.",
        "file.txt": "line 1 of the template fails: unsupported operand",
        "merged.txt": "the template shows nothing: write some words",
        "lines.txt": "unknown: did you mean line.txt?",
        "zzz.txt": "unknown: `syncd templates FOLDER` writes all there are",
        "line.j2": "unknown: did you mean line.txt?",
        "subject.txt": "unknown: write the subject into BRIDGE_SUBJECT",
        "missed.txt": "cannot be read: it is not UTF-8",
    }
    assert {Path(file).name for file in found} == set(expected)
    for name, words in expected.items():
        assert found[str(tmp_path / name)].startswith(words)


def test_a_folder_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"BRIDGE_TEMPLATES: .*nowhere cannot be read: No such file or directory"):
        load({**GOOD, "BRIDGE_TEMPLATES": str(tmp_path / "nowhere")})


def test_what_the_command_writes_says_the_same_as_what_is_shipped_and_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "merged.txt").write_text("Zwei Chats, ein Ticket.\n")
    assert syncd("templates", str(tmp_path)).stdout.startswith(f"{len(NAMES) - 1} template(s) written to {tmp_path}")
    assert write_templates(tmp_path) == ()
    (bridge,) = load({**GOOD, "BRIDGE_TEMPLATES": str(tmp_path)}).bridges
    assert set(bridge.templates) == {*NAMES, "subject"}
    own = Sentences(bridge.templates)
    assert own.merged() == "Zwei Chats, ein Ticket."
    assert own.follows("7", overtaken=True) == SHIPPED.follows("7", overtaken=True)
    assert own.unsent([]) == SHIPPED.unsent([])


def test_a_folder_that_cannot_be_written_is_one_line_and_exit_78(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = syncd("templates", str(tmp_path / "file"))
    assert (done.returncode, done.stderr) == (os.EX_CONFIG, f"{tmp_path}/file: cannot be written: File exists\n")
