"""Measures: counters and histograms in the text format that Prometheus reads."""

import threading
from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_HELP = {
    "webhooks": "Webhook deliveries received, by outcome.",
    "deliveries": "Webhook deliveries read, by event and outcome.",
    "judgements": "Judgements recorded, by state.",
    "judgement_requests": "Requests to the forge that judgements needed, conditional ones included.",
    "checks_published": "Check runs published, by conclusion.",
    "jobs_failed": "Jobs that failed and come back, by kind and error.",
    "jobs_ended": "Jobs that ended because what they are about is not there any more, by kind.",
    "check_differences": "Checks of the gate's own that say something else than the ledger.",
    "foreign_checks": "Checks of the gate's name that something else wrote, once for each app and commit.",
    "forge_logins_refused": "Requests that failed because the forge refuses the gate's own login.",
    "repositories_left": "Jobs that ended because the gate is not installed on their repository.",
    "sweeps": "Sweeps over all open changes.",
    "job_seconds": "Seconds that a job took, by kind.",
}


class PrometheusMeasures:
    """Counts for one process; `render` adds what is read at that moment, such as the length of the queue."""

    def __init__(self, gauges: Mapping[str, tuple[str, Callable[[], Mapping[str, float]]]]) -> None:
        self._registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._histograms: dict[str, Histogram] = {}
        self._lock = threading.Lock()
        self._sources = [
            (Gauge(f"gate_{name}", text, ["of"], registry=self._registry), read)
            for name, (text, read) in gauges.items()
        ]

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        """Add to a counter; it is made with the labels of its first use."""
        with self._lock:
            if name not in self._counters:
                text = _HELP.get(name, name)
                self._counters[name] = Counter(f"gate_{name}", text, sorted(labels), registry=self._registry)
            counter = self._counters[name]
        (counter.labels(**labels) if labels else counter).inc(amount)

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Add one value to a histogram of seconds."""
        with self._lock:
            if name not in self._histograms:
                self._histograms[name] = Histogram(
                    f"gate_{name}", _HELP.get(name, name), sorted(labels), buckets=_BUCKETS, registry=self._registry
                )
            histogram = self._histograms[name]
        (histogram.labels(**labels) if labels else histogram).observe(value)

    def render(self) -> bytes:
        """Return everything in the text format."""
        for gauge, read in self._sources:
            gauge.clear()
            for label, value in read().items():
                gauge.labels(label).set(value)
        return generate_latest(self._registry)
