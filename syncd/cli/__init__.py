"""The commands.

Exit codes: 0 fine, 1 something is wrong, 2 usage, 69 an end cannot be reached, 75 try again later, 78 configuration.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from syncd import logs, registry
from syncd.cli import failed
from syncd.cli.options import AsJson, EnvFiles, configuration
from syncd.contract.errors import ConfigError, TryLaterError
from syncd.contract.model import BridgeName
from syncd.settings.models import Configuration

app = typer.Typer(
    help="syncd keeps website chats and helpdesk tickets in step, both ways.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(failed.app, name="failed")

Bridge = Annotated[str, typer.Option(help="The bridge, by its name.")]


def main() -> None:
    """Run the command line; a configuration mistake ends it with its list and exit code 78, what passes with 75."""
    try:
        app()
    except ConfigError as wrong:
        for problem in wrong.problems:
            typer.echo(problem, err=True)
        sys.exit(os.EX_CONFIG)
    except TryLaterError as passing:
        typer.echo(str(passing), err=True)
        sys.exit(os.EX_TEMPFAIL)


@app.command()
def run(env_file: EnvFiles = None) -> None:
    """Run the daemon in the foreground, logging to stderr, until SIGTERM."""
    import uvloop

    from syncd.app import run as run_daemon

    settings = configuration(env_file)
    logs.set_up(settings.daemon.log_level, settings.daemon.log_format)
    code = uvloop.run(run_daemon(settings))
    if threading.active_count() > 1:
        # One that hangs on a lock or a disk would hold up the interpreter's own end.
        os._exit(code)
    sys.exit(code)


@app.command()
def check(
    env_file: EnvFiles = None,
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Check the settings only; make no call.")] = False,
) -> None:
    """Check the settings, then make one cheap authenticated call to each end; print the webhook URLs."""
    from syncd.cli.check import alerting, ends, webhook_lines

    settings = configuration(env_file)
    typer.echo("\n".join(webhook_lines(settings)))
    if settings.daemon.warning:
        typer.echo(f"warning: {settings.daemon.warning}", err=True)
    answers = alerting(settings) + ([] if offline else asyncio.run(ends(settings)))
    for answer in answers:
        typer.echo(answer.line)
    sys.exit(max((answer.exit_code for answer in answers), default=0))


@app.command()
def status(env_file: EnvFiles = None, *, as_json: AsJson = False) -> None:
    """Show every bridge: both ends, what waits, in doubt and parked. Exit code 1 where something is not well."""
    from syncd.cli.status import as_text, report_on

    report = report_on(configuration(env_file))
    typer.echo(json.dumps(report, indent=2) if as_json else as_text(report))
    sys.exit(0 if report["well"] else 1)


@app.command()
def trace(
    wanted: Annotated[str, typer.Argument(metavar="ID")], env_file: EnvFiles = None, *, as_json: AsJson = False
) -> None:
    """Tell the whole life of a message, conversation, ticket or delivery, in order. Exit code 1 for an unknown one."""
    from functools import partial

    from syncd.cli.operate import read
    from syncd.cli.table import as_table, time
    from syncd.store.trace import moments

    found = read(configuration(env_file).daemon, partial(moments, wanted=wanted))
    if as_json:
        typer.echo(json.dumps([moment._asdict() for moment in found], indent=2))
    elif found:
        rows = [(time(moment.at), moment.bridge, moment.conversation, moment.what) for moment in found]
        typer.echo(as_table(("at", "bridge", "conversation", "what"), rows))
    else:
        typer.echo(f"nothing is known of {wanted}", err=True)
    sys.exit(0 if found else 1)


@app.command()
def replay(
    first: Annotated[int, typer.Argument(help="The number of a stored event: the log and `syncd trace` tell it.")],
    last: Annotated[int | None, typer.Argument(help="The last one; by default the first alone.")] = None,
    env_file: EnvFiles = None,
) -> None:
    """Plan stored events again. What was planned before is known by its id and is not done twice."""
    from syncd.cli.operate import operate
    from syncd.store.operations import Replay

    count = operate(configuration(env_file).daemon, Replay(first, first if last is None else last))
    typer.echo(f"{count} event(s) planned again")
    sys.exit(0 if count else 1)


@app.command()
def pause(bridge: Bridge = "default", env_file: EnvFiles = None) -> None:
    """Let a bridge deliver nothing; what comes in is stored. `syncd resume` goes on in order."""
    from syncd.cli.operate import operate
    from syncd.store.operations import Pause

    settings = configuration(env_file)
    changed = operate(settings.daemon, Pause(_known(bridge, settings)))
    typer.echo(f"bridge {bridge} " + ("is paused" if changed else "was paused already"))


@app.command()
def resume(bridge: Bridge = "default", env_file: EnvFiles = None) -> None:
    """Let a paused bridge deliver again, in order."""
    from syncd.cli.operate import operate
    from syncd.store.operations import Resume

    settings = configuration(env_file)
    changed = operate(settings.daemon, Resume(_known(bridge, settings)))
    typer.echo(f"bridge {bridge} " + ("delivers again" if changed else "was not paused"))


def _known(bridge: str, settings: Configuration) -> BridgeName:
    names = [configured.name for configured in settings.bridges]
    if bridge not in names:
        raise typer.BadParameter(f"no bridge is called {bridge}: there is {', '.join(names)}")
    return BridgeName(bridge)


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
def templates(folder: Annotated[Path, typer.Argument(help="Where to; files that are there stay.")]) -> None:
    """Write every sentence that agents and visitors read into a folder, a template each, for BRIDGE_TEMPLATES."""
    from syncd.settings.templates import write_templates

    written = write_templates(folder)
    typer.echo(f"{len(written)} template(s) written to {folder}: change what you like, delete what stays as shipped")


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="The port of 127.0.0.1 to show it on; 0 for any that is free.")] = 8021,
    *,
    browser: Annotated[bool, typer.Option(help="Open it, where there is a screen.")] = True,
) -> None:
    """Show a visitor's chat and an agent's desk in the browser, syncd between them, with no account anywhere."""
    from syncd.demo import open_where_seen, show

    def ready(address: str) -> None:
        typer.echo(f"syncd shows itself at {address} (Ctrl-C ends it)")
        if browser:
            open_where_seen(address)

    asyncio.run(show(port, ready))
