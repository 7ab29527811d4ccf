"""What one signal alone says."""

import math
from dataclasses import dataclass
from typing import Final

from leakcheck.analysis.bounds import flat_since, most_a_flat_count_grows
from leakcheck.analysis.fit import (
    Fit,
    bound_over_long_blocks,
    fit_growth,
    is_overwhelming,
    is_steady,
)
from leakcheck.analysis.looks import confirming_look
from leakcheck.analysis.staircase import climb, is_climbing, recurring_step
from leakcheck.analysis.trend import Rate
from leakcheck.model.measurement import Ending
from leakcheck.model.plan import MIN_CLEAN_ITERATIONS
from leakcheck.model.series import Series
from leakcheck.model.signals import BYTE_SIGNALS, Signal
from leakcheck.model.verdict import Verdict

MIN_CLEAN_AT_TIME_LIMIT: Final = 32
_MIN_EARLY_LEAK: Final = 256
"""Fewer iterations only fill what holds an entry for each: a cache of 128, a pool of 20."""
_ENORMOUS_BYTES: Final = 16 << 20
_MIN_ENORMOUS: Final = 16
_MIN_AT_MEMORY_LIMIT: Final = 8
_MANY_STEPS: Final = 8
_PAGES_TO_RISE: Final = 32
_PAGE_BYTES: Final = 4096
_RISING_PAGES: Final = 4
_OFTEN: Final = 1 / 3
_STILL: Final = 0.5
_LIFTED: Final = 0.25
"""Half of the least that growth since the newest octave began lifts its level by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One signal's verdict with the growth that it rests on.

    `growth` is None where there are too few samples; `upper_bound` is the most that growth
    can still be; `flat_since` the iteration since when a count has stood still, if it has.
    """

    signal: Signal
    end: int
    threshold: float
    verdict: Verdict
    fit: Fit | None
    growth: Rate | None
    upper_bound: float | None
    flat_since: float | None = None


def find(
    series: Series, threshold: float, ending: Ending, *, stands_alone: bool = False
) -> Finding:
    """Return what a series says about growth above `threshold` an iteration.

    RSS that `stands_alone` has no heap in use beside it: then CLEAN rests on its own bound, and
    on its steps, as it does for heap in use. That bound is never less than what fits into memory
    that was resident and free before.

    >>> flat = Series.of(Signal.HEAP, ((n, 4096) for n in range(0, 4001, 8)))
    >>> find(flat, 4.0, Ending.ITERATIONS).verdict.value
    'CLEAN'
    """
    end = series.iterations[-1] if len(series) else 0
    fit = fit_growth(series, end)
    leak = proven_growth(series, end, threshold, ending) if fit else None
    since = None if series.signal in BYTE_SIGNALS or fit is None else flat_since(series, end)
    bound = _upper_bound(fit, since)
    if bound is not None and series.signal is Signal.HEAP:
        bound = min(bound, bound_over_long_blocks(series, end))
        bound = max(bound, recurring_step(series, end))
    if bound is not None and series.signal is Signal.RSS and stands_alone:
        bound = max(bound, recurring_step(series, end), _unseen_in_pages(end))
    if leak is not None:
        verdict = Verdict.LEAK
    elif stands_alone and series.signal is Signal.RSS:
        is_bounded = bound is not None and bound < threshold
        verdict = Verdict.CLEAN if is_bounded else Verdict.INCONCLUSIVE
    elif fit is not None and _is_bounded(series.signal, fit, bound, since, threshold, ending):
        verdict = Verdict.CLEAN
    else:
        verdict = Verdict.INCONCLUSIVE
    return Finding(
        signal=series.signal,
        end=end,
        threshold=threshold,
        verdict=verdict,
        fit=fit,
        growth=leak or (fit.rate if fit else None),
        upper_bound=bound,
        flat_since=since,
    )


