"""`syncd status`: how every bridge is, read from the database, so that it tells even when the daemon is down."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import httpx
from sqlalchemy import Connection

from syncd import clock
from syncd.cli.operate import read
from syncd.cli.table import as_table, time
from syncd.core.alarm import SHOWN_BY_FIGURES
from syncd.settings.models import Configuration, DaemonSettings
from syncd.store import alerts, operations, reports
from syncd.store.alerts import AlertRow
from syncd.store.reports import EndReport, InboxReport

COLUMNS = ("bridge", "end", "state", "since", "waiting", "in doubt", "parked", "oldest", "reason")


def report_on(configuration: Configuration) -> dict[str, Any]:
    """Give the report; its keys are stable. `well` is true while the daemon runs and nothing is in trouble."""
    names = [bridge.name for bridge in configuration.bridges]
    found, inboxes, paused, alerted = read(configuration.daemon, partial(_query, names=names))
    is_running = _is_running(configuration.daemon)
    bridges: dict[str, Any] = {row.bridge: {"paused": row.bridge in paused, "inbox": _inbox(row)} for row in inboxes}
    for end in found:
        bridges[end.bridge][end.end] = _end(end)
    for name, bridge in bridges.items():
        bridge["alerts"] = [_alert(row) for row in alerted if row.bridge == name]
    is_told = any(row.what not in SHOWN_BY_FIGURES and row.bridge in names for row in alerted)
    well = is_running and not is_told and all(end.state in {"ok", "unknown"} and not end.parked for end in found)
    return {"well": well, "running": is_running, "bridges": bridges}


def _query(
    connection: Connection, names: Sequence[str]
) -> tuple[list[EndReport], list[InboxReport], set[str], list[AlertRow]]:
    found, inboxes = reports.ends_of(connection, names), reports.inboxes_of(connection, names)
    return found, inboxes, set(operations.paused(connection)), alerts.present(connection)


def _is_running(daemon: DaemonSettings) -> bool:
    try:
        return httpx.get(f"http://{daemon.listen}/healthz", timeout=2.0).is_success
    except httpx.TransportError:
        return False


def _inbox(row: reports.InboxReport) -> dict[str, int]:
    return {"unplanned": row.unplanned, "quarantined": row.quarantined}


def _alert(row: AlertRow) -> dict[str, Any]:
    is_told = row.told_since is not None
    return {
        "what": row.what,
        "end": row.end,
        "since": time(row.since),
        "told_at": time(row.told_at) if is_told else None,
        "text": row.text,
    }


def _end(end: EndReport) -> dict[str, Any]:
    return {
        "state": end.state,
        "reason": end.reason,
        "since": time(end.since) or None,
        "polled_at": time(end.polled_at) or None,
        "waiting": end.waiting,
        "in_doubt": end.in_doubt,
        "parked": end.parked,
        "oldest_seconds": None if end.oldest_at is None else round(max(0.0, clock.now() - end.oldest_at), 1),
    }


def as_text(report: dict[str, Any]) -> str:
    """Give the report for people."""
    rows = []
    for name, bridge in report["bridges"].items():
        for end in ("chat", "helpdesk"):
            told = bridge[end]
            oldest = "" if told["oldest_seconds"] is None else f"{told['oldest_seconds']:.0f} s"
            counts = (str(told["waiting"]), str(told["in_doubt"]), str(told["parked"]))
            rows.append((name, end, told["state"], told["since"] or "", *counts, oldest, told["reason"]))
    lines = [as_table(COLUMNS, rows)]
    for name, bridge in report["bridges"].items():
        if any(bridge["inbox"].values()):
            lines.append(
                f"{name}: {bridge['inbox']['unplanned']} unplanned, {bridge['inbox']['quarantined']} in quarantine"
            )
    lines += [
        f"{name}: {alert['text']}"
        for name, bridge in report["bridges"].items()
        for alert in bridge["alerts"]
        if alert["what"] not in SHOWN_BY_FIGURES
    ]
    lines += [f"{name}: paused, delivers nothing" for name, bridge in report["bridges"].items() if bridge["paused"]]
    lines.append("the daemon runs" if report["running"] else "the daemon does not run")
    return "\n".join(lines)
