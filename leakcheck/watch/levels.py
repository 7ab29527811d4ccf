"""Levels of a series that a daily cycle does not move: one hour is compared with the same hour."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from leakcheck.watch.lives import Point

SLOTS: Final = 24
"""Parts of a cycle: hours of a day."""
_ENOUGH_IN_COMMON: Final = 12
BLOCKS: Final = 16
"""Levels of a series without a cycle: block minima of its newer half, as for a run."""


@dataclass(frozen=True, slots=True)
class Level:
    """Where a series stands after some covered hours."""

    hours: float
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycles:
    """The period of the load, when its first cycle began, and the present."""

    cycle_s: float
    origin_s: float
    now_s: float


def cycle_floors(points: Sequence[Point], cycles: Cycles) -> list[Level]:
    """Return the lowest point of each whole cycle: what is left at night is what is kept."""
    lowest = [
        min(hours.values(), key=lambda one: one.value)
        for hours in _whole(points, cycles)
        if len(hours) >= _ENOUGH_IN_COMMON
    ]
    return [*_rising_in_time(lowest)]


def cycle_levels(points: Sequence[Point], cycles: Cycles) -> list[Level]:
    """Return the level of each whole cycle: days, with the hours of one against those of another.

    The rise from one day to the next is the median over the hours that both have, of the lowest
    value of each hour: neither the shape of the day nor a busy hour moves it (the idea of a
    seasonal comparison, as in Hirsch, Slack and Smith 1982, Water Resources Research 18, 107).
    A day of which half is not known is left out.
    """
    whole = _whole(points, cycles)
    levels: list[Level] = []
    seen: list[Mapping[int, Level]] = []
    for hours in whole:
        if len(hours) < _ENOUGH_IN_COMMON:
            continue
        level = _against(hours, seen, levels) if seen else _first(hours)
        if level is not None:
            seen.append(hours)
            levels.append(level)
    return levels


def block_levels(points: Sequence[Point], *, since: float = 0.5) -> list[Level]:
    """Return the lowest value of each of 16 parts of the covered hours, from `since` of them on.

    >>> ramp = [Point(3600.0 * n, float(n), 10.0 * n, 0, n / 63) for n in range(64)]
    >>> [level.value for level in block_levels(ramp)][:3]
    [320.0, 340.0, 360.0]
    """
    if not points:
        return []
    first, last = points[0].hours, points[-1].hours
    begin = first + (last - first) * since
    return minima(points, begin, last, BLOCKS)


def minima(points: Sequence[Point], begin: float, end: float, blocks: int) -> list[Level]:
    """Return the lowest point of each of `blocks` equal parts from hour `begin` to hour `end`."""
    lowest: dict[int, Point] = {}
    width = (end - begin) / blocks
    for point in points:
        if width <= 0 or not begin <= point.hours <= end:
            continue
        block = min(int((point.hours - begin) / width), blocks - 1)
        if block not in lowest or point.value < lowest[block].value:
            lowest[block] = point
    return [Level(lowest[one].hours, lowest[one].value) for one in sorted(lowest)]


def median(values: Sequence[float]) -> float:
    """Return the middle of one or more values. The module of that name is dear to import.

    >>> median([3, 1, 2]), median([4, 1])
    (2, 2.5)
    """
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def _whole(points: Sequence[Point], cycles: Cycles) -> list[dict[int, Level]]:
    """Return the lowest point of each hour of each day that is over, the oldest day first."""
    days: dict[int, dict[int, Level]] = {}
    for point in points:
        since_s = point.at_s - cycles.origin_s
        day = math.floor(since_s / cycles.cycle_s)
        slot = min(int((since_s / cycles.cycle_s - day) * SLOTS), SLOTS - 1)
        hours = days.setdefault(day, {})
        if slot not in hours or point.value < hours[slot].value:
            hours[slot] = Level(point.hours, point.value)
    over = int((cycles.now_s - cycles.origin_s) // cycles.cycle_s)
    return [days[day] for day in sorted(days) if day < over]


def _rising_in_time(levels: Sequence[Level]) -> Iterator[Level]:
    """Yield the levels that lie later than the one before: where no time is covered none passes."""
    last = -math.inf
    for level in levels:
        if level.hours > last:
            last = level.hours
            yield level


def _first(hours: Mapping[int, Level]) -> Level:
    return Level(
        median([one.hours for one in hours.values()]), median([one.value for one in hours.values()])
    )


def _against(
    hours: Mapping[int, Level], seen: Sequence[Mapping[int, Level]], levels: Sequence[Level]
) -> Level | None:
    """Return the level of a day by the newest one before it that has enough of its hours."""
    for before, level in zip(reversed(seen), reversed(levels), strict=True):
        common = hours.keys() & before.keys()
        if len(common) >= _ENOUGH_IN_COMMON:
            passed = median([hours[slot].hours - before[slot].hours for slot in common])
            rise = median([hours[slot].value - before[slot].value for slot in common])
            return Level(level.hours + passed, level.value + rise) if passed > 0 else None
    return None
