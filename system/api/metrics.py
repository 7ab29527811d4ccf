"""The service's metrics, in Prometheus's text format."""

from __future__ import annotations

import gc
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from system.memory.growth import CONFIDENCE
from system.memory.pauses import BOUNDS_SECONDS, GENERATIONS
from system.memory.watch import MemoryReading
from system.service import Service

__all__ = ["metrics_text"]


def metrics_text(service: Service) -> bytes:
    """Return every metric of the service as it stands, in the text format.

    A registry of one collector each time: nothing is registered that would outlive the service,
    and no metric holds a lock while the collector of cycles may call back.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_ServiceCollector(service))
    watch = service.adapters.growth
    return generate_latest(registry) + (b"" if watch is None else watch.metrics())


class _ServiceCollector(Collector):
    """Reads the service whenever it is asked."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def describe(self) -> Iterator[Metric]:
        """Name nothing in advance: registering needs no reading then."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        yield from _memory(self._service.memory.take(), alerted=self._service.memory.alerted)
        yield _growth(self._service)
        yield from _collector(self._service)
        yield from _database(self._service)
        yield from _events(self._service)


def _memory(reading: MemoryReading, *, alerted: bool) -> Iterator[Metric]:
    yield _gauge(
        "resident_memory_bytes", "Memory of the process that is in RAM.", reading.resident_bytes
    )
    yield _gauge("memory_limit_bytes", "What the process may take.", reading.limit_bytes)
    yield _gauge("memory_alert", "1 from 80 % of the limit until below 75 %.", int(alerted))
    if reading.heap_bytes is not None:
        yield _gauge("heap_in_use_bytes", "What malloc has given out.", reading.heap_bytes)
    yield _gauge("gc_objects", "Objects the cycle collector follows.", len(gc.get_objects()))
    yield _gauge(
        "redis_connections", "Connections the Redis pool holds.", reading.redis_connections
    )
    yield _gauge("kept_runs", "Report runs the registry answers for.", reading.kept_runs)


def _growth(service: Service) -> Metric:
    family = GaugeMetricFamily(
        "system_memory_growth_bytes_per_hour",
        f"Growth of the heap over the last hours, with its interval at {CONFIDENCE:.0%}.",
        labels=["bound"],
    )
    growth = service.memory.growth()
    if growth is not None:
        family.add_metric(["low"], growth.low)
        family.add_metric(["estimate"], growth.estimate)
        family.add_metric(["high"], growth.high)
    return family


def _collector(service: Service) -> Iterator[Metric]:
    family = HistogramMetricFamily(
        "system_gc_pause_seconds",
        "How long a collection stopped the service.",
        labels=["generation"],
    )
    bounds = [*map(str, BOUNDS_SECONDS), "+Inf"]
    for generation in range(GENERATIONS):
        counts = service.pauses.cumulative(generation)
        family.add_metric(
            [str(generation)],
            buckets=list(zip(bounds, map(float, counts), strict=True)),
            sum_value=service.pauses.seconds(generation),
        )
    yield family


def _database(service: Service) -> Iterator[Metric]:
    check_outs = service.adapters.check_outs
    if check_outs is None:
        return
    yield _gauge("database_checked_out", "Connections out of the pool now.", check_outs.now)
    yield CounterMetricFamily(
        "system_database_check_outs", "Connections taken from the pool.", value=check_outs.total
    )


def _events(service: Service) -> Iterator[Metric]:
    for kind, (name, subject, text) in _EVENTS.items():
        family = CounterMetricFamily(f"system_{name}", text, labels=[subject, "outcome"])
        for of, outcome, count in service.tally.of(kind):
            family.add_metric([of, outcome], count)
        yield family


_EVENTS = {
    "job": ("job_turns", "job", "Turns of the timetable's jobs: done, failed, left to others."),
    "report": ("reports", "kind", "Reports that have ended: saved, failed."),
}


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"system_{name}", text, value=value)
