"""The entries of `allow` for what leaks already: a line each, with a rate that it keeps within."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from pathlib import PurePath
from typing import Final

from leakcheck.analysis.allowing import names
from leakcheck.analysis.causes import finite
from leakcheck.analysis.charges import Charge, added, charges
from leakcheck.analysis.lines import shortened
from leakcheck.analysis.places import shown_file
from leakcheck.model.allowance import Allowance, parse_allowance
from leakcheck.model.errors import UsageError
from leakcheck.model.explanation import Explanation
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import Signal
from leakcheck.model.sites import Frame

_DIGITS: Final = 2
_HALF: Final = 0.5
_EVEN: Final = 1e-6
_SHORT: Final = 10
_LAST_NAMES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The entries that allow what leaks in a run, and the sites that no entry can name."""

    entries: tuple[Allowance, ...] = ()
    unnamed: tuple[str, ...] = ()


def baseline(
    record: RunRecord, explanation: Explanation, *, until: date, reason: str, project: PurePath
) -> Baseline:
    """Return the entries that allow a LEAK as it is; none for any other verdict.

    A line has one, and growth without a line has one under the name of the workload. Rates are
    the upper bounds of the intervals, rounded up to two digits. What is less than half the
    threshold together is left out: it fails nothing.
    """
    sites: dict[tuple[str, bool], list[Charge]] = {}
    for one in _worth_an_entry(record, charges(record, explanation, undecided=True)):
        site = _site(one, record.plan.target, project)
        sites.setdefault((site, one.signal is not Signal.HEAP), []).append(one)
    entries, unnamed = [], []
    for (site, is_count), found in sites.items():
        entry = Allowance(
            site=site, rate=_rate(found), is_count=is_count, until=until, reason=reason
        )
        is_named = _can_be_written(entry) and _names(entry, found[0], record, project)
        entries.append(entry) if is_named else unnamed.append(site)
    return Baseline(entries=tuple(entries), unnamed=tuple(dict.fromkeys(unnamed)))


def together(baselines: Iterable[Baseline]) -> Baseline:
    """Return the entries of several runs as one list: of one site, the highest rate."""
    all_ = tuple(baselines)
    found: dict[tuple[str, bool], Allowance] = {}
    for entry in (entry for one in all_ for entry in one.entries):
        known = found.get((entry.site, entry.is_count), entry)
        found[entry.site, entry.is_count] = replace(known, rate=max(known.rate, entry.rate))
    unnamed = dict.fromkeys(site for one in all_ for site in one.unnamed)
    return Baseline(entries=tuple(found.values()), unnamed=tuple(unnamed))


def rounded_up(rate: float) -> float:
    """Return the next rate that is as easily read: whole from ten on, of two digits.

    >>> rounded_up(108.7), rounded_up(64.0), rounded_up(4.31), rounded_up(0.123)
    (110.0, 64.0, 4.4, 0.13)
    """
    if rate >= _SHORT and rate % 1 == 0 and rate < 1 / _EVEN:
        return rate
    step = 10.0 ** (math.floor(math.log10(rate)) - _DIGITS + 1)
    found = float(f"{math.ceil(rate / step - _EVEN) * step:.{_DIGITS}g}") if step else rate
    return finite(found) if found >= rate else rate


def _worth_an_entry(record: RunRecord, found: Sequence[Charge]) -> Iterator[Charge]:
    """Yield what grows, the most first, without what is too little to fail anything."""
    limits = record.plan.thresholds
    by_kind = groupby(sorted(found, key=lambda one: one.signal), key=lambda one: one.signal)
    for signal, group in by_kind:
        is_bytes = signal is Signal.HEAP
        room = _HALF * (limits.bytes_per_iteration if is_bytes else limits.counts_per_iteration)
        rising = sorted(group, key=lambda one: one.growth.estimate)
        while len(rising) > 1 and rising[0].growth.estimate <= room:
            room -= rising.pop(0).growth.estimate
        yield from reversed(rising)


def _site(charge: Charge, workload: str, project: PurePath) -> str:
    if not charge.lines or charge.is_small:
        return workload
    line = charge.lines[0]
    file = _file(line, project)
    return f"{file}:{line.line}" if line.line > 0 else f"{file}:{line.function}"


def _file(line: Frame, project: PurePath) -> str:
    """Return a file as seen from the project; of another, what is no matter of one machine.

    That is what is installed of an installed file, and the last names of any other.
    """
    file = PurePath(shown_file(shortened(line).file.removeprefix(".../"), project))
    return str(PurePath(*file.parts[1:][-_LAST_NAMES:]) if file.is_absolute() else file)


def _rate(found: Sequence[Charge]) -> float:
    """Return the most of any kind: of each of them so many are allowed."""
    by_kind = groupby(sorted(found, key=lambda one: one.signal), key=lambda one: one.signal)
    growths = [added(one.growth for one in group) for _, group in by_kind]
    return max(rounded_up(max(one.estimate, one.low, one.high)) for one in growths)


def _names(entry: Allowance, charge: Charge, record: RunRecord, project: PurePath) -> bool:
    if not charge.lines or charge.is_small:
        return entry.site == record.plan.target
    return names(entry, charge.lines[0], project)


def _can_be_written(entry: Allowance) -> bool:
    try:
        return parse_allowance(entry.entry) == entry
    except UsageError:
        return False
