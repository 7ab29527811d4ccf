"""What a change did: differences between two variants, each with an interval. Pure.

Two variants are compared round by round: both runs of a round do the same iterations, over
reports of the same sizes, soon after each other. The interval is Student's t at 95 % over the
differences of the rounds (three or more). Of a single round, growth has Sen's over parts of the
runs, and a cost Welch's over their blocks.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, stdev
from typing import Final

from scipy.stats import theilslopes

from bench.audit.plan import Variant, Workload
from bench.audit.results import Bare, Growth, Results
from leakcheck.analysis.student import t_quantile

__all__ = [
    "CONFIDENCE",
    "Effect",
    "Quantity",
    "added",
    "cost_effect",
    "growth_effect",
    "mean_effect",
    "share_that_went",
]

CONFIDENCE: Final = 0.95
_ROUNDS: Final = 3
"""From so many on, the rounds give the interval; of two, Student's t spans everything."""


class Quantity(StrEnum):
    """What a bare run is compared by."""

    CPU_S = "CPU, s an iteration"
    PEAK_BYTES = "highest resident memory, bytes above the start"
    DESCRIPTORS = "most descriptors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A difference, with minus less of it, and how far to either side of it the truth may lie."""

    estimate: float
    low: float
    high: float

    @property
    def may_be_none(self) -> bool:
        """Return whether the interval holds 0: no effect was shown."""
        return self.low <= 0 <= self.high


def mean_effect(differences: Sequence[float]) -> Effect:
    """Return the mean of two or more differences with its interval, by Student's t.

    >>> mean_effect([4.0, 4.0, 4.0])
    Effect(estimate=4.0, low=4.0, high=4.0)
    """
    mean = fmean(differences)
    error = stdev(differences) / math.sqrt(len(differences))
    return _around(mean, error, len(differences) - 1)


def added(*effects: Effect, times: Sequence[float] = ()) -> Effect:
    """Return the sum of independent effects, each so many times, its interval in quadrature.

    >>> added(Effect(estimate=1, low=-2, high=4), Effect(estimate=2, low=1, high=3), times=(1, 4))
    Effect(estimate=9.0, low=4.0, high=14.0)
    """
    factors = times or [1.0] * len(effects)
    estimate = math.fsum(n * one.estimate for n, one in zip(factors, effects, strict=True))
    half = math.hypot(
        *(n * (one.high - one.low) / 2 for n, one in zip(factors, effects, strict=True))
    )
    return Effect(estimate=estimate, low=estimate - half, high=estimate + half)


def growth_effect(
    results: Results, workload: Workload, before: Variant, after: Variant
) -> Effect | None:
    """Return by how many bytes of heap an iteration `after` grows more than `before`.

    None where either was not run. The difference of two runs is taken part by part of their second
    halves, so that what both do alike cancels.
    """
    pairs = _pairs(results.growths(workload, before), results.growths(workload, after))
    if not pairs:
        return None
    if len(pairs) >= _ROUNDS:
        return mean_effect([_slope(_differences(*pair)).estimate for pair in pairs])
    return _slope(_differences(*pairs[0]))


def cost_effect(
    results: Results, workload: Workload, before: Variant, after: Variant, quantity: Quantity
) -> Effect | None:
    """Return by how much `after` costs more than `before`, None where it cannot be told."""
    befores, afters = results.bare(workload, before), results.bare(workload, after)
    if not (befores and afters):
        return None
    if min(len(befores), len(afters)) >= _ROUNDS:
        pairs = zip(befores, afters, strict=False)
        return mean_effect([_cost(b, quantity) - _cost(a, quantity) for a, b in pairs])
    if quantity is Quantity.PEAK_BYTES:
        return None  # one run has one peak
    return _welch(_block_costs(befores[0], quantity), _block_costs(afters[0], quantity))


def share_that_went(before: Sequence[Growth], after: Sequence[Growth]) -> Effect | None:
    """Return which share of the growth went, 1 for all of it, from leakcheck's own intervals.

    The interval holds every share that two rates inside the intervals give. None without runs, or
    where `before` may not grow at all.
    """
    if not (before and after) or min(one.heap.low for one in before) <= 0:
        return None
    old = [fmean(getattr(one.heap, end) for one in before) for end in ("low", "estimate", "high")]
    new = [fmean(getattr(one.heap, end) for one in after) for end in ("low", "estimate", "high")]
    worst, best = new[2] / old[0], new[0] / old[0 if new[0] < 0 else 2]
    return Effect(estimate=1 - new[1] / old[1], low=1 - worst, high=1 - best)


def _pairs(befores: Sequence[Growth], afters: Sequence[Growth]) -> list[tuple[Growth, Growth]]:
    return list(zip(befores, afters, strict=False))


def _differences(before: Growth, after: Growth) -> list[tuple[float, float]]:
    """Return iteration and difference in bytes for each part of two runs of one length."""
    levels = zip(before.marks, before.heap_levels, after.heap_levels, strict=True)
    return [(mark, more - less) for mark, less, more in levels]


def _slope(points: Sequence[tuple[float, float]]) -> Effect:
    """Return the slope by Theil and Sen with its interval (Sen 1968).

    The median over all pairs of parts: what one part holds for a while, such as a connection that
    was just being opened, moves neither the slope nor the interval.
    """
    marks, values = zip(*points, strict=True)
    found = theilslopes(values, marks, alpha=CONFIDENCE)
    return Effect(
        estimate=float(found.slope), low=float(found.low_slope), high=float(found.high_slope)
    )


def _welch(before: Sequence[float], after: Sequence[float]) -> Effect:
    """Return the difference of two means with Welch's interval (Welch 1947)."""
    parts = [(stdev(values) ** 2 / len(values), len(values) - 1) for values in (before, after)]
    square = sum(part for part, _ in parts)
    bottom = sum(part**2 / degrees for part, degrees in parts)
    degrees = max(1, int(square**2 / bottom)) if bottom else 1
    return _around(fmean(after) - fmean(before), math.sqrt(square), degrees)


def _around(mean: float, error: float, degrees: int) -> Effect:
    half = t_quantile(1 - (1 - CONFIDENCE) / 2, degrees) * error if error else 0.0
    return Effect(estimate=mean, low=mean - half, high=mean + half)


def _cost(run: Bare, quantity: Quantity) -> float:
    if quantity is Quantity.CPU_S:
        return fmean(run.cpu_s)
    if quantity is Quantity.DESCRIPTORS:
        return max(run.most_descriptors)
    return run.peak_rss_bytes - run.start_rss_bytes


def _block_costs(run: Bare, quantity: Quantity) -> Sequence[float]:
    return run.cpu_s if quantity is Quantity.CPU_S else run.most_descriptors
