"""Ops' own sentences: a folder with a template for each, and the shipped ones to begin with."""

from __future__ import annotations

import difflib
from pathlib import Path

from syncd.contract.errors import ConfigError
from syncd.core.sentences import SENTENCES
from syncd.core.template import check

ENDING = ".txt"
NAMES = tuple(name for name in SENTENCES if name != "subject")
"""The subject is a setting of its own."""


def read_templates(folder: Path, where: str, problems: list[str]) -> dict[str, str]:
    """Read every NAME.txt of a folder, or note what is wrong, by file and line. Hidden files are none of ours."""
    try:
        files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as unreadable:
        problems.append(f"{where}: {folder} cannot be read: {unreadable.strerror}")
        return {}
    found = {}
    for file in files:
        try:
            found[file.stem] = _read(file)
        except OSError as unreadable:
            problems.append(f"{file}: cannot be read: {unreadable.strerror}")
        except ValueError as wrong:
            problems.append(f"{file}: {wrong}")
    return found


def _read(file: Path) -> str:
    if file.stem not in NAMES or file.suffix != ENDING:
        raise ValueError(_unknown(file))
    try:
        template = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("cannot be read: it is not UTF-8") from None
    check(template, SENTENCES[file.stem])
    return template


def _unknown(file: Path) -> str:
    if file.stem == "subject":
        return "unknown: write the subject into BRIDGE_SUBJECT"
    near = difflib.get_close_matches(file.name, [f"{name}{ENDING}" for name in NAMES], n=1)
    return f"unknown: did you mean {near[0]}?" if near else "unknown: `syncd templates FOLDER` writes all there are"


def write_templates(folder: Path) -> tuple[Path, ...]:
    """Write the shipped sentences into a folder, which is made; give each file written. One that is there stays.

    Raises ConfigError where that is not possible.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = {name: folder / f"{name}{ENDING}" for name in NAMES}
        new = {name: file for name, file in files.items() if not file.exists()}
        for name, file in new.items():
            values = ", ".join(SENTENCES[name].samples[0]) or "none"
            file.write_text(f"{{#- Values: {values} -#}}\n{SENTENCES[name].template}\n", encoding="utf-8")
    except OSError as unwritable:
        raise ConfigError([f"{unwritable.filename}: cannot be written: {unwritable.strerror}"]) from None
    return tuple(new.values())
