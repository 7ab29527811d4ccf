"""Growing call sites put together by the user's line that causes them, with their intervals."""

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from statistics import fmean, stdev
from typing import Final

from leakcheck.analysis.evidence import chunk_bytes
from leakcheck.analysis.lines import callers_of, is_own, line_index, package_of, task_of
from leakcheck.analysis.student import t_quantile
from leakcheck.model.explanation import Cause
from leakcheck.model.sites import Frame, SiteGrowth, SiteSeries, SiteTable
from leakcheck.model.task_origin import TaskOrigin
from leakcheck.model.verdict import Growth

_FROM: Final = 0.25
_BLOCKS: Final = 8
_CONFIDENCE: Final = 0.99
_SMALL_SHARE: Final = 0.1
_MOST_INNER: Final = 3
Columns = tuple[Sequence[int], Sequence[int]]


def causes(
    sites: Sequence[SiteGrowth], table: SiteTable | None, origins: Sequence[TaskOrigin] = ()
) -> tuple[Cause, ...]:
    """Return one cause for each line that grows: the user's own first, then by their growth.

    Sites whose stacks differ only further in, or only further out than the user's line, are of
    one cause: their bytes and objects are added up, mark by mark. So are all that grow in one
    installed package with no line of the user's on the stack: a server that handles a request,
    say.
    """
    groups: dict[tuple[str, int, str], list[SiteGrowth]] = {}
    for site in sites:
        groups.setdefault(cause_key(_line_of(site)), []).append(site)
    found = [_cause(group, table, origins) for group in groups.values()]
    return ranked(found, lambda cause: cause.growth.estimate)


def ranked(causes: Iterable[Cause], measure: Callable[[Cause], float]) -> tuple[Cause, ...]:
    """Return the causes by how much there is of what is measured, the user's own lines first.

    A line of the user's that is a tenth of the largest line or less stays behind it. What has no
    line comes last, however much it is: nobody can look there. Those that are alike stay in
    their order.
    """
    found = tuple(causes)
    most = max((measure(cause) for cause in found if cause.line.file), default=0.0)

    def rank(cause: Cause) -> tuple[bool, bool, float]:
        is_first = is_own(cause.line) and measure(cause) > _SMALL_SHARE * most
        return not cause.line.file, not is_first, -measure(cause)

    return tuple(sorted(found, key=rank))


def heap_bytes(sites: Iterable[SiteGrowth]) -> float:
    """Return what growing sites take from the heap an iteration: requests are rounded up.

    >>> heap_bytes([SiteGrowth(file="jobs.py", line=1, function="tick", stack=(),
    ...     bytes_per_iteration=41.0, objects_per_iteration=1.0)])
    64.0
    """
    return finite(sum(map(_heap_bytes, sites)))


def _heap_bytes(site: SiteGrowth) -> float:
    objects, requested = site.objects_per_iteration, site.bytes_per_iteration
    size = requested / objects if objects > 0 else math.inf
    return objects * chunk_bytes(size) if math.isfinite(size) else requested


def rate_of(marks: Sequence[float], live: Sequence[int], estimate: float) -> Growth:
    """Return a rate with its interval, from the increments of eight blocks of marks.

    The run counts from a quarter on. The increments of blocks are nearly independent where
    those of single marks are not (batch means: Schmeiser 1982); Student's t with seven degrees
    of freedom then gives the half-width. Fewer marks give no interval, and a confidence of 0.

    >>> rate_of(range(101), range(0, 808, 8), 8.0)
    Growth(estimate=8.0, low=8.0, high=8.0, confidence=0.99)
    """
    if len(marks) <= _BLOCKS:
        return _unknown(estimate)
    start = next(k for k, mark in enumerate(marks) if mark >= _FROM * marks[-1])
    edges = [start + (len(marks) - 1 - start) * k // _BLOCKS for k in range(_BLOCKS + 1)]
    rates = [
        (live[b] - live[a]) / (marks[b] - marks[a])
        for a, b in pairwise(edges)
        if marks[b] > marks[a]
    ]
    if len(rates) < _BLOCKS:
        return _unknown(estimate)
    centre = fmean(rates)
    half = t_quantile((1 + _CONFIDENCE) / 2, len(rates) - 1) * stdev(rates) / math.sqrt(len(rates))
    return Growth(
        estimate=estimate,
        low=finite(min(centre - half, estimate)),
        high=finite(max(centre + half, estimate)),
        confidence=_CONFIDENCE,
    )


def _line_of(site: SiteGrowth) -> Frame:
    if not site.stack:
        return Frame(file=site.file, line=site.line, function=site.function)
    return site.stack[line_index(site.stack)]


def cause_key(line: Frame) -> tuple[str, int, str]:
    """Return what tells causes apart: the line, or the package where it is not the user's."""
    package = "" if is_own(line) else package_of(line)
    return (package, 0, "") if package else (line.file, line.line, line.function)


def _cause(
    group: Sequence[SiteGrowth], table: SiteTable | None, origins: Sequence[TaskOrigin]
) -> Cause:
    most_first = sorted(group, key=lambda site: -site.bytes_per_iteration)
    largest, lines = most_first[0], dict.fromkeys(map(_line_of, most_first))
    inner = dict.fromkeys(
        [*list(lines)[1:], *(one.stack[0] for one in most_first if line_index(one.stack) > 0)]
    )
    task = task_of(largest.stack)
    bytes_, objects = _rates(group, table)
    return Cause(
        line=_line_of(largest),
        lines=len(lines),
        inner=tuple(inner)[:_MOST_INNER],
        callers=callers_of(largest.stack),
        task=task,
        origin=next((one for one in origins if one.coroutine == task), None),
        growth=bytes_,
        objects=objects,
        sites=len(group),
    )


def _rates(group: Sequence[SiteGrowth], table: SiteTable | None) -> tuple[Growth, Growth]:
    """Return the growth of a group in bytes and objects, from its series where they are kept."""
    bytes_ = finite(sum(site.bytes_per_iteration for site in group))
    objects = finite(sum(site.objects_per_iteration for site in group))
    stacks = {site.stack for site in group}
    series = [one for one in table.sites if one.stack in stacks] if table else []
    if table is None or not series:
        return _unknown(bytes_), _unknown(objects)
    live_bytes, live_objects = _summed(series)
    return rate_of(table.marks, live_bytes, bytes_), rate_of(table.marks, live_objects, objects)


def finite(value: float) -> float:
    """Return `value` or the largest float there is: a record may claim anything.

    >>> finite(1.5), finite(math.inf) == sys.float_info.max
    (1.5, True)
    """
    most = sys.float_info.max
    return max(-most, min(value, most))


def _unknown(estimate: float) -> Growth:
    """Return a rate whose interval is not known: it is said with a confidence of 0."""
    return Growth(estimate=estimate, low=estimate, high=estimate, confidence=0.0)


def _summed(series: Sequence[SiteSeries]) -> Columns:
    return (
        [sum(row) for row in zip(*(one.live_bytes for one in series), strict=True)],
        [sum(row) for row in zip(*(one.live_objects for one in series), strict=True)],
    )
