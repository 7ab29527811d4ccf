"""Whether two runs leak the same: at a function that grows in both."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from leakcheck.analysis.fixed import leaking_signals
from leakcheck.analysis.lines import is_own, package_of, shortened
from leakcheck.analysis.places import shown_file
from leakcheck.model.run_record import RunRecord
from leakcheck.model.sites import Frame, SiteGrowth

_TAIL: Final = 2
"""Of a file so many parts tell which it is: the same project may lie in two places."""
Place = tuple[tuple[str, ...], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A run, and the folder of the code that was run: files of one commit lie in its checkout."""

    record: RunRecord
    root: PurePath | None = None


def leaking_functions(ran: Ran) -> frozenset[Place]:
    """Return the functions that a LEAK grows in, each by the end of its file's path and its name.

    Of each call site the innermost function counts that is not the interpreter's own: of a
    package, where there is one.
    """
    found = (_place(one, ran.root) for one in ran.record.judgement.sites)
    return frozenset(one for one in found if one is not None)


def is_same_leak(one: Ran, other: Ran) -> bool:
    """Return whether two LEAKs may be the same one.

    They are not where both have lines and no function grows in both, or where nothing leaks in
    both: memory here, descriptors there. Lines move from version to version, so the number of a
    line says nothing.
    """
    functions, others = leaking_functions(one), leaking_functions(other)
    if functions and others:
        return bool(functions & others)
    signals = set(leaking_signals(one.record.judgement))
    return not signals.isdisjoint(leaking_signals(other.record.judgement))


def leading_line(record: RunRecord) -> Frame | None:
    """Return the line that grows most, by the rule of `leaking_functions`; None without lines."""
    found = (_frame(one) for one in record.judgement.sites)
    return next((frame for frame in found if frame is not None), None)


def _place(site: SiteGrowth, root: PurePath | None) -> Place | None:
    frame = _frame(site)
    if frame is None:
        return None
    file = shortened(frame).file
    seen = file if root is None else shown_file(file, root)
    return PurePath(seen).parts[-_TAIL:], frame.function


def _frame(site: SiteGrowth) -> Frame | None:
    return next((one for one in site.stack if is_own(one) or package_of(one)), None)
