"""Whether the workers of a process have all been replaced: a restart that keeps the master."""

from collections.abc import Set as AbstractSet
from typing import Final

SETTLED: Final = 20
"""Readings after which a child is a worker, and no passing subprocess."""


class Crew:
    """The children of a process over time; `generation` rises when all its workers are new."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._workers: frozenset[int] = frozenset()
        self.generation = 0

    def update(self, children: AbstractSet[int]) -> int:
        """Take in the ids of the children at one reading and return the generation.

        >>> crew = Crew()
        >>> [crew.update({7, 8}) for _ in range(SETTLED)][-1], crew.update({9}), crew.update({9})
        (0, 1, 1)
        """
        self._seen = {pid: min(self._seen.get(pid, 0) + 1, SETTLED) for pid in children}
        if self._workers and not self._workers & children:
            self.generation += 1
            self._workers = frozenset()
        settled = {pid for pid, times in self._seen.items() if times >= SETTLED}
        self._workers = (self._workers & children) | settled
        return self.generation
