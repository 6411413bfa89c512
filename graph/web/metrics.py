"""What Prometheus may ask: counters that cost little, and gauges read when asked.

Labels take few values: routes are templates, methods and rules those that are
known, and what is not goes under one name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from pyoxigraph import Literal

from graph.errors import StoreFault
from graph.kg import KnowledgeGraph
from graph.report import Report
from graph.rules import rules
from graph.vocab import ASC, shorten
from graph.web.observing import Record

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "other"
disable_created_metrics()  # type: ignore[no-untyped-call]  # a second sample for each, which nobody asks for


class Metrics:
    """What one application counts."""

    def __init__(self, kg: KnowledgeGraph, asked: Callable[[], dict[str, int]] = dict) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "ascribe_requests",
            "Requests answered.",
            ("route", "method", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "ascribe_request_seconds",
            "From a request's arrival until its whole answer was handed over.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._received = Counter(
            "ascribe_received_bytes", "Bodies of requests.", ("route",), registry=registry
        )
        self._sent = Counter(
            "ascribe_sent_bytes", "Bodies of answers.", ("route",), registry=registry
        )
        self._under_way = Gauge(
            "ascribe_requests_under_way", "Requests not yet answered in full.", registry=registry
        )
        self._writes = Counter(
            "ascribe_writes",
            "What became of bundles and changes that were sent.",
            ("road", "outcome"),
            registry=registry,
        )
        self._refused = Counter(
            "ascribe_refused_bundles",
            "Changes that were refused for breaking a rule.",
            ("rule",),
            registry=registry,
        )
        self._checks = Histogram(
            "ascribe_check_seconds",
            "How long the check of a bundle took.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._counters = lru_cache(maxsize=1_000)(self._labelled)
        registry.register(_Dataset(kg))
        registry.register(_Queries(asked))
        ProcessCollector(registry=registry)
        kg.writer.on_check = self._checks.observe

    def begin(self, _: Record) -> None:
        """Count a request that has come."""
        self._under_way.inc()

    def end(self, seen: Record) -> None:
        """Count a request that has been answered."""
        route = seen.route or _OTHER
        method = seen.method if seen.method in _METHODS else _OTHER
        requests, seconds, sent = self._counters(route, method, seen.status)
        requests.inc()
        seconds.observe(seen.seconds)
        sent.inc(seen.sent)
        if seen.received:
            self._received.labels(route).inc(seen.received)
        self._under_way.dec()

    def _labelled(self, route: str, method: str, status: int) -> tuple[Counter, Histogram, Counter]:
        """Looked up once: labels cost more than what is counted under them."""
        return (
            self._requests.labels(route, method, str(status)),
            self._seconds.labels(route),
            self._sent.labels(route),
        )

    def wrote(self, road: str, outcomes: Iterable[str]) -> None:
        """Count what became of what was sent by a road."""
        for outcome in outcomes:
            self._writes.labels(road, outcome).inc()

    def refused(self, report: Report) -> None:
        """Count the rules that a refused change breaks, each once."""
        known = rules()
        broken = {each.rule for each in report.results if each.is_violation}
        for rule in {shorten(each) if each in known else _OTHER for each in broken}:
            self._refused.labels(rule).inc()

    def exposed(self) -> bytes:
        """All of it, in Prometheus's text format."""
        return generate_latest(self._registry)


class _Dataset(Collector):
    """The state of a dataset and of the process, looked up when asked."""

    def __init__(self, kg: KnowledgeGraph) -> None:
        self._kg = kg
        self._counted = (-1, 0)

    def collect(self) -> Iterator[Metric]:
        """The gauges; those that the store has to answer are left out where it does not."""
        kg = self._kg
        yield _gauge("process_threads", "Threads.", len(list(Path("/proc/self/task").iterdir())))
        yield _gauge("ascribe_parsers_busy", "Processes that parse an input.", kg.reader.busy)
        yield _gauge(
            "ascribe_store_lag_groups",
            "Groups of writes that are logged and not yet in the store.",
            kg.writer.commits.lag,
        )
        try:
            revision = kg.writer.revision()
            statements = self._statements(revision)
        except StoreFault:
            yield _gauge("ascribe_store_up", "Whether the store answers.", 0)
            return
        yield _gauge("ascribe_store_up", "Whether the store answers.", 1)
        yield _gauge("ascribe_revision", "Writes that have changed the dataset.", revision)
        yield _gauge("ascribe_statements", "Statements stored.", statements)

    def _statements(self, revision: int) -> int:
        """How many statements there are, counted again once something was written."""
        if self._counted[0] != revision:
            catalog = self._kg.graphs.catalog
            counts = self._kg.store.match(None, ASC.statementCount, None, catalog)
            total = sum(int(q.object.value) for q in counts if isinstance(q.object, Literal))
            self._counted = (revision, total)
        return self._counted[1]


class _Queries(Collector):
    """The workers that answer queries; nothing where there are none."""

    _NOW = ("workers", "busy", "queued")

    def __init__(self, asked: Callable[[], dict[str, int]]) -> None:
        self._asked = asked

    def collect(self) -> Iterator[Metric]:
        """How many workers there are, are busy, and wait; what became of queries."""
        stats = self._asked()
        for name in self._NOW:
            if name in stats:
                yield _gauge(f"ascribe_query_{name}", f"Query workers: {name}.", stats[name])
        events = CounterMetricFamily(
            "ascribe_query_events", "What happened to queries so far.", labels=("event",)
        )
        for event in sorted(stats.keys() - set(self._NOW)):
            events.add_metric((event,), stats[event])
        yield events


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)
