"""Growth of one call site that is none: what fell back before, and what only moved."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from leakcheck.model.sites import SiteSeries, SiteTable

_FROM: Final = 0.25
_BEYOND: Final = 1.25
"""How much more than it once gave back a site has to gain before that is growth."""
_NEWEST: Final = 0.75
_LEAST_SHARE: Final = 0.5
"""Of what a site gained lately, the part that its function as a whole must have gained."""


def may_fall_back(marks: Sequence[float], live: Sequence[int]) -> bool:
    """Return whether what a site gained since its largest fall may go as that went.

    A log that is compacted, a buffer that is flushed: from one fall to the next they grow in a
    straight line. What happened in the first quarter of the run is warm-up.

    >>> teeth = [n % 40 for n in range(100)]
    >>> may_fall_back(range(100), teeth), may_fall_back(range(100), range(100))
    (True, False)
    """
    newest = [value for mark, value in zip(marks, live, strict=True) if mark >= _FROM * marks[-1]]
    falls = [peak - value for peak, value in zip(accumulate(newest, max), newest, strict=True)]
    largest = max(falls, default=0)
    if largest <= 0:
        return False
    trough = falls.index(largest)
    return newest[-1] - newest[trough] <= _BEYOND * largest


def only_moved(table: SiteTable, site: SiteSeries) -> bool:
    """Return whether what a site gained lately, other lines of its function have lost.

    A full cache that puts a new entry in at one line and takes an old one out at another goes on
    growing at the one: what counts is the function's live memory as a whole.

    >>> from leakcheck.model.sites import Frame
    >>> def at(line, *live):
    ...     stack = (Frame(file="jobs.py", line=line, function="put"),)
    ...     return SiteSeries(stack=stack, allocator="", live_bytes=live, live_objects=live)
    >>> up, down = at(1, *range(8)), at(2, *range(9, 1, -1))
    >>> table = SiteTable(marks=tuple(map(float, range(8))), sites=(up, down), remainder=up)
    >>> only_moved(table, up)
    True
    """
    start = next(k for k, mark in enumerate(table.marks) if mark >= _NEWEST * table.marks[-1])
    family = [one for one in table.sites if _function(one) == _function(site)]
    return all(
        _gain([getattr(one, column) for one in family], start)
        < _LEAST_SHARE * _gain([getattr(site, column)], start)
        for column in ("live_bytes", "live_objects")
    )


def _function(site: SiteSeries) -> tuple[str, str]:
    return (site.stack[0].file, site.stack[0].function) if site.stack else ("", "")


def _gain(columns: Sequence[Sequence[int]], start: int) -> int:
    return sum(live[-1] - live[start] for live in columns)
