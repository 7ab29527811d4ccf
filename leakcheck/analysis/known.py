"""What is said of known leaks, a line each: what is allowed, what is not, and why."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import PurePath
from typing import Final

from leakcheck.analysis.charges import Charge, added
from leakcheck.analysis.lines import shortened
from leakcheck.analysis.places import shown_file
from leakcheck.model.allowance import Allowance
from leakcheck.model.signals import Signal
from leakcheck.model.units import format_count, format_rate
from leakcheck.model.verdict import Growth

_MOST_NEW: Final = 3


def growths_of(found: Sequence[Charge]) -> Iterable[list[Growth]]:
    """Yield the growths of each kind: bytes, and each of the counts."""
    for _, group in groupby(sorted(found, key=signal_of), key=signal_of):
        yield [one.growth for one in group]


def signal_of(charge: Charge) -> Signal:
    """Return what it is that grows."""
    return charge.signal


def told(
    allowance: Allowance,
    found: Sequence[Charge],
    exceeded: Sequence[Allowance],
    expired: Sequence[Allowance],
) -> str:
    """Return what is said of an entry, and of what grows at its site."""
    growths = [added(kind) for kind in growths_of(found)]
    growth = max(growths, key=lambda one: one.low)
    grows = f"+{_amount(growth.estimate, is_count=allowance.is_count)}/iteration"
    limit = f"{allowance.written_rate} until {allowance.until} ({allowance.reason})"
    if allowance in exceeded:
        low = _amount(growth.low, is_count=allowance.is_count)
        return f"exceeded: {allowance.site} {grows}, {low} or more; allowed are {limit}"
    if allowance in expired:
        return f"expired: {allowance.site} {grows}; allowed were {limit}"
    return f"allowed: {allowance.site} {grows}, within {limit}"


def told_new(new: Sequence[Charge], workload: str, project: PurePath) -> list[str]:
    """Return what is said of growth that no entry names, the most first."""
    lines = [f"not allowed: {_place(one, workload, project)}" for one in new[:_MOST_NEW]]
    more = len(new) - _MOST_NEW
    return [*lines, f"not allowed: {more} more"] if more > 0 else lines


def _place(charge: Charge, workload: str, project: PurePath) -> str:
    is_count = charge.signal is not Signal.HEAP
    what = f" {charge.signal}" if is_count else ""
    grows = f"+{_amount(charge.growth.estimate, is_count=is_count)}{what}/iteration"
    if not charge.lines:
        return f"{grows} without a line; an entry for it names the workload, {workload}"
    line = shortened(charge.lines[0])
    return f"{shown_file(line.file, project)}:{line.line} {line.function}() {grows}"


def _amount(rate: float, *, is_count: bool) -> str:
    return format_count(rate) if is_count else format_rate(rate)
