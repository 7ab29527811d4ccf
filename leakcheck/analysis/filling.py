"""What the containers say of growth: that it will end, that it never will, or nothing."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from leakcheck.model.containers import Census, Container, Pile
from leakcheck.model.plan import DEFAULT_ITERATIONS

_PART: Final = 0.25
"""A container counts if it grows at least this much as fast as the one that grows most."""
_WEAK: Final = (("weakref.ReferenceType",), ("weakref.KeyedRef",))
"""Entries that hold nothing themselves: what else grows is likelier to be the holder."""
_MOST_BYTES: Final = 2 << 30
"""What a run may grow by at the most: a limit that costs more is reached by no process."""
_STALE: Final = 0.75
"""A census that is older than this part of the run says nothing any more."""


def within_reach(census: Census | None, bytes_per_iteration: float) -> Census | None:
    """Return a census without the limits that memory would be used up long before.

    `bytes_per_iteration` is the least that the process grows by, all of which a container's
    entries are taken to be; where it is not above 0 every limit stays.

    >>> seen = Container(kind="list", held_by=(), before=0, now=10, limits=(20, 1 << 34))
    >>> within_reach(Census(began=0, ended=10, containers=(seen,)), 64.0).containers[0].limits
    (20,)
    """
    if census is None or bytes_per_iteration <= 0:
        return census
    grown_bytes = bytes_per_iteration * (census.ended - census.began)
    return replace(
        census, containers=tuple(_within_reach(one, grown_bytes) for one in census.containers)
    )


def _within_reach(container: Container, grown_bytes: float) -> Container:
    most = container.now + _MOST_BYTES * max(container.grown, 1) / max(grown_bytes, 1.0)
    return replace(container, limits=tuple(limit for limit in container.limits if limit <= most))


def growing(census: Census | None, iterations: int) -> tuple[Container, ...]:
    """Return the containers that account for growth up to `iterations`, the fastest first.

    >>> seen = Container(kind="list", held_by=(), before=1000, now=2000)
    >>> few = Container(kind="dict", held_by=(), before=10, now=13)
    >>> len(growing(Census(began=1000, ended=2000, containers=(seen, few)), 2000))
    1
    """
    return fastest(census) if is_fresh(census, iterations) else ()


def is_fresh(census: Census | None, iterations: int) -> bool:
    """Return whether there is a census to compare with that is new enough to decide by.

    >>> is_fresh(Census(began=500, ended=1000), 1200), is_fresh(Census(began=500, ended=1000), 2000)
    (True, False)
    """
    return census is not None and census.began < census.ended >= _STALE * iterations


def fastest(census: Census | None) -> tuple[Container, ...]:
    """Return the containers that grew most when they were last looked at."""
    found = census.containers if census else ()
    most = max((one.grown for one in found), default=0)
    return tuple(one for one in found if one.grown >= _PART * most)


def holders(census: Census | None, counted: float = 0.0) -> tuple[Container | Pile, ...]:
    """Return the containers and piles of objects that may be what leaks, the likeliest first.

    `counted` is how many an iteration leak of what is counted, where no bytes leak: what grows
    far slower than that is something else. What nothing limits or empties comes before what grew
    more and is emptied now and then; of either kind those that grew most.

    >>> buffer = Container(kind="bytearray", held_by=(), before=0, now=7200, shrinks=True)
    >>> kept = Container(kind="list", held_by=(), before=40, now=80)
    >>> [one.kind for one in holders(Census(began=4000, ended=8000, containers=(buffer, kept)))]
    ['list', 'bytearray']
    """
    if census is None:
        return ()
    least = _PART * counted * (census.ended - census.began)
    everything: tuple[Container | Pile, ...] = (*census.containers, *census.piles)
    grown = [one for one in everything if one.grown >= least]
    found = sorted(grown, key=lambda one: (_holds_weakly(one), -one.grown))
    kinds = [one for one in found if not _may_stop(one)], [one for one in found if _may_stop(one)]
    return tuple(
        one
        for kind in kinds
        for one in kind
        if one.grown >= _PART * max(other.grown for other in kind)
    )


def _holds_weakly(grown: Container | Pile) -> bool:
    return isinstance(grown, Container) and grown.inside[:1] in _WEAK


def _may_stop(grown: Container | Pile) -> bool:
    return isinstance(grown, Container) and (bool(grown.limits) or grown.shrinks)


def still_filling(containers: Iterable[Container]) -> Container | None:
    """Return the fastest of the growing containers if every one of them has a limit ahead.

    >>> cache = Container(kind="dict", held_by=(), before=1000, now=2000, limits=(5000,))
    >>> still_filling([cache]) is cache, still_filling([]) is None
    (True, True)
    """
    found = list(containers)
    return found[0] if found and all(one.limits for one in found) else None


def is_endless(census: Census | None, iterations: int) -> bool:
    """Return whether nothing will stop anything that grows.

    >>> seen = Container(kind="list", held_by=(), before=1000, now=2000)
    >>> is_endless(Census(began=1000, ended=2000, containers=(seen,)), 2000)
    True
    """
    found = growing(census, iterations)
    return bool(found) and endless(census, iterations) == found


def endless(census: Census | None, iterations: int) -> tuple[Container, ...]:
    """Return what grows and nothing will stop: no limit, no removal, no number to reach.

    A number in the code that may bound the keys counts if a run of the usual length would
    reach it at the pace from one census to the other.

    >>> seen = Container(kind="list", held_by=(), before=1000, now=2000, counts=(9000,))
    >>> endless(Census(began=1000, ended=2000, containers=(seen,)), 2000)
    ()
    """
    if census is None:
        return ()
    left = (DEFAULT_ITERATIONS - iterations) / max(census.ended - census.began, 1)
    return tuple(
        one
        for one in growing(census, iterations)
        if not (
            one.limits
            or one.shrinks
            or any(count <= one.now + one.grown * left for count in one.counts)
        )
    )
