"""`syncd status`: how every bridge is, read from the database, so that it tells even when the daemon is down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
from sqlalchemy.exc import SQLAlchemyError

from syncd import clock
from syncd.contract.errors import ConfigError
from syncd.settings.models import Configuration, DaemonSettings
from syncd.store import reports
from syncd.store.database import opened, reader
from syncd.store.reports import EndReport

COLUMNS = ("bridge", "end", "state", "since", "waiting", "in doubt", "parked", "oldest", "reason")


def report_on(configuration: Configuration) -> dict[str, Any]:
    """Give the report; its keys are stable. `well` is true while the daemon runs and no end is in trouble."""
    names = [bridge.name for bridge in configuration.bridges]
    found, inboxes = _read(configuration.daemon, names)
    is_running = _is_running(configuration.daemon)
    bridges: dict[str, Any] = {row.bridge: {"inbox": _inbox(row)} for row in inboxes}
    for end in found:
        bridges[end.bridge][end.end] = _end(end)
    well = is_running and all(end.state in {"ok", "unknown"} and not end.parked for end in found)
    return {"well": well, "running": is_running, "bridges": bridges}


def _read(daemon: DaemonSettings, names: Sequence[str]) -> tuple[list[EndReport], list[reports.InboxReport]]:
    path = daemon.database_path()
    if not path.exists():
        raise ConfigError([f"SYNCD_DATABASE_URL: {path} is not there yet: `syncd run` makes it"])
    try:
        with opened(reader(path)) as readers:
            found = readers.transact(partial(reports.ends_of, names=names))
            return found, readers.transact(partial(reports.inboxes_of, names=names))
    except SQLAlchemyError as failure:
        raise ConfigError(
            [f"SYNCD_DATABASE_URL: {path} cannot be read: {getattr(failure, 'orig', failure)}"]
        ) from failure


def _is_running(daemon: DaemonSettings) -> bool:
    try:
        return httpx.get(f"http://{daemon.listen}/healthz", timeout=2.0).is_success
    except httpx.TransportError:
        return False


def _inbox(row: reports.InboxReport) -> dict[str, int]:
    return {"unplanned": row.unplanned, "quarantined": row.quarantined}


def _end(end: EndReport) -> dict[str, Any]:
    return {
        "state": end.state,
        "reason": end.reason,
        "since": _time(end.since),
        "polled_at": _time(end.polled_at),
        "waiting": end.waiting,
        "in_doubt": end.in_doubt,
        "parked": end.parked,
        "oldest_seconds": None if end.oldest_at is None else round(max(0.0, clock.now() - end.oldest_at), 1),
    }


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def as_text(report: dict[str, Any]) -> str:
    """Give the report for people."""
    rows = [COLUMNS]
    for name, bridge in report["bridges"].items():
        for end in ("chat", "helpdesk"):
            told = bridge[end]
            oldest = "" if told["oldest_seconds"] is None else f"{told['oldest_seconds']:.0f} s"
            counts = (str(told["waiting"]), str(told["in_doubt"]), str(told["parked"]))
            rows.append((name, end, told["state"], told["since"] or "", *counts, oldest, told["reason"]))
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for name, bridge in report["bridges"].items():
        if any(bridge["inbox"].values()):
            lines.append(
                f"{name}: {bridge['inbox']['unplanned']} unplanned, {bridge['inbox']['quarantined']} in quarantine"
            )
    lines.append("the daemon runs" if report["running"] else "the daemon does not run")
    return "\n".join(lines)
