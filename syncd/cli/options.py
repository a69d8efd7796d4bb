"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from syncd.settings.load import load
from syncd.settings.models import Configuration

EnvFiles = Annotated[
    list[Path] | None,
    typer.Option("--env-file", help="Read variables from this file too; may be repeated, the last one wins."),
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: the keys are stable.")]


def configuration(env_files: list[Path] | None) -> Configuration:
    """Read the configuration. Raises ConfigError."""
    return load(os.environ, env_files or [])
