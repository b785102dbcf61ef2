"""Counts and durations for Prometheus: by interaction and class of status, never by id, type or caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from collections.abc import Callable

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

WHY = ("full", "slow", "crowd", "rate", "late")
"""Too many requests; a slow client; too many connections; a caller past his rate; a request past its time."""


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
        self._turned_away = Counter(
            "carnet_turned_away", "Requests and connections that were turned away", ("why",), registry=self.registry
        )
        for why in WHY:
            self._turned_away.labels(why)
        self._counters: dict[tuple[str, int], Counter] = {}
        self._timers: dict[str, Histogram] = {}

    def watch(self, age: Callable[[], float]) -> None:
        """Tell how old the oldest act may be that is in no block of the trail's chain, asked whenever this is read."""
        said = "Seconds since every act was known to be in the chain"
        Gauge("carnet_trail_unsealed_seconds", said, registry=self.registry).set_function(age)

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

    def turn_away(self, why: str) -> None:
        """Count one that was turned away, for one reason of WHY."""
        self._turned_away.labels(why).inc()

    def text(self) -> bytes:
        """Everything measured, in the Prometheus text format."""
        return generate_latest(self.registry)
