"""The first page: how every bridge is, trouble first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from syncd import clock
from syncd.contract.model import BridgeName
from syncd.core import quota
from syncd.core.alarm import SHOWN_BY_FIGURES
from syncd.engine.account import account_of
from syncd.engine.bridge import ENDS, Bridge
from syncd.engine.metrics import Metrics
from syncd.engine.storage import Storage
from syncd.pages.mount import Mounted
from syncd.pages.picture import SPANS, WEEK, Picture, lag, lines
from syncd.pages.show import show
from syncd.pages.summary import Summary, summaries
from syncd.pages.words import STATES, vendor
from syncd.store import alerts, ends, hours, operations, reports
from syncd.store.alerts import AlertRow
from syncd.store.database import Database
from syncd.store.ends import Calls
from syncd.store.hours import Hour
from syncd.store.reports import EndReport, InboxReport


@dataclass(frozen=True)
class EndShown:
    """One end. `left` is how many calls its account may make now, None where the vendor names no limit."""

    name: str
    vendor: str
    health: str
    report: EndReport
    lag: float
    left: int | None
    window: float


@dataclass(frozen=True)
class BridgeShown:
    """One bridge."""

    name: str
    paused_since: float | None
    ends: tuple[EndShown, ...]
    inbox: InboxReport
    drift: int
    pictures: tuple[tuple[str, tuple[Picture, ...]], ...]
    summaries: tuple[Summary, ...]
    pages: tuple[tuple[str, str], ...]
    """Addresses and names of what its connectors show."""
    alerts: tuple[str, ...]

    @property
    def trouble(self) -> tuple[str, ...]:
        """What somebody should look at, each in one line."""
        return (*(line for end in self.ends for line in _trouble(end)), *self.alerts)


def _trouble(end: EndShown) -> list[str]:
    told = []
    if end.report.state not in {"ok", "unknown"}:
        told.append(f"{end.vendor} {end.health}: {end.report.reason}")
    if end.report.parked:
        told.append(f"{end.report.parked} parked on the way to {end.vendor}")
    return told


@dataclass(frozen=True)
class _Found:
    """What the database says."""

    ends: Sequence[EndReport]
    inboxes: Sequence[InboxReport]
    paused: Mapping[BridgeName, float]
    calls: Mapping[str, Calls]
    hours: Sequence[Hour]
    alerts: Sequence[AlertRow]


class Overview:
    """Shows all bridges."""

    def __init__(
        self,
        bridges: Mapping[BridgeName, Bridge],
        storage: Storage,
        readers: Database,
        metrics: Metrics,
        mounted: Mounted,
    ) -> None:
        self._bridges = bridges
        self._storage = storage
        self._readers = readers
        self._metrics = metrics
        self._mounted = mounted

    async def answer(self, request: Request) -> Response:
        """Show the page."""
        now = clock.now()
        found = await self._readers.run(partial(self._find, now=now))
        shown = [self._bridge(bridge, found, now) for bridge in self._bridges.values()]
        return show(request, "overview.html", bridges=shown, now=now, database=self._storage.trouble)

    def _find(self, connection: Connection, now: float) -> _Found:
        names = sorted(self._bridges)
        accounts = {account_of(bridge, end) for bridge in self._bridges.values() for end in ENDS}
        return _Found(
            ends=reports.ends_of(connection, names),
            inboxes=reports.inboxes_of(connection, names),
            paused=operations.paused(connection),
            calls={account: ends.calls_of(connection, account) for account in accounts},
            hours=hours.since(connection, WEEK.first(now)),
            alerts=[row for row in alerts.present(connection) if row.what not in SHOWN_BY_FIGURES],
        )

    def _bridge(self, bridge: Bridge, found: _Found, now: float) -> BridgeShown:
        mine = [hour for hour in found.hours if hour.bridge == bridge.name]
        return BridgeShown(
            name=bridge.name,
            paused_since=found.paused.get(bridge.name),
            ends=tuple(_end(bridge, report, found, now) for report in found.ends if report.bridge == bridge.name),
            inbox=next(inbox for inbox in found.inboxes if inbox.bridge == bridge.name),
            drift=self._metrics.drifted(bridge.name),
            pictures=tuple(_pictures(mine, now)),
            summaries=summaries(mine, now),
            pages=tuple(self._mounted.of(bridge)),
            alerts=tuple(row.text for row in found.alerts if row.bridge == bridge.name),
        )


def _end(bridge: Bridge, report: EndReport, found: _Found, now: float) -> EndShown:
    side = ENDS[0] if report.end == ENDS[0] else ENDS[1]
    connector = bridge.connector(side)
    allowed = connector.quota
    made = found.calls[account_of(bridge, side)].times
    return EndShown(
        name=report.end,
        vendor=vendor(connector),
        health=STATES.get(report.state, report.state),
        report=report,
        lag=0.0 if report.oldest_at is None else max(0.0, now - report.oldest_at),
        left=None if allowed is None else allowed.calls - len(quota.recent(made, allowed, now)),
        window=0.0 if allowed is None else allowed.seconds,
    )


def _pictures(found: Sequence[Hour], now: float) -> Iterator[tuple[str, tuple[Picture, ...]]]:
    for end, way in (("helpdesk", "to the helpdesk"), ("chat", "to the chat")):
        mine = [hour for hour in found if hour.end == end]
        yield f"lines {way}", tuple(lines(mine, span, now) for span in SPANS)
        yield f"lag on the way {way}", tuple(lag(mine, span, now) for span in SPANS)
