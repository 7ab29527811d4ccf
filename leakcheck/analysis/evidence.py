"""What call sites and containers prove where the totals are too noisy to tell."""

import math
from dataclasses import dataclass
from typing import Final

from leakcheck.analysis.filling import growing, is_endless
from leakcheck.analysis.finding import Finding, proven_growth
from leakcheck.analysis.rare import rare_growth
from leakcheck.analysis.reclaimed import may_fall_back, only_moved
from leakcheck.analysis.trend import Rate
from leakcheck.model.containers import Census, Container
from leakcheck.model.measurement import Ending
from leakcheck.model.plan import MIN_CLEAN_ITERATIONS
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal
from leakcheck.model.sites import SiteSeries, SiteTable

_GRAIN: Final = 16
_HEADER: Final = 8
_SMALLEST_CHUNK: Final = 32
_FEWEST_MARKS: Final = 32
_FROM: Final = 8
"""Bytes an object are taken from the newest seven eighths of a run."""
_PERSISTS: Final = 0.8
_ENTRY_BYTES: Final = {"list": 8, "deque": 8, "set": 16, "dict": 24, "OrderedDict": 24}
_LEAST_ENTRY_BYTES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The call sites that are proved to grow, the largest first, and their growth together.

    The rate is in bytes of heap an iteration.
    """

    sites: tuple[SiteSeries, ...]
    rate: Rate


def leaking_sites(table: SiteTable, threshold: float) -> Proof | None:
    """Return the call sites that each prove growth above `threshold`; None if there is none.

    The totals have the noise of every site, one site has only its own: its live objects are
    counted exactly. They are judged by the rule for totals (octaves, increments and
    deceleration, at two looks), as rare events where they come at random, and by their bytes
    where it is the objects that grow. What may fall back as it did before, or only moved from
    another line of the same function, proves nothing.
    """
    found = [
        (site, rate)
        for site in table.sites
        if (rate := _proven(table, site, threshold)) and not _is_reclaimed(table, site)
    ]
    if not found:
        return None
    found.sort(key=lambda pair: -pair[1].low)
    rates = [rate for _, rate in found]
    total = Rate(
        estimate=sum(rate.estimate for rate in rates),
        half_width=sum(rate.half_width for rate in rates),
    )
    return Proof(sites=tuple(site for site, _ in found), rate=total)


def leaking_container(
    census: Census | None, iterations: int, threshold: float
) -> tuple[Container, float] | None:
    """Return a container that grows evenly and that nothing will stop, if its room alone leaks.

    With it comes the least that it costs, in bytes an iteration: the room that an entry takes
    in the container itself is at least a pointer.

    >>> seen = Container(kind="list", held_by=(), before=1000, now=2000)
    >>> census = Census(began=1000, ended=2000, containers=(seen,))
    >>> leaking_container(census, 2000, 4.0)[1]
    8.0
    """
    if census is None or iterations < MIN_CLEAN_ITERATIONS or not is_endless(census, iterations):
        return None
    fastest = growing(census, iterations)[0]
    pace = fastest.grown / max(census.ended - census.began, 1)
    is_even = pace >= _PERSISTS * fastest.before / max(census.began, 1)
    least = pace * _ENTRY_BYTES.get(fastest.kind, _LEAST_ENTRY_BYTES)
    return (fastest, least) if is_even and least > threshold else None


def agrees(heap: Finding, rate: Rate) -> bool:
    """Return whether heap in use may grow as one site does: its interval reaches as far.

    >>> from leakcheck.model.verdict import Verdict
    >>> noisy = Finding(signal=Signal.HEAP, end=4000, threshold=4.0, fit=None, upper_bound=90.0,
    ...     verdict=Verdict.INCONCLUSIVE, growth=Rate(estimate=60.0, half_width=80.0))
    >>> agrees(noisy, Rate(estimate=64.0, half_width=0.1))
    True
    """
    return heap.growth is not None and heap.growth.high > rate.low


def _is_reclaimed(table: SiteTable, site: SiteSeries) -> bool:
    columns = (site.live_objects, site.live_bytes)
    return all(may_fall_back(table.marks, live) for live in columns) or only_moved(table, site)


def _proven(table: SiteTable, site: SiteSeries, threshold: float) -> Rate | None:
    objects = _series(table, site.live_objects, Signal.GC_OBJECTS)
    room = _series(table, site.live_bytes, Signal.HEAP)
    end = objects.iterations[-1] if len(objects) else 0
    if len(objects) < _FEWEST_MARKS or end < MIN_CLEAN_ITERATIONS:
        return None
    size = _bytes_an_object(objects, room, end)
    if size > 0:
        least = threshold / chunk_bytes(size)
        rate = proven_growth(objects, end, least, Ending.ITERATIONS)
        rate = rate or rare_growth(objects, end, least)
        if rate is not None and (room_rate := _in_bytes(rate, size)).low > threshold:
            return room_rate
    return proven_growth(room, end, threshold, Ending.ITERATIONS)


def _bytes_an_object(objects: Series, room: Series, end: int) -> float:
    """Return how many bytes were asked for with each object that stayed, 0 where none did."""
    start = next(k for k, mark in enumerate(objects.iterations) if mark >= end / _FROM)
    stayed = objects.values[-1] - objects.values[start]
    return (room.values[-1] - room.values[start]) / stayed if stayed > 0 else 0.0


def _in_bytes(objects: Rate, size: float) -> Rate:
    """Return a rate of objects in bytes of heap; those of mixed sizes may round otherwise."""
    if size.is_integer():
        chunk, rounding = chunk_bytes(size), 0.0
    else:
        chunk = max(size + _HEADER + _GRAIN / 2, _SMALLEST_CHUNK)
        rounding = objects.estimate * _GRAIN / 2
    return Rate(estimate=objects.estimate * chunk, half_width=objects.half_width * chunk + rounding)


def chunk_bytes(requested: float) -> float:
    """Return what malloc takes from the heap for a request, in bytes: memray counts requests.

    A chunk has a header of 8 bytes, is a multiple of 16 and at least 32 bytes long.

    >>> chunk_bytes(40), chunk_bytes(1), chunk_bytes(0)
    (48, 32, 0.0)
    """
    if requested <= 0:
        return 0.0
    return max(_SMALLEST_CHUNK, _GRAIN * math.ceil((requested + _HEADER) / _GRAIN))


def _series(table: SiteTable, values: tuple[int, ...], signal: Signal) -> Series:
    points = {int(mark): live for mark, live in zip(table.marks, values, strict=True)}
    return Series.of(signal, sorted(points.items()))
