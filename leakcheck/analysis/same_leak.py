"""Whether two runs leak the same: at a function that grows in both."""

from pathlib import PurePath
from typing import Final

from leakcheck.analysis.fixed import leaking_signals
from leakcheck.analysis.lines import is_own, package_of, shortened
from leakcheck.model.run_record import RunRecord
from leakcheck.model.sites import Frame, SiteGrowth

_TAIL: Final = 2
"""Of a file so many parts tell which it is: the same project may lie in two places."""
Place = tuple[tuple[str, ...], str]


def leaking_functions(record: RunRecord) -> frozenset[Place]:
    """Return the functions that a LEAK grows in, each by the end of its file's path and its name.

    Of each call site the innermost function counts that is not the interpreter's own: of a
    package, where there is one.
    """
    return frozenset(found for one in record.judgement.sites if (found := _place(one)) is not None)


def is_same_leak(one: RunRecord, other: RunRecord) -> bool:
    """Return whether two LEAKs may be the same one.

    They are not where both have lines and no function grows in both, or where nothing leaks in
    both: memory here, descriptors there. Lines move from version to version, so the number of a
    line says nothing.
    """
    functions, others = leaking_functions(one), leaking_functions(other)
    if functions and others:
        return bool(functions & others)
    signals = set(leaking_signals(one.judgement)) & set(leaking_signals(other.judgement))
    return bool(signals)


def leading_line(record: RunRecord) -> Frame | None:
    """Return the line that grows most, by the rule of `leaking_functions`; None without lines."""
    found = (_frame(one) for one in record.judgement.sites)
    return next((frame for frame in found if frame is not None), None)


def _place(site: SiteGrowth) -> Place | None:
    frame = _frame(site)
    if frame is None:
        return None
    return PurePath(shortened(frame).file).parts[-_TAIL:], frame.function


def _frame(site: SiteGrowth) -> Frame | None:
    return next((one for one in site.stack if is_own(one) or package_of(one)), None)
