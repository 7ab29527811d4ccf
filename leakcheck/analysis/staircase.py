"""Growth in steps: a list that over-allocates, a descriptor kept every hundredth iteration."""

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from leakcheck.analysis.looks import critical_value
from leakcheck.analysis.trend import Rate
from leakcheck.model.series import Series

MIN_STEPS: Final = 5
_NEWEST_TAIL: Final = 32
"""Of the data, one part in so many at the end proves no step: nothing could undo it yet."""
_SMALL: Final = 16
"""A rise counts as a step if it is no smaller than the largest one over this."""
_PATIENCE: Final = 2.0
"""The next step may be late by this factor before the staircase counts as ended."""
_PERSISTS: Final = 0.7
_SETTLED: Final = 0.75
_OVERDUE: Final = 3
_ALIKE: Final = 4
"""Steps are of one kind if the smaller is at least a quarter of the larger."""
_IN_STEPS: Final = 0.8
"""The least part of the whole rise that must come in steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staircase:
    """Lasting steps of a series: the room each one bought is used up by the next.

    `rate` is step size over the iterations until the next step, with an interval from how
    unequal those are; `newest_rate` the same for the newest half of the steps;
    `ended` whether the next step is overdue; `start` is where the first step lies.
    """

    steps: int
    rate: Rate
    newest_rate: float
    ended: bool
    start: int


def lasting_steps(series: Series, start: float, end: int) -> tuple[tuple[int, int], ...]:
    """Return (iteration, size) of each rise in `start`..`end` that was never undone.

    That is each rise of the lowest value still to come.

    >>> from leakcheck.model.signals import Signal
    >>> lasting_steps(Series.of(Signal.THREADS, enumerate([1, 1, 3, 2, 2])), 0, 4)
    ((2, 1),)
    """
    first, last = bisect_left(series.iterations, start), bisect_right(series.iterations, end)
    floor: list[int] = []
    for value in reversed(series.values[first:last]):
        floor.append(min(value, floor[-1]) if floor else value)
    floor.reverse()
    rises = zip(series.iterations[first + 1 : last], pairwise(floor), strict=True)
    return tuple(
        (iteration, after - before) for iteration, (before, after) in rises if after > before
    )


def recurring_step(series: Series, end: int) -> float:
    """Return the most that a step seen so far adds an iteration if another one is still to come.

    A rare event that leaks may have come only once or twice. A step is over and done with if
    three times as long has passed since as between it and the one of its kind before, or as
    from the start; a staircase whose gaps double is then overdue too. Until then it may come
    again as late as that. What rose in the newest quarter is left to the trend.

    >>> from leakcheck.model.signals import Signal
    >>> once = Series.of(Signal.HEAP, ((n, 8000 * (n >= 1000)) for n in range(0, 4001, 8)))
    >>> recurring_step(once, 2000), recurring_step(once, 4000)
    (8.0, 0.0)
    """
    steps = lasting_steps(series, 0, end)
    return max(
        (
            size / (end - iteration)
            for k, (iteration, size) in enumerate(steps)
            if iteration <= _SETTLED * end
            and end - iteration < _OVERDUE * (iteration - _last_of_its_kind(steps[:k], size))
        ),
        default=0.0,
    )


def _last_of_its_kind(earlier: tuple[tuple[int, int], ...], size: int) -> int:
    """Return where the latest earlier step of a comparable size was, 0 if there was none."""
    alike = (iteration for iteration, before in reversed(earlier) if _ALIKE * before >= size)
    return next(alike, 0)


def climb(series: Series, end: int) -> Staircase | None:
    """Return the staircase that the series climbs over (end/8, end], None if it is none.

    The size of a step is proportional to the iterations until the next one both where equal
    steps come at equal distances and where a list grows by an eighth of itself.

    >>> from leakcheck.model.signals import Signal
    >>> stairs = climb(Series.of(Signal.THREADS, ((n, n // 30) for n in range(257))), 256)
    >>> stairs.steps, round(stairs.rate.estimate, 4), stairs.ended
    (7, 0.0333, False)
    """
    rises = lasting_steps(series, end / 8, end)
    proven = [(n, size) for n, size in rises if n <= end - end / _NEWEST_TAIL]
    largest = max((size for _, size in proven), default=0)
    steps = [(n, size) for n, size in proven if size * _SMALL >= largest]
    if len(steps) < MIN_STEPS or _mass(steps) < _IN_STEPS * _mass(rises):
        return None
    rate = _ratio(steps)
    expected = steps[-1][1] / rate.estimate
    return Staircase(
        steps=len(steps),
        rate=rate,
        newest_rate=_ratio(steps[len(steps) // 2 :]).estimate,
        ended=end - steps[-1][0] > _PATIENCE * expected,
        start=steps[0][0],
    )


def is_climbing(stairs: Staircase, threshold: float) -> bool:
    """Return whether a staircase certainly rises faster than `threshold`, and goes on.

    >>> rate = Rate(estimate=8.0, half_width=1.0)
    >>> is_climbing(Staircase(steps=9, rate=rate, newest_rate=8, ended=False, start=30), 4)
    True
    """
    return (
        stairs.rate.low > threshold
        and stairs.newest_rate > _PERSISTS * stairs.rate.estimate
        and not stairs.ended
    )


def _mass(steps: list[tuple[int, int]] | tuple[tuple[int, int], ...]) -> int:
    return sum(size for _, size in steps)


def _ratio(steps: list[tuple[int, int]]) -> Rate:
    """Return sizes over distances, with the ratio estimator's error (Cochran 1977, 6.4)."""
    span = steps[-1][0] - steps[0][0]
    estimate = _mass(steps[:-1]) / span
    gaps = [(size, after - before) for (before, size), (after, _) in pairwise(steps)]
    squares = sum((size - estimate * gap) ** 2 for size, gap in gaps)
    number = len(gaps)
    if number < 2:  # noqa: PLR2004 -- an interval needs two
        return Rate(estimate=estimate, half_width=estimate)
    error = math.sqrt(squares / (number - 1) * number) / span
    floor = max(size for size, _ in gaps) / span / 2
    return Rate(estimate=estimate, half_width=max(critical_value(number - 1) * error, floor))
