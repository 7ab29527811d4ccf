"""Growth per hour from levels, with an interval, and what it persists to."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from leakcheck.analysis.student import t_quantile
from leakcheck.watch.levels import Level

FEWEST_LEVELS: Final = 4
_FEWEST_FOR_A_LINE: Final = 5
_MOST_CORRELATION: Final = 0.4
_LEAST_DEGREES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """A growth per hour, in bytes or as a count, and the interval that the truth lies in."""

    estimate: float
    low: float
    high: float


def growth_per_hour(levels: Sequence[Level], *, alpha: float, grain: float) -> Growth | None:
    """Return the growth of the levels, None for fewer than 4.

    `alpha` is the probability that the interval misses, and `grain` the finest difference that the
    signal can show. By the spread of increments, which is honest for levels that wander too: a
    step is no trend, nor is a random walk (Ibragimov and Mueller 2010, Journal of Business and
    Economic Statistics 28, 453; decision 0001, for days in place of blocks).

    >>> growth_per_hour([Level(h, 5.0 * h) for h in range(4)], alpha=0.01, grain=0)
    Growth(estimate=5.0, low=5.0, high=5.0)
    """
    if not _are_enough(levels):
        return None
    return _around(*_by_increments(levels, alpha), levels, grain)


def bound_per_hour(levels: Sequence[Level], *, alpha: float, grain: float) -> Growth | None:
    """Return the same with the narrower interval that levels about a line allow, for a bound.

    By least squares with Santer's effective sample size (2000, Journal of Geophysical Research 105,
    7337) where the residuals show no memory, as in decision 0008. A dozen levels cannot show much
    of one: where they wander it misses up to eight times as often, so that no LEAK rests on it.

    >>> bound_per_hour([Level(h, 5.0 * h) for h in range(9)], alpha=0.01, grain=0).high
    5.0
    """
    if not _are_enough(levels):
        return None
    best = _by_increments(levels, alpha / 2)
    if len(levels) >= _FEWEST_FOR_A_LINE and (line := _by_line(levels, alpha / 2)) is not None:
        best = min(best, line, key=lambda one: one[1])
    return _around(*best, levels, grain)


def mean_rate(levels: Sequence[Level]) -> float:
    """Return the rise from the first level to the last, per hour; 0 for less than two.

    >>> mean_rate([Level(1.0, 4.0), Level(3.0, 10.0)])
    3.0
    """
    if len(levels) < 2 or levels[-1].hours <= levels[0].hours:  # noqa: PLR2004 -- two ends
        return 0.0
    return (levels[-1].value - levels[0].value) / (levels[-1].hours - levels[0].hours)


def third_rates(levels: Sequence[Level]) -> tuple[float, float, float]:
    """Return the growth per hour of the first, the middle and the last third of the levels.

    >>> third_rates([Level(0, 0), Level(1, 4), Level(2, 6), Level(3, 7)])
    (4.0, 2.0, 1.0)
    """
    last = len(levels) - 1
    ends = [0, round(last / 3), round(2 * last / 3), last]
    oldest, middle, newest = (mean_rate(levels[a : b + 1]) for a, b in pairwise(ends))
    return oldest, middle, newest


def _are_enough(levels: Sequence[Level]) -> bool:
    return len(levels) >= FEWEST_LEVELS and levels[-1].hours > levels[0].hours


def _around(estimate: float, half: float, levels: Sequence[Level], grain: float) -> Growth:
    half = max(half, grain / (levels[-1].hours - levels[0].hours))
    return Growth(estimate=estimate, low=estimate - half, high=estimate + half)


def _by_increments(levels: Sequence[Level], alpha: float) -> tuple[float, float]:
    number = len(levels) - 1
    rate = mean_rate(levels)
    squares = sum(
        (after.value - before.value - rate * (after.hours - before.hours)) ** 2
        for before, after in pairwise(levels)
    )
    error = math.sqrt(squares / (number - 1) * number) / (levels[-1].hours - levels[0].hours)
    return rate, t_quantile(1 - alpha / 2, number - 1) * error


def _by_line(levels: Sequence[Level], alpha: float) -> tuple[float, float] | None:
    """Return the least-squares rate and its half width, None where the residuals have a memory."""
    number = len(levels)
    centre = sum(level.hours for level in levels) / number
    middle = sum(level.value for level in levels) / number
    points = [(level.hours - centre, level.value - middle) for level in levels]
    spread = sum(x * x for x, _ in points)
    slope = sum(x * y for x, y in points) / spread
    residuals = [y - slope * x for x, y in points]
    power = sum(one * one for one in residuals)
    correlation = sum(a * b for a, b in pairwise(residuals)) / power + 2 / number if power else 0.0
    if correlation > _MOST_CORRELATION:
        return None
    kept = max(correlation, 0.0)
    degrees = max(number * (1 - kept) / (1 + kept) - 2, _LEAST_DEGREES)
    error = math.sqrt(power / degrees / spread)
    return slope, t_quantile(1 - alpha / 2, int(degrees)) * error
