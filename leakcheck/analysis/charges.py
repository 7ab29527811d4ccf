"""What a LEAK is made of, place by place: bytes and counts, at a line or without one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from leakcheck.analysis.attribution import growth_besides
from leakcheck.analysis.causes import cause_key, causes, finite
from leakcheck.analysis.lines import package_of
from leakcheck.analysis.opened import unseen_share
from leakcheck.model.explanation import Cause, Explanation
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import COUNT_SIGNALS, Signal
from leakcheck.model.sites import Frame
from leakcheck.model.verdict import Growth, Judgement, Verdict

_FEW: Final = 0.05
_SMALL: Final = 0.005
"""A line of less of the growth than this is told with the rest; those shown have twice as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Growth of one kind at one place: `lines` are its names, the first one first; none, no line.

    Bytes are those of `Signal.HEAP`, whatever they were measured by. `is_small` is a line
    too small to be shown: where no entry names it, it is part of what has no line.
    """

    lines: tuple[Frame, ...]
    signal: Signal
    growth: Growth
    is_small: bool = False


def charges(
    record: RunRecord, explanation: Explanation, *, undecided: bool = False
) -> tuple[Charge, ...]:
    """Return what the growth of a LEAK is made of, without what falls; nothing for the rest.

    `undecided` adds memory of a LEAK of counts that may leak too: a longer run may be sure of it.

    Small call sites count with the line that they are of, so that a site which is a hundredth of
    the growth in one run and a little less in the next changes no line's rate.
    """
    judgement = record.judgement
    if judgement.verdict is not Verdict.LEAK:
        return ()
    growth = _bytes(judgement) or (_open_bytes(record) if undecided else None)
    found = [] if growth is None else list(_of_bytes(record, explanation, growth))
    found += _of_counts(record, explanation)
    return tuple(one for one in found if one.growth.estimate > 0)


def added(growths: Iterable[Growth]) -> Growth:
    """Return the growth of all together; its interval is as wide as theirs are together.

    >>> added([Growth(estimate=2, low=1, high=3), Growth(estimate=5, low=5, high=5)]).low
    6
    """
    all_ = tuple(growths)
    return Growth(
        estimate=finite(sum(one.estimate for one in all_)),
        low=finite(sum(one.low for one in all_)),
        high=finite(sum(one.high for one in all_)),
        confidence=min((one.confidence for one in all_), default=0.0),
    )


def _bytes(judgement: Judgement) -> Growth | None:
    """Return the growth in bytes that a LEAK rests on, None where it rests on none."""
    if judgement.growth is not None:
        return judgement.growth
    trends = (judgement.trends.get(signal) for signal in (Signal.HEAP, Signal.RSS))
    return next((one.growth for one in trends if one and one.verdict is Verdict.LEAK), None)


def _open_bytes(record: RunRecord) -> Growth | None:
    """Return the growth of heap that is neither sure nor excluded, and more than the threshold."""
    trend = record.judgement.trends.get(Signal.HEAP)
    if trend is None or trend.verdict is not Verdict.INCONCLUSIVE or not record.judgement.sites:
        return None
    most = record.plan.thresholds.bytes_per_iteration
    return trend.growth if trend.growth.estimate > most else None


def _of_bytes(record: RunRecord, explanation: Explanation, growth: Growth) -> Iterator[Charge]:
    table, shown = record.measurement.sites, record.judgement.sites
    besides = growth_besides(table, shown) if table else ()
    found = causes((*shown, *besides), table)
    known = {cause_key(one.line) for one in explanation.causes if one.sites}
    least = _SMALL * growth.estimate
    for cause in found:
        is_small = cause_key(cause.line) not in known
        rate = _with_interval(cause.growth, growth)
        if cause.line.file and (not is_small or explanation.spread_bytes):
            yield Charge(
                lines=_names(cause),
                signal=Signal.HEAP,
                growth=rate,
                is_small=is_small and rate.estimate < least,
            )
        elif not is_small or explanation.spread_bytes:
            yield Charge(lines=(), signal=Signal.HEAP, growth=rate)
    rest = growth.estimate if not found else explanation.unattributed_bytes or 0.0
    yield Charge(lines=(), signal=Signal.HEAP, growth=_remainder(rest, growth))


def _names(cause: Cause) -> tuple[Frame, ...]:
    """Return the lines by which a cause is known: lines of one package are one cause."""
    if cause.lines == 1:
        return (cause.line,)
    package = package_of(cause.line)
    return (cause.line, *(one for one in cause.inner if package_of(one) == package))


def _with_interval(rate: Growth, total: Growth) -> Growth:
    """Return a rate with an interval as wide as that of the whole, where it has none."""
    if rate.confidence or not 0 < total.low <= total.estimate <= total.high:
        return rate
    return replace(
        rate,
        low=finite(rate.estimate * (total.low / total.estimate)),
        high=finite(rate.estimate * (total.high / total.estimate)),
    )


def _remainder(rest: float, total: Growth) -> Growth:
    """Return what is left over: it is as uncertain as the whole is."""
    return Growth(
        estimate=rest,
        low=finite(min(rest, max(rest - (total.estimate - total.low), 0.0))),
        high=finite(max(rest, rest + (total.high - total.estimate))),
        confidence=total.confidence,
    )


def _of_counts(record: RunRecord, explanation: Explanation) -> Iterator[Charge]:
    trends = record.judgement.trends
    for signal in COUNT_SIGNALS:
        trend = trends.get(signal)
        if trend is None or trend.verdict is not Verdict.LEAK:
            continue
        shares = _shares(record, explanation.causes) if signal is Signal.DESCRIPTORS else ()
        for line, share in shares:
            yield Charge(lines=(line,), signal=signal, growth=_part(trend.growth, share))
        rest = 1 - sum(share for _, share in shares)
        if rest > _FEW:
            yield Charge(lines=(), signal=signal, growth=_part(trend.growth, rest))


def _shares(record: RunRecord, found: Sequence[Cause]) -> tuple[tuple[Frame, float], ...]:
    """Return which part of the descriptors each line opens; the rest nobody knows the line of."""
    opening = [one for one in found if one.descriptors_per_iteration > 0 and one.line.file]
    total = sum(one.descriptors_per_iteration for one in opening)
    origins = record.measurement.origins
    unseen = unseen_share(origins) if origins else 0.0
    seen = 1 - unseen if unseen > _FEW else 1.0
    return tuple((one.line, seen * one.descriptors_per_iteration / total) for one in opening)


def _part(growth: Growth, share: float) -> Growth:
    return replace(
        growth,
        estimate=growth.estimate * share,
        low=min(growth.low, growth.estimate) * share,
        high=max(growth.high, growth.estimate) * share,
    )
