"""Counts and durations for Prometheus: by interaction and class of status, never by id, type or caller."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The meters of one worker. Their labelled children are kept, as looking one up costs more than counting."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "carnet_requests", "Answered requests", ("interaction", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "carnet_request_seconds", "Time to answer", ("interaction",), registry=self.registry, buckets=BUCKETS
        )
        self._counters: dict[tuple[str, int], Counter] = {}
        self._timers: dict[str, Histogram] = {}

    def observe(self, interaction: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        key = (interaction, status // 100)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = self._requests.labels(interaction, f"{status // 100}xx")
        counter.inc()
        timer = self._timers.get(interaction)
        if timer is None:
            timer = self._timers[interaction] = self._seconds.labels(interaction)
        timer.observe(seconds)

    def text(self) -> bytes:
        """Everything measured, in the Prometheus text format."""
        return generate_latest(self.registry)
