"""How the growth at single lines moved from one record to another."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Final

from leakcheck.analysis.attribution import growth_besides
from leakcheck.analysis.causes import causes, finite
from leakcheck.analysis.intervals import move_between
from leakcheck.analysis.lines import shortened
from leakcheck.model.comparison import LineMove, Move
from leakcheck.model.explanation import Cause
from leakcheck.model.route import place_of
from leakcheck.model.run_record import RunRecord
from leakcheck.model.sites import Frame, SiteGrowth
from leakcheck.model.verdict import Growth

_TAIL: Final = 2
"""Of a file so many parts tell which it is: the same project may lie in two places."""
Key = tuple[tuple[str, ...], str]


def line_moves(before: RunRecord, after: RunRecord) -> tuple[LineMove, ...] | None:
    """Return the moves of all lines that are said to grow in either, the greatest first.

    Lines of one function are taken together, since they shift as a file is edited. What is new
    did not grow at all before: a line too small to be shown then is none. None where either
    record has no call sites.
    """
    if before.measurement.sites is None or after.measurement.sites is None:
        return None
    margin = min(one.plan.thresholds.bytes_per_iteration for one in (before, after))
    old, new = _said(before), _said(after)
    faint_old, faint_new = _faint(before), _faint(after)
    found = [
        _move(
            (new.get(key) or old[key])[0],
            _summed(old.get(key) or faint_old.get(key)),
            _summed(new.get(key) or faint_new.get(key)),
            margin,
        )
        for key in dict.fromkeys((*old, *new))
    ]
    return tuple(sorted(found, key=_rank))


def _said(record: RunRecord) -> Mapping[Key, Sequence[Cause]]:
    return _by_function(record, record.judgement.sites)


def _faint(record: RunRecord) -> Mapping[Key, Sequence[Cause]]:
    """Return what grows too, but too little to be said, or in a run of which nothing is said."""
    table = record.measurement.sites
    if table is None:
        return {}
    besides = growth_besides(table, record.judgement.sites)
    return _by_function(record, [site for site in besides if site.stack])


def _by_function(record: RunRecord, sites: Sequence[SiteGrowth]) -> Mapping[Key, Sequence[Cause]]:
    own = _own_file(record.plan.target)
    groups: dict[Key, list[Cause]] = {}
    for cause in causes(sites, record.measurement.sites):
        groups.setdefault(_key(shortened(cause.line), own), []).append(cause)
    return groups


def _key(line: Frame, own: tuple[str, ...]) -> Key:
    """Return what tells a function in both records; the workload's `own` file may be renamed."""
    parts = PurePath(line.file).parts
    return () if parts[-len(own) :] == own else parts[-_TAIL:], line.function


def _own_file(target: str) -> tuple[str, ...]:
    """Return the file that a target names, in parts.

    >>> _own_file("src/jobs.py:tick"), _own_file("shop.jobs:tick")
    (('src', 'jobs.py'), ('shop', 'jobs.py'))
    """
    place = place_of(target)
    return PurePath(place if place.endswith(".py") else f"{place.replace('.', '/')}.py").parts


def _summed(found: Sequence[Cause] | None) -> Growth | None:
    """Return the growth of several lines together: ends of intervals add up, at worst."""
    if not found:
        return None
    growths = [cause.growth for cause in found]
    return Growth(
        estimate=finite(sum(one.estimate for one in growths)),
        low=finite(sum(one.low for one in growths)),
        high=finite(sum(one.high for one in growths)),
        confidence=min(one.confidence for one in growths),
    )


def _move(cause: Cause, before: Growth | None, after: Growth | None, margin: float) -> LineMove:
    if before is None or after is None:
        move = Move.NEW if before is None else Move.GONE
    else:
        move = move_between(before, after, margin=margin)
    return LineMove(line=cause.line, before=before, after=after, move=move)


def _rank(one: LineMove) -> float:
    """Return what puts the line that changed most first."""
    old, new = (growth.estimate if growth else 0.0 for growth in (one.before, one.after))
    return -abs(finite(new - old))
