"""`syncd failed`: what was parked, and what becomes of it."""

from __future__ import annotations

import getpass
import json
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from syncd.cli.operate import operate, read
from syncd.cli.options import AsJson, EnvFiles, configuration
from syncd.cli.table import as_table, time
from syncd.store import operations
from syncd.store.operations import Drop, Parked, Retry

app = typer.Typer(help="What was parked: list it, show it, retry it, drop it.", no_args_is_help=True)

Keys = Annotated[list[str] | None, typer.Argument(help="Deliveries, as `syncd failed list` names them.")]
All = Annotated[bool, typer.Option("--all", help="Every parked delivery.")]


def _parked(env_file: list[Path] | None) -> list[Parked]:
    return read(configuration(env_file).daemon, partial(operations.parked))


@app.command("list")
def list_(env_file: EnvFiles = None, *, as_json: AsJson = False) -> None:
    """List what is parked, without anybody's words. Exit code 1 where there is something."""
    found = _parked(env_file)
    if as_json:
        rows = [{name: value for name, value in row._asdict().items() if name != "body"} for row in found]
        typer.echo(json.dumps(rows, indent=2))
    elif found:
        header = ("delivery", "bridge", "to", "what", "conversation", "ticket", "parked at", "reason")
        lines = [
            (
                row.key,
                row.bridge,
                row.end,
                row.kind,
                row.conversation,
                row.ticket or "",
                time(row.parked_at),
                row.reason,
            )
            for row in found
        ]
        typer.echo(as_table(header, lines))
    raise typer.Exit(1 if found else 0)


@app.command()
def show(key: str, env_file: EnvFiles = None) -> None:
    """Show one parked delivery whole, the words in it too."""
    found = next((row for row in _parked(env_file) if row.key == key), None)
    if found is None:
        typer.echo(f"no parked delivery is called {key}: see `syncd failed list`", err=True)
        raise typer.Exit(1)
    told = {**found._asdict(), "body": found.content()}
    typer.echo(json.dumps(told, indent=2, ensure_ascii=False))


@app.command()
def retry(keys: Keys = None, env_file: EnvFiles = None, *, every: All = False) -> None:
    """Let parked deliveries go again, each in its place."""
    _say("retried", operate(configuration(env_file).daemon, Retry(_chosen(keys, env_file, every=every))))


@app.command()
def drop(keys: Keys = None, env_file: EnvFiles = None, *, every: All = False) -> None:
    """Give parked deliveries up for good; the ledger keeps that you did."""
    chosen = Drop(_chosen(keys, env_file, every=every), getpass.getuser())
    _say("dropped", operate(configuration(env_file).daemon, chosen))


def _chosen(keys: list[str] | None, env_file: list[Path] | None, *, every: bool) -> tuple[str, ...]:
    if every:
        return tuple(row.key for row in _parked(env_file))
    if not keys:
        raise typer.BadParameter("name deliveries, or say --all")
    return tuple(keys)


def _say(done: str, count: int) -> None:
    typer.echo(f"{count} {done}")
    raise typer.Exit(0 if count else 1)
