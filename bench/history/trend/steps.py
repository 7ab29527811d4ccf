"""Steps: where a level changed, as PELT finds it and a rank test agrees.

The search is PELT (Killick, Fearnhead and Eckley 2012, doi 10.1080/01621459.2012.737745) of the
library ruptures, on ranks (Lung-Yut-Fong, Levy-Leduc and Cappe 2015), so that a single odd run
is worth no more than another. Its penalty is Schwarz's, `2 log n`: a place and a level for each
change (Yao 1988). A part between two changes is ranked and searched anew, since a large change
leaves the ranks within a part close together.

What PELT proposes is then tested, and the weakest proposal dropped, until all that is left is
significant, as in Hunter (Fleming et al. 2023, doi 10.1145/3578244.3583719): by Mann and
Whitney's test (1947) between neighbouring levels. Its p-value is multiplied by the number of
places where the change might have been (Bonferroni), because the place was chosen by the data,
and its z-score is divided by `sqrt((1 + r) / (1 - r))` where neighbouring runs resemble each
other, `r` being their autocorrelation (Bartlett 1946: so many fewer runs are independent).
Where each change lies to the point, the least absolute deviation from two medians says (Bai 1995).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from ruptures import KernelCPD
from scipy.stats import mannwhitneyu, norm, rankdata

MIN_LEVEL: Final = 3
"""Up to two odd runs in a row are no level."""
SHOWN_P: Final = 0.05
"""A change that is less sure than this is not even shown."""
_MOST_RESEMBLANCE: Final = 0.9
_ROOM: Final = 5
"""How many points beside the proposed place are tried."""

Values: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A change of level: `at` is the first point after it; it lasts until `end`, from `start`."""

    start: int
    at: int
    end: int
    p_value: float


def steps_in(values: Sequence[float], most_p: float = SHOWN_P) -> tuple[Step, ...]:
    """Return the changes of level in `values`, which are in order of time.

    >>> [step.at for step in steps_in([1.0, 1.1, 0.9, 1.0, 1.05] * 2 + [2.0, 2.1, 1.9] * 3)]
    [10]
    """
    found = np.asarray(values, dtype=np.float64)
    places = _proposed(found, 0)
    tested = cache(partial(_tested, found))
    while places:
        steps = [tested(*three) for three in _neighbours(places, len(found))]
        weakest = max(range(len(steps)), key=lambda k: steps[k].p_value)
        if steps[weakest].p_value <= most_p:
            return _moved(steps, _placed(found, steps), len(found))
        del places[weakest]
    return ()


def resemblance(residuals: Values) -> float:
    """Return the autocorrelation of neighbours, between 0 and 0.9; too few points show none.

    >>> resemblance(np.array([1.0, -1.0, 1.0, -1.0]))
    0.0
    """
    spread = float(np.dot(residuals, residuals))
    if len(residuals) < 2 * MIN_LEVEL or spread <= 0:
        return 0.0
    found = float(np.dot(residuals[1:], residuals[:-1])) / spread
    return min(max(found, 0.0), _MOST_RESEMBLANCE)


def widened(p_value: float, resembling: float) -> float:
    """Return the two-sided p-value when runs resemble each other so much.

    >>> round(widened(0.01, 0.0), 6), round(widened(0.01, 0.5), 3)
    (0.01, 0.137)
    """
    score = norm.isf(max(p_value, 1e-300) / 2) / math.sqrt((1 + resembling) / (1 - resembling))
    return float(2 * norm.sf(score))


def _proposed(values: Values, offset: int) -> list[int]:
    """Return where PELT sees changes, `offset` further on; each part is searched once more."""
    if len(values) < 2 * MIN_LEVEL or np.ptp(values) == 0:
        return []
    ranks = rankdata(values)
    scaled = (ranks - ranks.mean()) / ranks.std()
    penalty = 2 * math.log(len(values))
    ends = KernelCPD(kernel="linear", min_size=MIN_LEVEL).fit(scaled).predict(pen=penalty)
    if len(ends) == 1:
        return []
    parts = pairwise([0, *ends])
    within = [at for start, end in parts for at in _proposed(values[start:end], offset + start)]
    return sorted([*within, *(offset + int(end) for end in ends[:-1])])


def _neighbours(places: Sequence[int], end: int) -> list[tuple[int, int, int]]:
    edges = [0, *places, end]
    return list(zip(edges, edges[1:], edges[2:], strict=False))


def _placed(values: Values, steps: Sequence[Step]) -> list[int]:
    """Return the places of `steps` to the point: ranks do not show how wide the gap between is."""
    places: list[int] = []
    for step in steps:
        start = places[-1] if places else 0
        around = range(
            max(start + MIN_LEVEL, step.at - _ROOM), min(step.end - MIN_LEVEL, step.at + _ROOM) + 1
        )
        far_off = [
            _deviation(values[start:at]) + _deviation(values[at : step.end]) for at in around
        ]
        places.append(around[int(np.argmin(far_off))])
    return places


def _moved(steps: Sequence[Step], places: Sequence[int], length: int) -> tuple[Step, ...]:
    """Return `steps` at their exact places: how sure they are is a matter of the test before."""
    return tuple(
        Step(start=start, at=at, end=end, p_value=step.p_value)
        for step, (start, at, end) in zip(steps, _neighbours(places, length), strict=True)
    )


def _deviation(level: Values) -> float:
    return float(np.abs(level - np.median(level)).sum())


def _tested(values: Values, start: int, at: int, end: int) -> Step:
    before, after = values[start:at], values[at:end]
    ranks = rankdata(values[start:end])
    left, right = ranks[: at - start], ranks[at - start :]
    residuals = np.concatenate([left - left.mean(), right - right.mean()])
    p_value = widened(float(mannwhitneyu(before, after).pvalue), resemblance(residuals))
    places = end - start - 2 * MIN_LEVEL + 1
    return Step(start=start, at=at, end=end, p_value=min(1.0, p_value * max(places, 1)))
