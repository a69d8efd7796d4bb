"""The commands.

Exit codes: 0 fine, 1 something is wrong, 2 usage, 69 an end cannot be reached, 75 try again later, 78 configuration.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from syncd import logs, registry
from syncd.contract.errors import ConfigError
from syncd.settings.load import load
from syncd.settings.models import Configuration

EX_UNAVAILABLE = 69
EX_TEMPFAIL = 75
EX_CONFIG = 78

app = typer.Typer(
    help="syncd keeps website chats and helpdesk tickets in step, both ways.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

EnvFiles = Annotated[
    list[Path] | None,
    typer.Option("--env-file", help="Read variables from this file too; may be repeated, the last one wins."),
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: the keys are stable.")]


def main() -> None:
    """Run the command line; a configuration mistake ends it with its list and exit code 78."""
    try:
        app()
    except ConfigError as wrong:
        for problem in wrong.problems:
            typer.echo(problem, err=True)
        sys.exit(EX_CONFIG)


def _configuration(env_files: list[Path] | None) -> Configuration:
    return load(os.environ, env_files or [])


@app.command()
def run(env_file: EnvFiles = None) -> None:
    """Run the daemon in the foreground, logging to stderr, until SIGTERM."""
    import uvloop

    from syncd.app import run as run_daemon
    from syncd.store.lock import AlreadyRunningError

    configuration = _configuration(env_file)
    logs.set_up(configuration.daemon.log_level, configuration.daemon.log_format)
    try:
        sys.exit(uvloop.run(run_daemon(configuration)))
    except AlreadyRunningError as other:
        typer.echo(str(other), err=True)
        sys.exit(EX_TEMPFAIL)


@app.command()
def check(
    env_file: EnvFiles = None,
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Check the settings only; make no call.")] = False,
) -> None:
    """Check the settings, then make one cheap authenticated call to each end; print the webhook URLs."""
    from syncd.cli.check import ends, webhook_lines

    configuration = _configuration(env_file)
    typer.echo("\n".join(webhook_lines(configuration)))
    if not offline:
        answers = asyncio.run(ends(configuration))
        typer.echo("\n".join(answer.line for answer in answers))
        sys.exit(max(answer.exit_code for answer in answers))


@app.command()
def status(env_file: EnvFiles = None, *, as_json: AsJson = False) -> None:
    """Show every bridge: both ends, what waits, in doubt and parked. Exit code 1 where something is not well."""
    from syncd.cli.status import as_text, report_on

    report = report_on(_configuration(env_file))
    typer.echo(json.dumps(report, indent=2) if as_json else as_text(report))
    sys.exit(0 if report["well"] else 1)


@app.command()
def init(
    chat: Annotated[str, typer.Option(help=f"One of: {', '.join(registry.names('chat'))}.")] = "chatra",
    helpdesk: Annotated[
        str, typer.Option(help=f"One of: {', '.join(registry.names('helpdesk'))}.")
    ] = "request_tracker",
) -> None:
    """Print a commented env file with just the settings that a pair of connectors needs."""
    from syncd.cli.init import env_file

    typer.echo(env_file(registry.chat(chat), registry.helpdesk(helpdesk)), nl=False)


@app.command()
def demo() -> None:
    """Show one conversation going both ways on embedded parts, with no account anywhere."""
    from syncd.demo import show

    sys.exit(asyncio.run(show()))
