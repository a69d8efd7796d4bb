"""The manual page tells every command, every option and every exit code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import typer

from syncd import cli

PAGE = (Path(__file__).parents[2] / "systemd" / "debian" / "syncd.1").read_text().replace("\\-", "-")


def commands(app: typer.Typer, name: str) -> Iterator[str]:
    """Give what one types for each command, without its arguments."""
    for command in app.registered_commands:
        assert command.callback is not None
        yield f"{name} {command.name or command.callback.__name__}"
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield from commands(group.typer_instance, f"{name} {group.name}")


def test_every_command_is_told() -> None:
    told = set(re.findall(r'^\.(?:BR?|BI) "?(syncd [a-z]+(?: (?:list|show|retry|drop))?)', PAGE, flags=re.MULTILINE))
    assert told == set(commands(cli.app, "syncd"))


def test_every_option_is_told() -> None:
    sources = "".join(path.read_text() for path in Path(cli.__file__).parent.glob("*.py"))
    options = set(re.findall(r'"(--[a-z-]+)"', sources))
    assert "--offline" in options
    assert [option for option in options if option not in PAGE] == []


def test_every_exit_code_is_told() -> None:
    codes = re.findall(r"(\d+) [a-z]", (cli.__doc__ or "").partition("Exit codes:")[2])
    assert re.findall(r"^\.B (\d+)$", PAGE, flags=re.MULTILINE) == codes
