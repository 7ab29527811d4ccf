"""The readings of weeks in a bounded memory: the lowest of each block of time."""

import math
from array import array
from collections.abc import Iterator
from typing import Final

from leakcheck.watch.reading import Reading, Watched

MOST_BLOCKS: Final = 2_016
"""Blocks that are kept: three weeks of a quarter of an hour each, 113 kB."""
_UNKNOWN: Final = -1
_PART_DROPPED: Final = 8
_BLOCKS_IN_A_CYCLE: Final = 48
"""Blocks grow no longer than half an hour of a day: hours are compared with hours."""


class History:
    """Blocks of readings, each with its lowest memory and counts and its highest memory.

    Blocks begin as long as the interval between readings and double whenever there are too many;
    once they are as long as `cycle_s` allows (0: there is no cycle, and no bound), the oldest go.
    """

    def __init__(self, *, cycle_s: float, most_blocks: int = MOST_BLOCKS) -> None:
        self._longest_s = cycle_s / _BLOCKS_IN_A_CYCLE if cycle_s else math.inf
        self._most = most_blocks
        self._width_s = 0.0
        self._origin_s = 0.0
        self._last_s = -math.inf
        self._life = ""
        self.readings = 0
        self._columns: dict[str, array[float]] = {
            name: array("d") for name in ("at_s", "life", "high", *(what.value for what in Watched))
        }

    def __len__(self) -> int:
        return len(self._columns["at_s"])

    @property
    def origin_s(self) -> float:
        """Return when the first reading was taken: where cycles begin."""
        return self._origin_s

    @property
    def last_s(self) -> float:
        """Return when the newest reading was taken; -inf before the first."""
        return self._last_s

    def add(self, reading: Reading) -> bool:
        """Take in a reading; one that is not later than the last one is left out: False."""
        if reading.at_s <= self._last_s:
            return False
        if not self.readings:
            self._origin_s = reading.at_s
        elif not self._width_s:
            self._width_s = min(reading.at_s - self._last_s, self._longest_s)
        self._last_s = reading.at_s
        self.readings += 1
        self._put(reading)
        if len(self) > self._most:
            self._thin()
        return True

    def times_s(self) -> "array[float]":
        """Return when the lowest memory of each block was read, the oldest first."""
        return self._columns["at_s"]

    def life_numbers(self) -> "array[float]":
        """Return which life each block belongs to: 0 for the first that was seen."""
        return self._columns["life"]

    def values(self, what: Watched) -> "array[float]":
        """Return the lowest value of each block; -1 where it could not be read."""
        return self._columns[what.value]

    def peak_bytes(self, since_s: float) -> int:
        """Return the highest memory that was read since then, 0 where nothing was."""
        pairs = zip(self._columns["at_s"], self._columns["high"], strict=True)
        return int(max((high for at_s, high in pairs if at_s >= since_s), default=0))

    def _put(self, reading: Reading) -> None:
        numbers = self._columns["life"]
        life = numbers[-1] + (self._life != reading.life) if numbers else 0
        self._life = reading.life
        found = [reading.value(what) for what in Watched]
        low = [_UNKNOWN if value is None else float(value) for value in found]
        row = (reading.at_s, life, reading.memory_bytes, *low)
        if len(self) and self._same_block(self._columns["at_s"][-1], reading.at_s, life):
            self._merge_into_last(row)
            return
        for column, value in zip(self._columns.values(), row, strict=True):
            column.append(value)

    def _same_block(self, last_s: float, at_s: float, life: float) -> bool:
        return (
            self._width_s > 0
            and self._columns["life"][-1] == life
            and self._block(last_s) == self._block(at_s)
        )

    def _block(self, at_s: float) -> int:
        return math.floor((at_s - self._origin_s) / self._width_s + 1e-6)

    def _merge_into_last(self, row: tuple[float, ...]) -> None:
        last = tuple(column[-1] for column in self._columns.values())
        for column, value in zip(self._columns.values(), merged(last, row), strict=True):
            column[-1] = value

    def _thin(self) -> None:
        """Make blocks twice as long, or drop the oldest where they must not get longer."""
        if self._width_s * 2 <= self._longest_s:
            self._width_s *= 2
            rows = list(self._merged_rows())
            for column, values in zip(self._columns.values(), zip(*rows, strict=True), strict=True):
                column[:] = array("d", values)
        if len(self) > self._most * 3 // 4:  # or lives so short that no two blocks were of one
            for column in self._columns.values():
                del column[: self._most // _PART_DROPPED]

    def _merged_rows(self) -> Iterator[tuple[float, ...]]:
        waiting: tuple[float, ...] | None = None
        for row in zip(*self._columns.values(), strict=True):
            same = (
                waiting is not None
                and waiting[1] == row[1]
                and self._block(waiting[0]) == self._block(row[0])
            )
            if waiting is not None and same:
                waiting = merged(waiting, row)
                continue
            if waiting is not None:
                yield waiting
            waiting = row
        if waiting is not None:
            yield waiting


def merged(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    """Return two blocks of one life as one: when, which life, the highest, and the lowest of each.

    >>> merged((0.0, 0, 9, 5, 3, -1, 0), (60.0, 0, 7, 4, 6, 2, 0))
    (60.0, 0, 9, 4, 3, 2, 0)
    """
    lower = one if one[3] <= other[3] else other
    counts = (_lower(a, b) for a, b in zip(one[4:], other[4:], strict=True))
    return (lower[0], one[1], max(one[2], other[2]), lower[3], *counts)


def _lower(a: float, b: float) -> float:
    """Return the lower of two counts, of which one may be unknown."""
    return max(a, b) if _UNKNOWN in (a, b) else min(a, b)
