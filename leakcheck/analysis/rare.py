"""Growth by events at random: too uneven for a trend, yet they do not become rarer."""

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from leakcheck.analysis.looks import critical_value
from leakcheck.analysis.trend import Rate
from leakcheck.model.series import Series

_FEWEST: Final = 12
_SURE: Final = math.log(20)
_FADING: Final = 1.28
"""Standard errors: of many events, one steady process in ten is taken for one that fades."""
_GOOD_PART: Final = 0.1
_OCTAVES: Final = 3
_STEADY: Final = tuple(2**k / (2**_OCTAVES - 1) for k in range(_OCTAVES))
"""Which part of the events falls into each of three octaves at a constant rate."""

Interval = tuple[int, int]
"""Iterations from one reading to the next, and by how much the floor rose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Events:
    """Events by octave, oldest first, each of about `size`; they add `rise` over `span`."""

    numbers: tuple[float, ...]
    size: float
    rise: int
    span: int


def rare_growth(series: Series, end: int, threshold: float) -> Rate | None:
    """Return the rate at which lasting events add to a count, if they do not become rarer.

    Each octave of a run has twice as many events as the one before it if they come at a
    constant rate, and as many if they fade as 1/N: a cache that fills, a record that is broken.
    The likelihood ratio of the two (Wald 1945) must exceed 20, and the newest octave must not
    fall short of twice the one before it by more than chance. The interval is that of a
    compound Poisson process. What has risen since the count last fell is left out: nothing
    could take it back yet. None where there are fewer than 12 events, or the rate may be below
    `threshold`.

    >>> from leakcheck.model.signals import Signal
    >>> kept = Series.of(Signal.GC_OBJECTS, ((n, n // 300) for n in range(0, 20001, 100)))
    >>> round(rare_growth(kept, 20000, 0.0001).estimate, 4)
    0.0033
    >>> teeth = Series.of(Signal.GC_OBJECTS, ((n, n % 3100) for n in range(0, 20001, 100)))
    >>> rare_growth(teeth, 20000, 0.0001) is None
    True
    >>> fading = Series.of(Signal.GC_OBJECTS, ((n, n.bit_length() * 9) for n in range(20001)))
    >>> rare_growth(fading, 20000, 0.0001) is None
    True
    """
    events = _events(series, _last_fall(series, end))
    if events is None or sum(events.numbers) < _FEWEST:
        return None
    if likelihood_of_steady(events.numbers) < _SURE or shortfall(events.numbers) > _FADING:
        return None
    rate = events.rise / events.span
    degrees = int(sum(events.numbers)) - 1
    half_width = critical_value(degrees) * math.sqrt(events.rise * events.size) / events.span
    return Rate(estimate=rate, half_width=half_width) if rate - half_width > threshold else None


def likelihood_of_steady(numbers: tuple[float, ...]) -> float:
    """Return the logarithm of how much likelier events are at a constant rate than fading.

    `numbers` are how many came in each of three octaves, the oldest first.

    >>> round(likelihood_of_steady((10, 20, 40)), 1), round(likelihood_of_steady((20, 20, 20)), 1)
    (10.0, -9.2)
    """
    return sum(n * math.log(part * _OCTAVES) for n, part in zip(numbers, _STEADY, strict=True))


def shortfall(numbers: tuple[float, ...]) -> float:
    """Return by how many standard errors the newest octave lacks events, if the rate is constant.

    >>> round(shortfall((10, 20, 40)), 1), round(shortfall((1000, 2000, 3000)), 1)
    (0.0, 9.5)
    """
    *_, before, newest = numbers
    return (2 * before - newest) / math.sqrt(max(newest + 4 * before, 1))


def size_of_events(octaves: tuple[tuple[Interval, ...], ...]) -> float:
    """Return how large one event is, from how unequal the rises of equal stretches are.

    In a compound Poisson process the variance of what comes in a stretch is its mean times
    that size (the index of dispersion: Fano 1947), however many fall into one stretch. At
    least 1: no object comes in parts.

    >>> round(size_of_events((((100, 0), (100, 8), (100, 4), (100, 0), (100, 12)),)), 2)
    5.67
    """
    squares, degrees = 0.0, 0
    for intervals in octaves:
        rate = sum(rise for _, rise in intervals) / max(sum(wide for wide, _ in intervals), 1)
        if rate > 0:
            squares += sum((rise - rate * wide) ** 2 / (rate * wide) for wide, rise in intervals)
            degrees += len(intervals) - 1
    return max(1.0, squares / degrees) if degrees > 0 else 1.0


def _last_fall(series: Series, end: int) -> int:
    """Return where a count fell for the last time by a good part of what it ever rose.

    That is `end` if it did not in the newest half. A single object that was freed is no reason
    to leave anything out.
    """
    values = series.values
    least = _GOOD_PART * (max(values, default=0) - min(values, default=0))
    points = zip(series.iterations[1:], pairwise(values), strict=True)
    falls = [n for n, (before, after) in points if before - after > least and n <= end]
    return falls[-1] if falls and falls[-1] > end / 2 else end


def _events(series: Series, end: int) -> _Events | None:
    octaves = tuple(
        _rises(series, end // 2 ** (k + 1), end // 2**k) for k in reversed(range(_OCTAVES))
    )
    if not all(octaves):
        return None
    size = size_of_events(octaves)
    rises = [sum(rise for _, rise in intervals) for intervals in octaves]
    return _Events(
        numbers=tuple(rise / size for rise in rises),
        size=size,
        rise=sum(rises),
        span=sum(wide for intervals in octaves for wide, _ in intervals),
    )


def _rises(series: Series, start: int, end: int) -> tuple[Interval, ...]:
    """Return from reading to reading how far apart they are and how much stayed for good."""
    first = max(bisect_right(series.iterations, start) - 1, 0)
    last = bisect_right(series.iterations, end)
    floor: list[int] = []
    for value in reversed(series.values[first:]):
        floor.append(min(value, floor[-1]) if floor else value)
    floor.reverse()
    points = list(zip(series.iterations[first:last], floor, strict=False))
    return tuple((m - n, after - before) for (n, before), (m, after) in pairwise(points))
