"""Whether a leak is fixed: the judgement before against the judgement after."""

from collections.abc import Iterator
from typing import Final

from leakcheck.model.fix import Answer, Change, Comparison
from leakcheck.model.plan import Thresholds
from leakcheck.model.signals import COUNT_SIGNALS, Signal
from leakcheck.model.units import format_count
from leakcheck.model.verdict import Growth, Judgement, Verdict

_UNITS: Final = {Signal.HEAP: "B", Signal.RSS: "B of resident memory"}
_JUDGED_PART: Final = 0.5
"""A count that is CLEAN has stood still for the newest half of the run at least."""


def compare(before: Judgement, after: Judgement, *, thresholds: Thresholds) -> Comparison:
    """Return whether the LEAK of `before` is gone in `after`, judged by the same `thresholds`.

    Fixed is what is CLEAN now; INCONCLUSIVE is not sure. What still leaks is better where each
    signal that leaked grows no faster, one of them clearly slower (the 99 % intervals do not
    touch, which is more cautious than a test of the difference: Schenker and Gentleman 2001),
    and nothing leaks that did not before.

    >>> old = Judgement(verdict=Verdict.LEAK, reason="", growth=Growth(estimate=9, low=8, high=9))
    >>> new = Judgement(
    ...     verdict=Verdict.CLEAN, reason="", smallest_detectable_bytes_per_iteration=1.7
    ... )
    >>> compare(old, new, thresholds=Thresholds()).sentence
    'fixed: 9 -> below 1.7 B an iteration (at 99 %)'
    """
    changes = tuple(_changes(before, after, thresholds))
    answer = _answer(after, changes)
    return Comparison(
        answer=answer, changes=changes, sentence=f"{answer}: {_told(answer, changes, after)}"
    )


def leaking_signals(judgement: Judgement) -> tuple[Signal, ...]:
    """Return the signals that a LEAK rests on: bytes, then counts; none of the others.

    Of heap and RSS the first is the one whose growth is told.
    """
    if judgement.verdict is not Verdict.LEAK:
        return ()
    counts = tuple(one for one in COUNT_SIGNALS if _says(judgement, one, Verdict.LEAK))
    if judgement.growth is None:
        return counts
    outside = _says(judgement, Signal.RSS, Verdict.LEAK)
    inside = _says(judgement, Signal.HEAP, Verdict.LEAK)
    if outside and not inside:
        return (Signal.RSS, *counts)
    heap, rss = (_growth(judgement, one) for one in (Signal.HEAP, Signal.RSS))
    is_told = outside and judgement.growth == rss and rss != heap
    return (*((Signal.RSS,) if is_told else ()), Signal.HEAP, *counts)


def _changes(before: Judgement, after: Judgement, thresholds: Thresholds) -> Iterator[Change]:
    old, new = leaking_signals(before), leaking_signals(after)
    for signal in old:
        clean = after.verdict is Verdict.CLEAN or (
            # a LEAK, but for another signal
            bool(new) and signal not in new and _says(after, signal, Verdict.CLEAN)
        )
        yield Change(
            signal=signal,
            before=_growth(before, signal),
            after=_growth(after, signal),
            bound=_bound(after, signal, thresholds) if clean else None,
            stands_still=clean and signal is Signal.RSS,
        )
    for signal in new:
        if signal not in old:
            yield Change(signal=signal, before=None, after=_growth(after, signal))


def _says(judgement: Judgement, signal: Signal, verdict: Verdict) -> bool:
    trend = judgement.trends.get(signal)
    return trend is not None and trend.verdict is verdict


def _growth(judgement: Judgement, signal: Signal) -> Growth | None:
    trend = judgement.trends.get(signal)
    if trend is not None:
        return trend.growth
    return judgement.growth if signal is Signal.HEAP else None


def _bound(after: Judgement, signal: Signal, thresholds: Thresholds) -> float | None:
    """Return what the growth of a CLEAN signal stays below; None of RSS, which has no bound."""
    if signal is Signal.HEAP:
        return after.smallest_detectable_bytes_per_iteration
    if signal is Signal.RSS:
        return None
    judged = max(_JUDGED_PART * after.iterations, 1.0)
    return max(thresholds.counts_per_iteration, 1 / judged)


def _answer(after: Judgement, changes: tuple[Change, ...]) -> Answer:
    if after.verdict is Verdict.CLEAN:
        return Answer.FIXED
    if after.verdict is Verdict.ERROR:
        return Answer.NOT_MEASURED
    if after.verdict is Verdict.INCONCLUSIVE:
        return Answer.NOT_SURE
    is_better = any(one.is_better for one in changes) and not any(one.is_worse for one in changes)
    return Answer.BETTER if is_better else Answer.NOT_FIXED


def _told(answer: Answer, changes: tuple[Change, ...], after: Judgement) -> str:
    if answer is Answer.NOT_MEASURED:
        return after.reason
    rates = "; ".join(map(_rates, changes))
    if answer is not Answer.NOT_SURE:
        return rates or after.reason
    return f"{rates}: {after.reason}" if rates else after.reason


def _rates(change: Change) -> str:
    unit = _UNITS.get(change.signal, change.signal)
    if change.before is None:
        return f"new: {_interval(change.after, unit)}"
    old = format_count(change.before.estimate)
    if change.stands_still:
        return f"{old} {unit} an iteration -> none that persists"
    if change.bound is None:
        return f"{old} -> {_interval(change.after, unit)}"
    at = 100 * change.before.confidence
    return f"{old} -> below {format_count(change.bound)} {unit} an iteration (at {at:g} %)"


def _interval(growth: Growth | None, unit: str) -> str:
    if growth is None:
        return f"too few samples to say how many {unit} an iteration"
    low, high = format_count(growth.low), format_count(growth.high)
    return f"{format_count(growth.estimate)} {unit} an iteration ({low} .. {high})"
