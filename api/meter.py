"""What Prometheus reads: requests as every web process counts them, and the rows of the database.

Requests are counted in files of a folder that all web processes of one command share (the library's
multiprocess mode); without a folder, in this process alone. All else is read from the database each time.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from api.counts import count_in_files
from workflow.clock import monotonic
from workflow.operations.sweep.heartbeat import Pulse
from workflow.queries.counts import Measures
from workflow.queries.health import Check
from workflow.settings import adopt

_FOLDER_NAME: Final = "PROMETHEUS_MULTIPROC_DIR"
_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)
_NO_ROUTE: Final = "none"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})


class Meter:
    """Counts this application's requests and writes the answer to a scrape."""

    def __init__(self, folder: Path | None) -> None:
        # The library looks for its folder when it is imported, which may be before we know ours.
        if folder is not None:
            adopt({_FOLDER_NAME: str(folder)})
            count_in_files()
        self._folder = folder
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "commendo_requests",
            "Requests answered, by route and status.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "commendo_request_seconds",
            "How long requests took until their answer began.",
            ["route"],
            buckets=_BUCKETS,
            registry=self._registry,
        )

    def register(self, app: Flask) -> None:
        """Count every request of an application."""
        app.before_request(_begin)
        app.after_request(self._count)

    def scraped(self, measured: Measures | None, checks: Iterable[Check]) -> bytes:
        """Return everything in Prometheus' text format; `measured` is None while the database is away."""
        registry = CollectorRegistry()
        registry.register(_Read([*_families(measured), _checked(checks)]))
        if self._folder is None:
            return generate_latest(self._registry) + generate_latest(registry)
        MultiProcessCollector(registry, path=str(self._folder))  # type: ignore[no-untyped-call]  # prometheus_client gives it no types
        return generate_latest(registry)

    def _count(self, response: Response) -> Response:
        # The rule and never the path: a path may hold a one-time link, and what strangers type has no end.
        route = request.url_rule.rule if request.url_rule is not None else _NO_ROUTE
        method = request.method if request.method in _METHODS else "other"
        began: float | None = g.pop("began", None)
        # A disk without room for a new line of the counts costs that line, and no answer.
        with suppress(OSError):
            self._requests.labels(method, route, str(response.status_code)).inc()
            if began is not None:
                self._seconds.labels(route).observe(monotonic() - began)
        return response


class _Read(Collector):
    """What was read from the database for this scrape."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """Give it to the registry."""
        return self._families


def _begin() -> None:
    g.began = monotonic()


def _checked(checks: Iterable[Check]) -> Metric:
    family = GaugeMetricFamily(
        "commendo_check_ok", "1 while this check of /readyz is right.", labels=["check"]
    )
    for check in checks:
        family.add_metric([check.name], float(check.is_ok))
    return family


def _families(measured: Measures | None) -> list[Metric]:
    if measured is None:
        return []
    queues = {"reminders": measured.reminders, "mails": measured.mails}
    depth = {name: float(queue.depth) for name, queue in queues.items()}
    age = {name: queue.age_seconds for name, queue in queues.items()}
    last = {name: beat.at for name, beat in measured.beats.items()}
    done = {name: float(beat.done) for name, beat in measured.beats.items()}
    dead = GaugeMetricFamily(
        "commendo_reminders_dead", "Reminders given up.", value=float(measured.dead_rungs)
    )
    beats = CounterMetricFamily("commendo_heartbeats", "Signs of life, by kind of work.", labels=["work"])
    for name, beat in measured.beats.items():
        beats.add_metric([name], float(beat.count))
    return [
        _gauge("commendo_queue_depth", "Rows that are due now.", "queue", depth),
        _gauge("commendo_queue_age_seconds", "Age of the oldest row that is due.", "queue", age),
        _gauge("commendo_letters_waiting", "Letters that wait, by class.", "class", measured.mails_by_class),
        _gauge("commendo_letters", "Letters that wait or were given up.", "state", measured.letters),
        _counter("commendo_letters_sent", "Letters sent.", done.get(Pulse.DELIVER, 0)),
        _counter("commendo_reminders_fired", "Reminders and escalations fired.", done.get(Pulse.SWEEP, 0)),
        dead,
        _gauge("commendo_obstacles", "Work that cannot go on.", "reason", measured.obstacles),
        beats,
        _gauge("commendo_heartbeat_timestamp_seconds", "When a work was last done.", "work", last),
        _gauge("commendo_database_connections", "Links to the database.", "state", measured.connections),
    ]


def _counter(name: str, words: str, found: float) -> Metric:
    return CounterMetricFamily(name, words, value=found)


def _gauge(name: str, words: str, label: str, found: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for key, value in sorted(found.items()):
        family.add_metric([key], float(value))
    return family
