"""What Prometheus reads. Counters count since start-up; the rest is asked from the database when scraped."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from syncd.store.reports import EndReport

MOST_UNKNOWN = 100


class Metrics:
    """The daemon's figures, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.webhooks = self._counter("webhooks", "Webhooks by what was answered", "bridge", "end", "status")
        self.events = self._counter("events", "Events by what the plan said of them", "bridge", "verdict")
        self.deliveries = self._counter("deliveries", "Deliveries by outcome", "bridge", "end", "kind", "outcome")
        self.drift = self._counter("drift", "Messages that only a transcript brought", "bridge")
        self._unknown = self._counter("unknown", "Events and keys that nobody knows", "bridge", "what")
        self.polls = self._counter("polls", "Polls by outcome", "bridge", "end", "outcome")
        self.call_seconds = Histogram(
            "syncd_call_seconds", "How long a delivery's call took", ("bridge", "end"), registry=self._registry
        )
        self._waiting = self._gauge("deliveries_waiting", "Deliveries that wait", "bridge", "end")
        self._in_doubt = self._gauge("deliveries_in_doubt", "Deliveries that may have happened", "bridge", "end")
        self._parked = self._gauge("deliveries_parked", "Deliveries that wait for somebody", "bridge", "end")
        self._lag = self._gauge("lag_seconds", "Age of the oldest delivery that waits", "bridge", "end")
        self._up = self._gauge("end_up", "1 while the end answers", "bridge", "end")
        self._unknown_names: set[str] = set()

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"syncd_{name}", words, labels, registry=self._registry)

    def _gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(f"syncd_{name}", words, labels, registry=self._registry)

    def count_unknown(self, bridge: str, what: str) -> None:
        """Count something that nobody knows; names past the hundredth are counted as `other`."""
        if len(self._unknown_names) < MOST_UNKNOWN:
            self._unknown_names.add(what)
        self._unknown.labels(bridge, what if what in self._unknown_names else "other").inc()

    def drifted(self, bridge: str) -> int:
        """Give how many messages of a bridge only a transcript brought, since the start."""
        return int(self._registry.get_sample_value("syncd_drift_total", {"bridge": bridge}) or 0)

    def render(self, reports: list[EndReport], now: float) -> bytes:
        """Give everything in Prometheus' text format."""
        for report in reports:
            labels = (report.bridge, report.end)
            self._waiting.labels(*labels).set(report.waiting)
            self._in_doubt.labels(*labels).set(report.in_doubt)
            self._parked.labels(*labels).set(report.parked)
            self._lag.labels(*labels).set(0 if report.oldest_at is None else max(0.0, now - report.oldest_at))
            self._up.labels(*labels).set(report.state == "ok")
        return generate_latest(self._registry)
