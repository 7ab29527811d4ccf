"""Histories whose truth is known: quiet ones of many kinds of noise, and planted changes.

Seeded throughout, and of the scale of a benchmark: around 10 ms, with 3 % of noise.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.random import Generator

from bench.history.facts import Kind, Machine, Metric
from bench.history.trend.points import Point, Track
from bench.history.trend.steps import Values

LEVEL: Final = 0.01
SPREAD: Final = 0.03
_FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)
_ODD_SHARE: Final = 0.05
_RARE_SHARE: Final = 0.1

Noise = Callable[[Generator, int], Values]


def resembling(r: float) -> Noise:
    """Return noise whose neighbours have the autocorrelation `r`."""

    def noise(random: Generator, number: int) -> Values:
        fresh = random.standard_normal(number) * SPREAD
        found = np.empty(number)
        found[0] = fresh[0]
        for k in range(1, number):
            found[k] = r * found[k - 1] + fresh[k] * np.sqrt(1 - r * r)
        return found

    return noise


NOISES: Final[Mapping[str, Noise]] = {
    "normal": lambda random, number: random.standard_normal(number) * SPREAD,
    "heavy tails": lambda random, number: random.standard_t(3, number) * SPREAD,
    "odd runs": lambda random, number: (
        random.standard_normal(number) * SPREAD + np.log(1.5) * (random.random(number) < _ODD_SHARE)
    ),
    "two levels": lambda random, number: (
        random.integers(0, 2, number) * 0.15 + random.standard_normal(number) * SPREAD / 3
    ),
    "rarely more": lambda random, number: np.log1p(0.2 * (random.random(number) < _RARE_SHARE)),
    "exact": lambda _, number: np.zeros(number),
    "neighbours alike, 0.5": resembling(0.5),
    "neighbours alike, 0.8": resembling(0.8),
}
"""Logarithms around 0."""


def track_of(logarithms: Values, metric: Metric = Metric.TIME) -> Track:
    """Return the track of a benchmark whose figures lie around a level as `logarithms` say."""
    return Track(
        machine=Machine(facts={"cpu": "simulated"}),
        kind=Kind.BENCHMARK,
        condition="",
        subject="simulated",
        metric=metric,
        points=tuple(
            Point(name=f"{k:010d}", commit=f"{k:040d}", at=_FIRST + timedelta(hours=k))
            for k in range(len(logarithms))
        ),
        values=tuple((LEVEL * np.exp(logarithms)).tolist()),
        runs=(1,) * len(logarithms),
    )


def with_step(quiet: Values, at: int, share: float) -> Values:
    """Return a history that is higher by `share` from the point `at` on."""
    found = quiet.copy()
    found[at:] += np.log1p(share)
    return found


def with_drift(quiet: Values, share: float) -> Values:
    """Return a history that is higher by `share` at its end, and by as much less before."""
    return quiet + np.linspace(0, np.log1p(share), len(quiet))
