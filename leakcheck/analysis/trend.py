"""Rates of growth with their errors, and what they persist to."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from leakcheck.analysis.looks import critical_value
from leakcheck.analysis.windows import Blocks

MIN_INCREMENTS: Final = 3
_STEEPEST_FACTOR: Final = 3.0
"""A deceleration is carried on as a geometric series of ratio 0.75 at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A growth an iteration and how far to either side of it the truth may lie.

    `floor` is a lower bound that is known from elsewhere.
    """

    estimate: float
    half_width: float
    floor: float = -math.inf

    @property
    def low(self) -> float:
        """Return the lower bound."""
        return max(self.estimate - self.half_width, self.floor)

    @property
    def high(self) -> float:
        """Return the upper bound."""
        return self.estimate + self.half_width


def increment_rate(blocks: Blocks, grain: float) -> Rate | None:
    """Return the mean increment from block to block, with an interval from their spread.

    The spread of increments, and not of residuals about a line: one step alone is then never
    significant, and a random walk is not taken for a trend (Ibragimov and Mueller 2010 on
    t-tests over few groups). `grain` is the finest difference that the signal can show: no
    interval is narrower than one grain over the window. None with fewer than 3 increments.

    >>> increment_rate(Blocks(start=0, end=8, iterations=(0, 2, 4, 8), minima=(0, 6, 12, 24)), 1)
    Rate(estimate=3.0, half_width=0.125, floor=-inf)
    """
    number = len(blocks) - 1
    if number < MIN_INCREMENTS:
        return None
    estimate = mean_rate(blocks)
    points = list(zip(blocks.iterations, blocks.minima, strict=True))
    squares = sum((y - v - estimate * (x - u)) ** 2 for (u, v), (x, y) in pairwise(points))
    error = math.sqrt(squares / (number - 1) * number) / blocks.span
    half_width = max(critical_value(number - 1) * error, grain / blocks.span)
    return Rate(estimate=estimate, half_width=half_width)


def mean_rate(blocks: Blocks) -> float:
    """Return the rise from the first minimum to the last, an iteration; 0 for less than two.

    >>> mean_rate(Blocks(start=0, end=8, iterations=(0, 8), minima=(4, 20)))
    2.0
    """
    if len(blocks) < 2:  # noqa: PLR2004 -- a rise needs two ends
        return 0.0
    return (blocks.minima[-1] - blocks.minima[0]) / blocks.span


def half_rates(blocks: Blocks) -> tuple[float, float]:
    """Return the rates of the first and of the second half of a window.

    >>> half_rates(Blocks(start=0, end=8, iterations=(0, 4, 8), minima=(0, 8, 12)))
    (2.0, 1.0)
    """
    middle = len(blocks) // 2
    return mean_rate(_part(blocks, 0, middle + 1)), mean_rate(_part(blocks, middle, len(blocks)))


def line_rate(blocks: Blocks, grain: float) -> tuple[Rate, float]:
    """Return the least-squares rate of a window of 4 or more minima, and the scatter about it.

    >>> line_rate(Blocks(start=0, end=8, iterations=(0, 2, 4, 8), minima=(0, 6, 12, 24)), 1)
    (Rate(estimate=3.0, half_width=0.125, floor=-inf), 0.0)
    """
    number = len(blocks)
    centre = sum(blocks.iterations) / number
    level = sum(blocks.minima) / number
    points = [
        (x - centre, y - level) for x, y in zip(blocks.iterations, blocks.minima, strict=True)
    ]
    spread = sum(x * x for x, _ in points)
    slope = sum(x * y for x, y in points) / spread
    scatter = math.sqrt(sum((y - slope * x) ** 2 for x, y in points) / (number - 2))
    width = critical_value(number - 2) * scatter / math.sqrt(spread)
    return Rate(estimate=slope, half_width=max(width, grain / blocks.span)), scatter


def late_rise(blocks: Blocks) -> float:
    """Return how much the last quarter of a window lies above the first, an iteration.

    >>> late_rise(Blocks(start=0, end=9, iterations=(0, 3, 6, 9), minima=(0, 0, 0, 9)))
    1.0
    """
    part = max(1, len(blocks) // 4)
    rise = min(blocks.minima[-part:]) - min(blocks.minima[:part])
    return rise / (blocks.iterations[-part] - blocks.iterations[0])


def persisting_rate(oldest: float, middle: float, newest: float) -> float:
    """Return what the rates of three octaves tend to: the rate of a run without end.

    Aitken's extrapolation, applied to octaves: exact for growth as the logarithm or as a
    power of N, where each rate is a constant part of the one before. A deceleration is
    carried on at a ratio of 0.75 at most, an acceleration is not carried on at all.

    >>> persisting_rate(16, 16, 16), persisting_rate(8, 4, 2), persisting_rate(24, 20, 18)
    (16, 0.0, 16.0)
    """
    drop, drop_before = newest - middle, middle - oldest
    if drop >= 0:
        return newest
    if drop_before >= 0:
        return newest + drop
    ratio = drop / drop_before
    factor = ratio / (1 - ratio) if ratio < 1 else _STEEPEST_FACTOR
    return newest + drop * min(factor, _STEEPEST_FACTOR)


def _part(blocks: Blocks, first: int, last: int) -> Blocks:
    return Blocks(
        start=blocks.start,
        end=blocks.end,
        iterations=blocks.iterations[first:last],
        minima=blocks.minima[first:last],
    )
