"""What the points of one signal say at one look: does it grow, and does the growth persist?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from leakcheck.analysis.trend import persisting_rate
from leakcheck.model.verdict import Verdict
from leakcheck.watch.growth import (
    FEWEST_LEVELS,
    Growth,
    bound_per_hour,
    growth_per_hour,
    mean_rate,
    third_rates,
)
from leakcheck.watch.levels import (
    BLOCKS,
    Cycles,
    Level,
    block_levels,
    cycle_floors,
    cycle_levels,
    minima,
)
from leakcheck.watch.lives import Point, newest_life

_PERSISTS: Final = 0.7
_EVEN: Final = 0.8
_EVEN_BY_AGE: Final = 0.6
_LATELY: Final = 0.5
_PARTS: Final = (2, 4)
"""The newer half and the newest quarter of all cycles: for a leak that began on the way."""
_WAYS: Final = 2
"""Of cycles two scales, and without any the lives together and the newest alone: Bonferroni."""
_FEWEST_POINTS: Final = 32
_EARLY_HOURS: Final = 0.5
_SMALL_BYTES: Final = 16 << 20
_CYCLES_KNOWN: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look: the error that it may spend, what is too much, and how fine the signal is."""

    alpha: float
    threshold: float
    grain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one look at one signal found; `why` completes "memory ..."."""

    verdict: Verdict
    growth: Growth | None
    why: str
    grows: bool = False
    """Whether growth above the threshold is certain, if it may end."""


@dataclass(frozen=True, slots=True)
class _Grown:
    levels: Sequence[Level]
    growth: Growth
    bound: Growth


def by_cycles(points: Sequence[Point], look: Look, cycles: Cycles) -> Finding:
    """Return what whole cycles say: over all lives, over the newest half and quarter, and alone."""
    series = [points]
    if points and points[0].life != points[-1].life:
        series.append(newest_life(points))
    windows = [[*_windows(points_, cycles)] for points_ in series]
    part = replace(look, alpha=look.alpha / sum(map(len, windows)) / _WAYS)
    together, *alone = [[_by_levels(scales, part) for scales in one] for one in windows]
    if not _is_even_by_age(points):
        together = [_not_even(one) for one in together]
    return _worst([*together, *(one for some in alone for one in some)])


def by_blocks(points: Sequence[Point], look: Look) -> Finding:
    """Return what a series without a cycle says, as a run is judged: over octaves of its time."""
    part = replace(look, alpha=look.alpha / _WAYS)
    alone = newest_life(points)
    if len(alone) == len(points):
        return _by_octaves(points, part)
    together = _by_octaves(points, part)
    if not _is_even_by_age(points):
        together = _not_even(together)
    return _worst([together, _by_octaves(alone, part)])


def unmistakable(points: Sequence[Point], look: Look, *, cycle_s: float) -> Finding:
    """Return LEAK where the life that goes on grows beyond what a cycle could do.

    It must have grown, in steady octaves after its warm-up, by as much as it began with; once two
    cycles are known, by twice what memory moves within one.
    """
    alone = newest_life(points)
    found = _by_octaves(alone, look)
    if found.verdict is not Verdict.LEAK:
        return Finding(verdict=Verdict.INCONCLUSIVE, growth=found.growth, why=found.why)
    rise, hours = alone[-1].value - alone[0].value, alone[-1].hours - alone[0].hours
    if hours < _EARLY_HOURS or rise < needed_rise(alone, cycle_s=cycle_s):
        why = "grows, but not by more than a daily cycle could"
        return Finding(verdict=Verdict.INCONCLUSIVE, growth=found.growth, why=why)
    return Finding(verdict=Verdict.LEAK, growth=found.growth, why="grows beyond any daily cycle")


def needed_rise(points: Sequence[Point], *, cycle_s: float) -> float:
    """Return the rise that no cycle is thought to reach: the level itself, or less once known."""
    level = max(points[0].value, _SMALL_BYTES)
    spans = list(_cycle_spans(points, cycle_s))
    if len(spans) < _CYCLES_KNOWN:
        return level
    return min(level, max(2 * max(spans), level / 10))


def _cycle_spans(points: Sequence[Point], cycle_s: float) -> Iterator[float]:
    """Yield by how much the values of each whole cycle differ."""
    cycles = int((points[-1].at_s - points[0].at_s) // cycle_s) if cycle_s else 0
    for cycle in range(cycles):
        begin = points[0].at_s + cycle * cycle_s
        values = [point.value for point in points if begin <= point.at_s < begin + cycle_s]
        if values:
            yield max(values) - min(values)


def _windows(points: Sequence[Point], cycles: Cycles) -> Iterator[list[Sequence[Level]]]:
    """Yield the levels and the floors of all cycles, and of the newest parts if long enough."""
    scales = (cycle_levels(points, cycles), cycle_floors(points, cycles))
    yield [*scales]
    for part in _PARTS:
        if len(scales[0]) // part >= FEWEST_LEVELS:
            yield [one[-(len(one) // part) - 1 :] for one in scales]


def _by_levels(scales: Sequence[Sequence[Level]], look: Look) -> Finding:
    """Return what one window says, at the scale that gives the narrower interval."""
    known = [one for scale in scales if (one := _grown(scale, look)) is not None]
    if not known:
        return Finding(verdict=Verdict.INCONCLUSIVE, growth=None, why="is known for too few days")
    best = min(known, key=lambda one: one.growth.high - one.growth.low)
    thirds = third_rates(best.levels)
    return _finding(best, thirds, look, is_even=thirds[2] >= _LATELY * best.growth.estimate)


def _by_octaves(points: Sequence[Point], look: Look) -> Finding:
    levels = block_levels(points)
    grown = _grown(levels, look)
    if grown is None or len(points) < _FEWEST_POINTS:
        growth = grown.growth if grown else None
        return Finding(verdict=Verdict.INCONCLUSIVE, growth=growth, why="was read too few times")
    middle = len(levels) // 2
    is_even = mean_rate(levels[middle:]) >= _EVEN * mean_rate(levels[: middle + 1])
    return _finding(grown, _octave_rates(points), look, is_even=is_even)


def _grown(levels: Sequence[Level], look: Look) -> _Grown | None:
    growth = growth_per_hour(levels, alpha=look.alpha, grain=look.grain)
    bound = bound_per_hour(levels, alpha=look.alpha, grain=look.grain)
    return None if growth is None or bound is None else _Grown(levels, growth, bound)


def _octave_rates(points: Sequence[Point]) -> tuple[float, float, float]:
    first, last = points[0].hours, points[-1].hours
    ends = [first + (last - first) * share for share in (1 / 8, 1 / 4, 1 / 2, 1)]
    oldest, middle, newest = (mean_rate(minima(points, a, b, BLOCKS)) for a, b in pairwise(ends))
    return oldest, middle, newest


def _finding(
    grown: _Grown, rates: tuple[float, float, float], look: Look, *, is_even: bool
) -> Finding:
    growth = grown.growth
    if growth.low > look.threshold:
        lasting = persisting_rate(*rates)
        if is_even and lasting > look.threshold and lasting >= _PERSISTS * rates[2]:
            return Finding(verdict=Verdict.LEAK, growth=growth, why="keeps growing")
        why = "grows, but ever more slowly"
        return Finding(verdict=Verdict.INCONCLUSIVE, growth=growth, why=why, grows=True)
    if grown.bound.high < look.threshold:
        why = "does not grow by as much"
        return Finding(verdict=Verdict.CLEAN, growth=grown.bound, why=why)
    why = "may grow or not: the interval is too wide"
    return Finding(verdict=Verdict.INCONCLUSIVE, growth=growth, why=why)


def _not_even(finding: Finding) -> Finding:
    if finding.verdict is not Verdict.LEAK:
        return finding
    why = "grows in each life, but not evenly: it may fill, or follow the day"
    return Finding(verdict=Verdict.INCONCLUSIVE, growth=finding.growth, why=why, grows=True)


def _is_even_by_age(points: Sequence[Point]) -> bool:
    """Return whether old age grows as youth does, where there was more than one life.

    What fills after each restart grows for as long as it is watched, and never levels off.
    """
    if not points or points[0].life == points[-1].life:
        return True
    rises, hours = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    for before, after in pairwise(points):
        if before.life == after.life:
            third = min(int((before.share + after.share) * 1.5), 2)
            rises[third] += after.value - before.value
            hours[third] += after.hours - before.hours
    rates = [rise / max(passed, 1e-9) for rise, passed in zip(rises, hours, strict=True)]
    usual = sum(rises) / max(sum(hours), 1e-9)
    return all(_EVEN_BY_AGE * usual <= rate <= usual / _EVEN_BY_AGE for rate in rates)


def _worst(found: Sequence[Finding]) -> Finding:
    """Return the first LEAK, else a CLEAN that no certain growth contradicts, else the first."""
    for one in found:
        if one.verdict is Verdict.LEAK:
            return one
    if any(one.grows for one in found):
        return found[0]
    return next((one for one in found if one.verdict is Verdict.CLEAN), found[0])
