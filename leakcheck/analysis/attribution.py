"""Which call sites grow: from live bytes and objects per site over the run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import median
from typing import Final

from leakcheck.model.sites import Frame, SiteGrowth, SiteSeries, SiteTable

NO_FRAME: Final = Frame(file="", line=0, function="<no Python frame>")
_WARM_UP: Final = 0.25
_BLOCKS: Final = 6
_GROWING: Final = 5
_PERSISTS: Final = 0.7
_NEGLIGIBLE: Final = 0.01
_FEWEST_MARKS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Site:
    stack: tuple[Frame, ...]
    live_bytes: tuple[int, ...]
    live_objects: tuple[int, ...]


def growing_sites(table: SiteTable) -> tuple[SiteGrowth, ...]:
    """Return the call sites that grow steadily, the largest growth first.

    From a quarter of the run on, in six blocks: at least five must grow, the last one among
    them, and the last third at 0.7 of the middle third's rate or faster. A site counts if
    its bytes or its objects do so. Sites of less than a hundredth of the whole are left out.

    >>> frame = Frame(file="jobs.py", line=12, function="tick")
    >>> site = SiteSeries(stack=(frame,), allocator="malloc",
    ...     live_bytes=tuple(range(0, 1600, 16)), live_objects=tuple(range(100)))
    >>> rest = SiteSeries(stack=(), allocator="", live_bytes=(0,) * 100, live_objects=(0,) * 100)
    >>> table = SiteTable(marks=tuple(map(float, range(100))), sites=(site,), remainder=rest)
    >>> [(one.function, one.bytes_per_iteration) for one in growing_sites(table)]
    [('tick', 16.0)]
    """
    found = _steady(table, table.sites)
    total = sum(max(site.bytes_per_iteration, 0.0) for site in found)
    kept = [site for site in found if site.bytes_per_iteration >= _NEGLIGIBLE * total]
    return tuple(sorted(kept, key=lambda site: -site.bytes_per_iteration))


def growth_besides(table: SiteTable, shown: Iterable[SiteGrowth]) -> tuple[SiteGrowth, ...]:
    """Return what else grows steadily than the call sites that are shown.

    That is each site too small to be shown, and all those together that have no series of
    their own.
    """
    stacks = {site.stack for site in shown}
    others = [site for site in table.sites if site.stack not in stacks]
    return (*_steady(table, others), *_steady(table, [table.remainder]))


def _steady(table: SiteTable, sites: Iterable[SiteSeries]) -> list[SiteGrowth]:
    return [_growth(table.marks, site) for site in _grouped(sites) if _grows(table, site)]


def growth_of_sites(table: SiteTable, sites: Iterable[SiteSeries]) -> tuple[SiteGrowth, ...]:
    """Return the growth of call sites that are known to leak, the largest first.

    For rare or uneven leaks, which the rule of `growing_sites` does not see: their rate is the
    plain one where the median of all slopes is none.
    """
    found = [_growth(table.marks, site) for site in _grouped(sites)]
    return tuple(sorted(found, key=lambda site: -site.bytes_per_iteration))


def grows_steadily(marks: Sequence[float], live: Sequence[int]) -> bool:
    """Return whether one site's live bytes, or objects, go on growing.

    >>> grows_steadily(range(100), range(100)), grows_steadily(range(100), [7] * 100)
    (True, False)
    """
    start = _settled(marks)
    number = len(live) - start
    if number < _FEWEST_MARKS:
        return False
    edges = [start + (number - 1) * k // _BLOCKS for k in range(_BLOCKS + 1)]
    rises = [live[b] - live[a] for a, b in pairwise(edges)]
    middle = _slope(marks, live, edges[2], edges[4])
    last = _slope(marks, live, edges[4], edges[6])
    growing = sum(rise > 0 for rise in rises)
    return growing >= _GROWING and rises[-1] > 0 and middle > 0 and last > _PERSISTS * middle


def _grows(table: SiteTable, site: _Site) -> bool:
    return grows_steadily(table.marks, site.live_bytes) or (
        grows_steadily(table.marks, site.live_objects) and site.live_bytes[-1] > site.live_bytes[0]
    )


def _growth(marks: Sequence[float], site: _Site) -> SiteGrowth:
    frame = site.stack[0] if site.stack else NO_FRAME
    start = _settled(marks)
    return SiteGrowth(
        file=frame.file,
        line=frame.line,
        function=frame.function,
        bytes_per_iteration=_rate(marks[start:], site.live_bytes[start:]),
        objects_per_iteration=_rate(marks[start:], site.live_objects[start:]),
        stack=site.stack,
    )


def _grouped(sites: Iterable[SiteSeries]) -> list[_Site]:
    """Return one site for each stack text: the same line may use several allocators."""
    groups: dict[tuple[Frame, ...], list[SiteSeries]] = {}
    for site in sites:
        groups.setdefault(site.stack, []).append(site)
    return [
        _Site(
            stack=stack,
            live_bytes=_summed([site.live_bytes for site in group]),
            live_objects=_summed([site.live_objects for site in group]),
        )
        for stack, group in groups.items()
    ]


def _summed(columns: Sequence[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sum(row) for row in zip(*columns, strict=True))


def _settled(marks: Sequence[float]) -> int:
    if not marks:
        return 0
    first = marks[0] + _WARM_UP * (marks[-1] - marks[0])
    # Marks of a hostile record may lie so far apart that nothing is beyond that.
    return next((k for k, mark in enumerate(marks) if mark >= first), 0)


def _slope(marks: Sequence[float], live: Sequence[int], first: int, last: int) -> float:
    if not marks:
        return 0.0
    span = marks[last] - marks[first]
    return (live[last] - live[first]) / span if span > 0 else 0.0


def _rate(marks: Sequence[float], live: Sequence[int]) -> float:
    return _theil_sen(marks, live) or _slope(marks, live, 0, -1)


def _theil_sen(marks: Sequence[float], live: Sequence[int]) -> float:
    """Return the median of the slopes between all pairs (Theil 1950, Sen 1968)."""
    pairs = combinations(zip(marks, live, strict=True), 2)
    slopes = [(y - v) / (x - u) for (u, v), (x, y) in pairs if x > u]
    return median(slopes) if slopes else 0.0
