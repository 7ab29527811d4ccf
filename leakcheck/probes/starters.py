"""Which place started which thread. In the child."""

from threading import Thread
from typing import Final

from leakcheck.probes.places import mapped

_MOST_THREADS: Final = 1 << 12
_ALIGNMENT_BITS: Final = 4


class Starters:
    """For each thread, by the address of its object, the place that started it.

    A place is told only of threads that are still there: nobody else has their address. Of two
    whose addresses share a cell the later one is known.
    """

    def __init__(self, iterations: memoryview) -> None:
        """`iterations` holds one number: how many are completed."""
        self._iterations = iterations
        self._addresses = mapped("Q", _MOST_THREADS)
        self._places = mapped("Q", _MOST_THREADS)
        self._began = mapped("Q", _MOST_THREADS)

    def note(self, thread: Thread, place: int) -> None:
        """Note that `place` starts a thread."""
        cell = _cell(thread)
        self._addresses[cell] = id(thread)
        self._places[cell] = place
        self._began[cell] = self._iterations[0]

    def started_by(self, thread: Thread) -> tuple[int, int] | None:
        """Return the place that started a thread and the iteration in which it did."""
        cell = _cell(thread)
        place = self._places[cell] if self._addresses[cell] == id(thread) else 0
        return (place, self._began[cell]) if place else None


def _cell(thread: Thread) -> int:
    return (id(thread) >> _ALIGNMENT_BITS) % _MOST_THREADS
