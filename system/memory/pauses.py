"""How long the cycle collector stops the service, counted by length."""

from __future__ import annotations

import gc
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["BOUNDS_SECONDS", "GENERATIONS", "CollectorPauses"]

BOUNDS_SECONDS: Final = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""The upper bounds of the buckets; one more takes what is longer."""
GENERATIONS: Final = 3


class CollectorPauses:
    """Counts of collections by generation and length, kept by a callback of the collector's.

    Lists of numbers and no lock: a collection may begin anywhere, also where this process holds a
    lock of a metrics library, and would wait for it for ever.
    """

    def __init__(self) -> None:
        """Start with none, not counting yet."""
        self._counts = [[0] * (len(BOUNDS_SECONDS) + 1) for _ in range(GENERATIONS)]
        self._seconds = [0.0] * GENERATIONS
        self._began = 0.0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count while the block runs."""
        gc.callbacks.append(self._note)
        try:
            yield
        finally:
            gc.callbacks.remove(self._note)

    def cumulative(self, generation: int) -> tuple[int, ...]:
        """Return how many pauses were no longer than each bound, and last how many there were."""
        total, sums = 0, []
        for count in self._counts[generation]:
            total += count
            sums.append(total)
        return tuple(sums)

    def seconds(self, generation: int) -> float:
        """Return how long the collector has stopped the service in all."""
        return self._seconds[generation]

    def _note(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.perf_counter()
            return
        pause = time.perf_counter() - self._began
        generation = info["generation"]
        self._counts[generation][bisect_left(BOUNDS_SECONDS, pause)] += 1
        self._seconds[generation] += pause
