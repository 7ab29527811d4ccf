"""The recorder: every sample of a run, kept in the parent so that it survives the child."""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Final

from leakcheck.model.series import Series
from leakcheck.model.signals import Signal
from leakcheck.model.units import format_bytes
from leakcheck.probes.outside import Outside
from leakcheck.run.child.slots import NOT_READ, Slot

_OBJECTS_EVERY: Final = 8
_MANY_OBJECTS: Final = 100_000
_MANY_OBJECTS_EVERY: Final = 64
"""Counting objects lists them all: where there are many it is done more rarely."""

_SETTLED: Final = 64
"""From so many iterations on, what rises may be a pile."""

_MUCH_BELOW_BYTES: Final = 1 << 17
_FROM_CHILD: Final = {
    Signal.HEAP: Slot.HEAP,
    Signal.GC_OBJECTS: Slot.GC_OBJECTS,
    Signal.TASKS: Slot.TASKS,
}


def reading(slots: memoryview, outside: Outside) -> dict[Signal, int]:
    """Return what one sample read of each signal, without those that could not be read."""
    found = {signal: slots[slot] for signal, slot in _FROM_CHILD.items()}
    seen = {
        Signal.RSS: outside.rss_bytes,
        Signal.DESCRIPTORS: outside.descriptors,
        Signal.THREADS: outside.threads,
        Signal.CHILDREN: len(outside.children),
    }
    found.update({signal: value for signal, value in seen.items() if value is not None})
    return {signal: value for signal, value in found.items() if value != NOT_READ}


class Recorder:
    """Collects readings; `instants` are pairs of wall clock (ms) and iterations completed."""

    def __init__(self) -> None:
        self._points: dict[Signal, list[tuple[int, int]]] = {signal: [] for signal in Signal}
        self.instants: list[tuple[int, int]] = []
        self._below: list[tuple[int, int, int]] = []

    def note_below(self, iteration: int, rss_bytes: int, below_bytes: int) -> None:
        """Keep how much of the memory was that of processes below the measured one."""
        self._below.append((iteration, rss_bytes, below_bytes))

    def told_below(self) -> str:
        """Return a sentence on processes below that grew, nothing where they did not.

        They did where, since half of the iterations, half of all growth was theirs.
        """
        if not self._below:
            return ""
        last, rss_bytes, below_bytes = self._below[-1]
        _, rss_before, below_before = next(one for one in self._below if one[0] >= last // 2)
        grown = below_bytes - below_before
        if grown < _MUCH_BELOW_BYTES or grown < (rss_bytes - rss_before) / 2:
            return ""
        return (
            f"of this growth most is in processes that it started: they held "
            f"{format_bytes(below_before)} at half of the iterations, {format_bytes(below_bytes)} "
            "at the end; the call sites are those of the serving process only"
        )

    def add(self, iteration: int, epoch_ms: int, values: Mapping[Signal, int]) -> None:
        """Keep one sample; a second one after the same iteration replaces the first."""
        if self.instants and self.instants[-1][1] == iteration:
            self._forget_last(iteration)
        for signal, value in values.items():
            self._points[signal].append((iteration, value))
        self.instants.append((epoch_ms, iteration))

    def series(self) -> dict[Signal, Series]:
        """Return the series of every signal that was read at all."""
        return {
            signal: Series.of(signal, points) for signal, points in self._points.items() if points
        }

    def last(self, signal: Signal) -> int | None:
        """Return the newest reading of `signal`."""
        points = self._points[signal]
        return points[-1][1] if points else None

    def first(self, signal: Signal) -> int | None:
        """Return the reading of `signal` before the first iteration."""
        points = self._points[signal]
        return points[0][1] if points else None

    def values(self, signal: Signal) -> list[int]:
        """Return all readings of `signal`, oldest first."""
        return [value for _, value in self._points[signal]]

    def piles_up(self) -> bool:
        """Return whether there are more descriptors or threads than at half of the iterations.

        What is opened in the first iterations only, as it is needed, is no pile.
        """
        points = (self._points[Signal.DESCRIPTORS], self._points[Signal.THREADS])
        return any(map(_has_risen, points))

    def wants_objects(self) -> bool:
        """Return whether the next sample should count gc objects."""
        many = (self.last(Signal.GC_OBJECTS) or 0) > _MANY_OBJECTS
        return len(self.instants) % (_MANY_OBJECTS_EVERY if many else _OBJECTS_EVERY) == 0

    def _forget_last(self, iteration: int) -> None:
        self.instants.pop()
        for points in self._points.values():
            if points and points[-1][0] == iteration:
                points.pop()


def _has_risen(points: Sequence[tuple[int, int]]) -> bool:
    if not points or points[-1][0] < _SETTLED:
        return False
    iteration, now = points[-1]
    before = bisect_right(points, (iteration // 2, math.inf)) - 1
    return before >= 0 and now > points[before][1]
