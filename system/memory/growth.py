"""How fast the service's memory grows, from its own readings, with an interval. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from typing import Protocol

__all__ = ["CONFIDENCE", "Growth", "GrowthEstimator", "MemoryHistory", "growth_per_hour"]

CONFIDENCE = 0.95
_Z = 1.96
_SAMPLES_PER_BLOCK = 5
_FEWEST_BLOCKS = 8
_SECONDS_PER_HOUR = 3600.0

Sample = tuple[float, int]
"""A moment in seconds, and the bytes in use at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Bytes an hour: the estimate, and the interval that holds the true rate with 95 %."""

    low: float
    estimate: float
    high: float


class GrowthEstimator(Protocol):
    """Where a growth rate comes from; another estimator may take the place of the service's own."""

    def __call__(self, samples: Sequence[Sample], /) -> Growth | None:
        """Return the growth of those samples, in their order, or ``None`` if they are too few."""
        ...


def growth_per_hour(samples: Sequence[Sample]) -> Growth | None:
    """Return the growth of the samples, or ``None`` for fewer than 40, or none over time.

    The samples are taken in blocks of five, of which the lowest counts: a report being written is
    no growth. Over these, the median of the slopes of all pairs (Theil 1950), with Sen's interval
    from the variance of Kendall's score (Sen 1968, Journal of the American Statistical Association
    63, 1379). It asks for no shape of the noise; noise that wanders slowly makes the true interval
    wider than this one.

    >>> growth_per_hour([(180.0 * n, 1000 + 50 * n) for n in range(60)])
    Growth(low=1000.0, estimate=1000.0, high=1000.0)
    """
    lows = [
        min(samples[start : start + _SAMPLES_PER_BLOCK], key=lambda sample: sample[1])
        for start in range(0, len(samples) - _SAMPLES_PER_BLOCK + 1, _SAMPLES_PER_BLOCK)
    ]
    if len(lows) < _FEWEST_BLOCKS:
        return None
    slopes = sorted(
        _SECONDS_PER_HOUR * (later[1] - earlier[1]) / (later[0] - earlier[0])
        for earlier, later in combinations(lows, 2)
        if later[0] > earlier[0]
    )
    return _with_interval(slopes, len(lows)) if slopes else None


def _with_interval(slopes: Sequence[float], points: int) -> Growth:
    """Return the median of the slopes, and the two whose ranks bound it."""
    spread = _Z * sqrt(points * (points - 1) * (2 * points + 5) / 18)
    last = len(slopes) - 1
    low = max(0, int((len(slopes) - spread) / 2))
    high = min(last, int((len(slopes) + spread) / 2) + 1)
    middle = len(slopes) // 2
    median = slopes[middle] if len(slopes) % 2 else (slopes[middle - 1] + slopes[middle]) / 2
    return Growth(low=slopes[low], estimate=median, high=slopes[high])


class MemoryHistory:
    """The newest readings of memory, in place: taking one more allocates nothing that stays."""

    def __init__(self, capacity: int = 240) -> None:
        """Hold ``capacity`` readings: 240 at one each three minutes are twelve hours."""
        self._seconds = [0.0] * capacity
        self._bytes = [0] * capacity
        self._taken = 0

    def add(self, seconds: float, in_use_bytes: int) -> None:
        """Take one more reading, over the oldest once there is no room left."""
        at = self._taken % len(self._seconds)
        self._seconds[at], self._bytes[at] = seconds, in_use_bytes
        self._taken += 1

    def samples(self) -> list[Sample]:
        """Return the readings, the oldest first."""
        capacity = len(self._seconds)
        first = max(0, self._taken - capacity)
        places = [number % capacity for number in range(first, self._taken)]
        return [(self._seconds[at], self._bytes[at]) for at in places]
