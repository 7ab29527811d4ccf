"""How far apart two levels are, and how much a stretch drifts: estimates with their intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import kendalltau, norm, theilslopes

from bench.history.trend.steps import SHOWN_P, resemblance, widened

CONFIDENCE: Final = 0.99
_MOST_POINTS: Final = 300
"""Of a longer level the points next to the change are taken."""
LEAST_DRIFTING: Final = 10
"""Fewer points are no drift."""
_MOST_FITTED: Final = 400
"""Of more points each second, third or fourth is taken: a slope is of all pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A difference with its interval at 99 %: a share of the earlier level, or in units."""

    estimate: float
    low: float
    high: float

    def as_share(self) -> "Shift":
        """Return a difference of logarithms as a share.

        >>> round(Shift(estimate=math.log(1.5), low=0.0, high=math.log(2)).as_share().estimate, 6)
        0.5
        """
        ends = (self.estimate, self.low, self.high)
        estimate, low, high = (math.expm1(min(one, 700.0)) for one in ends)
        return Shift(estimate=estimate, low=low, high=high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A steady change from the point `start` to the last, by `total` over all of it."""

    start: int
    total: Shift
    p_value: float


def shift_between(before: Sequence[float], after: Sequence[float]) -> Shift:
    """Return by how much `after` lies above `before`: the median of all differences.

    Hodges and Lehmann's estimate with the interval of the rank test (1963; Hollander, Wolfe and
    Chicken 2014, section 4.3).

    >>> shift_between([1.0, 2.0, 3.0], [11.0, 12.0, 13.0]).estimate
    10.0
    """
    one, other = np.asarray(before)[-_MOST_POINTS:], np.asarray(after)[:_MOST_POINTS]
    differences = np.sort(np.subtract.outer(other, one).ravel())
    pairs = len(one) * len(other)
    z = float(norm.ppf((1 + CONFIDENCE) / 2))
    below = pairs / 2 - z * math.sqrt(pairs * (len(one) + len(other) + 1) / 12)
    cut = min(max(math.floor(below), 0), (pairs - 1) // 2)
    return Shift(
        estimate=float(np.median(differences)),
        low=float(differences[cut]),
        high=float(differences[-1 - cut]),
    )


def drift_in(values: Sequence[float], start: int = 0) -> Drift | None:
    """Return the steady change of `values` from `start` on, or None where there is none.

    Whether there is one is Kendall's test of rank correlation with time (Mann 1945), widened
    where neighbours resemble each other; how much it is, Theil and Sen's slope (1968).
    """
    found = np.asarray(values, dtype=np.float64)[start:]
    if len(found) < LEAST_DRIFTING or np.ptp(found) == 0:
        return None
    places = np.arange(len(found), dtype=np.float64)
    p_value = float(kendalltau(places, found).pvalue)
    if p_value > SHOWN_P:
        return None
    some = slice(None, None, -(-len(found) // _MOST_FITTED))
    slope, intercept, low, high = map(
        float, theilslopes(found[some], places[some], alpha=CONFIDENCE)
    )
    p_value = widened(p_value, resemblance(found - intercept - slope * places))
    if p_value > SHOWN_P:
        return None
    length = len(found) - 1
    total = Shift(estimate=slope * length, low=low * length, high=high * length)
    return Drift(start=start, total=total, p_value=p_value)
