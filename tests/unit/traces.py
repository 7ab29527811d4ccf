"""Scripted measurements: what a run would have read, from a function of the iteration."""

import random
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from leakcheck.model.measurement import Ending, Measurement, Probes
from leakcheck.model.series import Series
from leakcheck.model.signals import PROVEN_SIGNALS, Signal
from leakcheck.model.sites import Frame, SiteSeries, SiteTable

Curve = Callable[[int], float]

SAMPLES_TO_DOUBLE: Final = 256
ALL_PROBES: Final = Probes(verified=PROVEN_SIGNALS)
AT_REST: Final = {
    Signal.HEAP: 5_000_000,
    Signal.RSS: 20 << 20,
    Signal.GC_OBJECTS: 100,
    Signal.DESCRIPTORS: 9,
    Signal.THREADS: 2,
    Signal.TASKS: 0,
    Signal.CHILDREN: 0,
}


def rows(iterations: int) -> list[int]:
    """Return after which iterations a run samples: each, then every 2nd, every 4th, ..."""
    taken = [0]
    while taken[-1] < iterations:
        step = 1
        while taken[-1] + step > SAMPLES_TO_DOUBLE * step:
            step *= 2
        taken.append(min(iterations, (taken[-1] // step + 1) * step))
    return taken


def measured(
    iterations: int,
    curves: Mapping[Signal, Curve] | None = None,
    *,
    ending: Ending = Ending.SURE,
    sites: SiteTable | None = None,
    probes: Probes = ALL_PROBES,
) -> Measurement:
    """Return a measurement in which each signal adds its curve to what it is at rest."""
    curves = curves or {}
    return Measurement(
        series={
            signal: Series.of(
                signal,
                ((n, level + round(curves.get(signal, still)(n))) for n in rows(iterations)),
            )
            for signal, level in AT_REST.items()
        },
        iterations=iterations,
        ending=ending,
        probes=probes,
        sites=sites,
    )


def heap(iterations: int, curve: Curve, *, ending: Ending = Ending.SURE) -> Measurement:
    """Return a measurement whose heap follows `curve` and where nothing else moves."""
    return measured(iterations, {Signal.HEAP: curve}, ending=ending)


def still(_iteration: int) -> float:
    """Return a curve that does not move."""
    return 0.0


def ramp(rate: float) -> Curve:
    """Return growth of `rate` an iteration."""
    return lambda n: rate * n


def filling(rate: float, full: int) -> Curve:
    """Return a container that fills in a straight line and is full after `full` iterations."""
    return lambda n: rate * min(n, full)


def noise(seed: int, amplitude: float) -> Curve:
    """Return uniform noise of +-amplitude, the same for the same seed and iteration."""
    return lambda n: random.Random(f"{seed}/{n}").uniform(-amplitude, amplitude)  # noqa: S311 -- noise


def over_allocated_list(n: int) -> float:
    """Return the bytes of a list after `n` appends, as CPython's list_resize rounds them."""
    room = 0
    while room < n:
        room = (room + 1 + ((room + 1) >> 3) + 6) & ~3
    return 8.0 * room


def page_walk(seed: int, iterations: int) -> Curve:
    """Return RSS that wanders: rare steps of some pages, up rather than down, ever rarer."""
    draw = random.Random(seed)  # noqa: S311 -- noise
    level, levels = 0, [0]
    for n in range(iterations):
        if draw.random() < 0.03 / (1 + n / 500):
            pages = draw.choice((1, 1, 2, 4, 16, 33))
            level = max(0, level + 4096 * (pages if draw.random() < 0.6 else -pages))
        levels.append(level)
    return lambda n: levels[n]


def added(*curves: Curve) -> Curve:
    """Return the sum of curves."""
    return partial(_sum, curves)


def _sum(curves: tuple[Curve, ...], n: int) -> float:
    return sum(curve(n) for curve in curves)


def site(line: int, live: Curve, size: int, iterations: int, marks: int = 100) -> SiteSeries:
    """Return a call site of jobs.py that keeps `live` objects of `size` bytes alive."""
    objects = tuple(round(live(iterations * k // marks)) for k in range(marks + 1))
    return SiteSeries(
        stack=(Frame(file="jobs.py", line=line, function="tick"),),
        allocator="malloc",
        live_bytes=tuple(size * number for number in objects),
        live_objects=objects,
    )


def site_table(iterations: int, *sites: SiteSeries, marks: int = 100) -> SiteTable:
    """Return a table of these sites and of nothing else."""
    none = (0,) * (marks + 1)
    rest = SiteSeries(stack=(), allocator="", live_bytes=none, live_objects=none)
    places = tuple(iterations * k / marks for k in range(marks + 1))
    return SiteTable(marks=places, sites=sites, remainder=rest)
