"""Counters for /metrics. Labels come from the route table and closed lists only (CVE-2026-49835)."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from ca_bridge.core.verdict import Verdict
from ca_bridge.services.shadow import Comparison

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_OTHER = "other"
_SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # read by the library itself when it is imported
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "ca_bridge_requests", "HTTP requests", ("route", "method", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "ca_bridge_request_seconds",
            "Time to answer",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._verdicts = Counter(
            "ca_bridge_verdicts",
            "Verdicts by indication and leading reason",
            ("indication", "reason"),
            registry=self._registry,
        )
        self._shadow = Counter(
            "ca_bridge_shadow_verdicts",
            "Live traffic judged by the upcoming release too, by both indications",
            ("live", "upcoming", "disagrees"),
            registry=self._registry,
        )
        self._journal = Counter(
            "ca_bridge_journal_requests",
            "Requests to be kept for analyses of impact, by what became of them",
            ("outcome",),
            registry=self._registry,
        )

    def shadow(self, found: Comparison) -> None:
        """Count one question judged by the upcoming release beside the live one."""
        disagrees = "true" if found.disagrees else "false"
        self._shadow.labels(found.live.value, found.upcoming.value, disagrees).inc()

    def journal(self, outcome: str) -> None:
        """Count one request that was to be kept: recorded, left_out or failed."""
        self._journal.labels(outcome).inc()

    def request(self, route: str | None, method: str, status: int, seconds: float) -> None:
        """Count one answered request; ``route`` is the rule that matched, None when none did."""
        label = route or _OTHER
        verb = method if method in _METHODS else _OTHER
        self._requests.labels(label, verb, str(status)).inc()
        self._seconds.labels(label).observe(seconds)

    def verdict(self, verdict: Verdict) -> None:
        """Count one verdict."""
        leading = verdict.findings[0].reason.code if verdict.findings else "none"
        self._verdicts.labels(verdict.indication.value, leading).inc()

    def exposition(self) -> bytes:
        """The text Prometheus reads; of all worker processes when they share a folder of counters."""
        if _SHARED_FOLDER not in os.environ:
            return generate_latest(self._registry)
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
        return generate_latest(everyone)