def proven_growth(series: Series, end: int, threshold: float, ending: Ending) -> Rate | None:
    """Return the growth of a series that leaks, None for one that is not known to.

    >>> leak = Series.of(Signal.HEAP, ((n, 64 * n) for n in range(0, 4001, 8)))
    >>> proven_growth(leak, 4000, 4.0, Ending.ITERATIONS).estimate
    64.0
    """
    fit = fit_growth(series, end)
    if fit is None:
        return None
    before = confirming_look(end)
    if is_steady(fit, threshold) and _is_large_enough(series.signal, fit):
        if ending is Ending.MEMORY_LIMIT and end >= _MIN_AT_MEMORY_LIMIT:
            return fit.rate
        if _is_early(series.signal, fit) and is_overwhelming(fit, threshold):
            return fit.rate
        earlier = fit_growth(series, before) if before else None
        if end >= MIN_CLEAN_ITERATIONS and earlier and is_steady(earlier, threshold):
            return fit.rate
    return None if series.signal is Signal.RSS else _climbing(series, end, before, threshold)


def persists_in_pages(fit: Fit, threshold: float) -> bool:
    """Return whether RSS seems to go on growing: too much to say CLEAN, too little for LEAK.

    RSS wanders in steps of pages, so its bound never forbids CLEAN; but a newest octave that
    rises in both halves and at its floor, through a third of its blocks or as the two octaves
    before it did, asks for a longer run. RSS that has fallen back to its floor does not, nor
    does RSS that only moves about at the height of an octave ago: growth that began with the
    newest octave lifts its peak by all of its rise and its level by half of it.

    >>> slow = Series.of(Signal.RSS, ((n, n // 100 * 4096) for n in range(0, 2001, 8)))
    >>> persists_in_pages(fit_growth(slow, 2000), 4.0)
    True
    """
    rise_bytes = fit.rates[2] * fit.end / 2
    if min(fit.halves) <= threshold or rise_bytes < _RISING_PAGES * _PAGE_BYTES:
        return False
    has_fallen_back = 2 * fit.floor_rise < _STILL * rise_bytes
    if has_fallen_back or min(fit.level_rise, fit.peak_rise) < _LIFTED * rise_bytes:
        return False
    goes_on = fit.rising_share >= _OFTEN and fit.halves[1] >= _STILL * fit.halves[0]
    persists = fit.persisting is not None and fit.persisting > threshold
    return goes_on or (persists and not fit.is_slowing and min(fit.rates) > threshold)


def _unseen_in_pages(end: int) -> float:
    """Return the growth an iteration that would not yet prove a LEAK of RSS: it may be there."""
    return _PAGES_TO_RISE * _PAGE_BYTES / (end / 2) if end else math.inf


def _is_early(signal: Signal, fit: Fit) -> bool:
    is_enormous = signal in BYTE_SIGNALS and fit.rates[2] * fit.end / 2 >= _ENORMOUS_BYTES
    return fit.end >= (_MIN_ENORMOUS if is_enormous else _MIN_EARLY_LEAK)


def _climbing(series: Series, end: int, before: int | None, threshold: float) -> Rate | None:
    stairs = climb(series, end)
    if stairs is None or not is_climbing(stairs, threshold):
        return None
    if end < MIN_CLEAN_ITERATIONS:
        is_exact = series.signal not in BYTE_SIGNALS
        many = end >= _MIN_EARLY_LEAK and stairs.steps >= _MANY_STEPS
        return stairs.rate if is_exact and many else None
    if series.signal in BYTE_SIGNALS:
        earlier = climb(series, before) if before else None
        if earlier is None or not is_climbing(earlier, threshold):
            return None
    return stairs.rate


def _is_large_enough(signal: Signal, fit: Fit) -> bool:
    return signal is not Signal.RSS or fit.rates[2] * fit.end / 2 >= _PAGES_TO_RISE * _PAGE_BYTES


def _upper_bound(fit: Fit | None, since: float | None) -> float | None:
    if fit is None:
        return None
    if since is None or since > fit.end / 2:
        return fit.upper_bound
    return min(fit.upper_bound, most_a_flat_count_grows(since, fit.end))


def _is_bounded(
    signal: Signal,
    fit: Fit,
    bound: float | None,
    since: float | None,
    threshold: float,
    ending: Ending,
) -> bool:
    if signal is Signal.RSS:
        return not persists_in_pages(fit, threshold)
    if signal in BYTE_SIGNALS:
        return bound is not None and bound < threshold
    is_flat = since is not None and since <= fit.end / 2
    if is_flat and ending is Ending.TIME_LIMIT and fit.end < MIN_CLEAN_ITERATIONS:
        return True
    return bound is not None and bound <= threshold
