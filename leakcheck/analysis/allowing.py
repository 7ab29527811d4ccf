"""Known leaks: whether all that grows in a run is allowed, and what to say of that."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from pathlib import PurePath
from typing import Final

from leakcheck.analysis.charges import Charge, added, charges
from leakcheck.analysis.known import growths_of, signal_of, told, told_new
from leakcheck.analysis.places import shown_file
from leakcheck.model.allowance import Allowance, Allowed
from leakcheck.model.explanation import Explanation
from leakcheck.model.plan import Thresholds
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import Signal
from leakcheck.model.sites import Frame
from leakcheck.model.verdict import Verdict

_SETTLED: Final = (Verdict.LEAK, Verdict.CLEAN)
_ROUNDING: Final = 1e-6
"""A rate may differ by that from itself, added up in another order."""
Charged = Mapping[Allowance | None, Sequence[Charge]]


def allow(
    record: RunRecord,
    explanation: Explanation,
    allowances: Sequence[Allowance],
    *,
    today: date,
    project: PurePath,
) -> Allowed:
    """Return what the known leaks say of a run; only a LEAK can be allowed.

    It is, where something is and the rest is not above the threshold: lines without an entry
    count by their estimate, and what has no line by its lower bound. An entry is exceeded where
    the lower bound of what grows at its site is above its rate, and expired from the day after
    its last. `project` is the folder that files are named from.

    >>> from leakcheck.model.measurement import Ending, Measurement
    >>> from leakcheck.model.run_record import Machine
    >>> from leakcheck.model.plan import Plan
    >>> from leakcheck.model.verdict import Judgement
    >>> allow(
    ...     RunRecord(id="", started_at="", leakcheck="", plan=Plan(target="jobs.py:tick",
    ...         python=PurePath("python")), machine=Machine(python="", memray=None, libc="",
    ...         platform="", cpu_count=1, memory_bytes=1),
    ...         measurement=Measurement(series={}, iterations=0, ending=Ending.SURE),
    ...         judgement=Judgement(verdict=Verdict.CLEAN, reason="")),
    ...     Explanation(), (), today=date(2026, 12, 1), project=PurePath("/project")).passes
    False
    """
    judgement, workload = record.judgement, record.plan.target
    if judgement.verdict is not Verdict.LEAK or not allowances:
        return Allowed(workload=workload, is_settled=judgement.verdict in _SETTLED)
    charged, seen = (
        _charged(charges(record, explanation, undecided=also), allowances, workload, project)
        for also in (False, True)
    )
    used = tuple(one for one in allowances if one in seen)
    if not used:
        return Allowed(workload=workload)
    holding = [one for one in used if one in charged]
    expired = tuple(one for one in holding if today > one.until)
    exceeded = tuple(one for one in holding if _is_exceeded(one, charged[one]))
    new = _new(charged.get(None, ()), record.plan.thresholds)
    return Allowed(
        passes=bool(holding) and not (expired or exceeded or new),
        sentences=(
            *(told(one, seen[one], exceeded, expired) for one in used),
            *told_new(new, workload, project),
        ),
        used=used,
        expired=expired,
        exceeded=exceeded,
        workload=workload,
    )


def vanished(allowances: Sequence[Allowance], alloweds: Sequence[Allowed]) -> tuple[Allowance, ...]:
    """Return the entries at whose sites nothing grows in any of these runs.

    Nothing is said where a run was too short or failed to tell, nor of a workload not run.

    >>> from leakcheck.model.allowance import parse_allowance
    >>> known = parse_allowance("jobs.py:41 = 64B until 2027-01-31 # ticket 12")
    >>> [one.site for one in vanished([known], [Allowed()])], vanished([known], [])
    (['jobs.py:41'], ())
    """
    if not alloweds or not all(one.is_settled for one in alloweds):
        return ()
    used = {entry for one in alloweds for entry in one.used}
    run = {one.workload for one in alloweds}
    return tuple(
        one for one in allowances if one not in used and (one.file is not None or one.site in run)
    )


def _charged(
    found: Iterable[Charge], allowances: Sequence[Allowance], workload: str, project: PurePath
) -> Charged:
    """Return what grows by the entry that names its place, under None what no entry names."""
    charged: dict[Allowance | None, list[Charge]] = {}
    for charge in found:
        of_kind = [one for one in allowances if one.is_count == (charge.signal is not Signal.HEAP)]
        entry = _entry_of(charge, of_kind, project)
        if entry is None and (charge.is_small or not charge.lines):
            entry = next((one for one in of_kind if one.site == workload), None)
        charged.setdefault(entry, []).append(charge)
    return charged


def _entry_of(
    charge: Charge, allowances: Iterable[Allowance], project: PurePath
) -> Allowance | None:
    """Return the entry that names a line most closely: a line, else a function, by the path."""
    found = [one for one in allowances if any(names(one, at, project) for at in charge.lines)]
    return max(found, key=_closeness, default=None)


def _closeness(allowance: Allowance) -> tuple[bool, int]:
    file = allowance.file
    return allowance.line is not None, len(file.parts) if file else 0


def names(allowance: Allowance, frame: Frame, project: PurePath) -> bool:
    """Return whether an entry names a line: by all of its path, or by a trailing part of it.

    >>> from leakcheck.model.allowance import parse_allowance
    >>> known = parse_allowance("jobs.py:tick = 64B until 2027-01-31 # ticket 12")
    >>> line = Frame(file="/project/shop/jobs.py", line=41, function="tick")
    >>> names(known, line, PurePath("/project"))
    True
    """
    if allowance.line not in (None, frame.line) or allowance.function not in ("", frame.function):
        return False
    parts = allowance.file.parts if allowance.file else ()
    seen = PurePath(shown_file(frame.file, project)).parts
    return bool(parts) and seen[-len(parts) :] == parts


def _is_exceeded(allowance: Allowance, found: Sequence[Charge]) -> bool:
    most = allowance.rate * (1 + _ROUNDING)
    return any(added(kind).low > most for kind in growths_of(found))


def _new(left: Sequence[Charge], thresholds: Thresholds) -> tuple[Charge, ...]:
    """Return what no entry names, where it is more than the threshold together."""
    new: list[Charge] = []
    for signal, group in groupby(sorted(left, key=signal_of), key=signal_of):
        of_kind = list(group)
        most = (
            thresholds.bytes_per_iteration
            if signal is Signal.HEAP
            else thresholds.counts_per_iteration
        )
        rates = (one.growth.estimate if one.lines else one.growth.low for one in of_kind)
        if sum(max(rate, 0.0) for rate in rates) > most:
            new += of_kind
    return tuple(sorted(new, key=lambda one: -one.growth.estimate))
