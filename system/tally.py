"""How often what happened: a few counters, named by the code and never by input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

__all__ = ["Tally"]


class Tally:
    """Counts events by kind, subject and outcome. All three are words of the code's own."""

    def __init__(self) -> None:
        """Start with none."""
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def expect(self, kind: str, subject: str, outcome: str) -> None:
        """Have a count of such events, 0 until one happens."""
        self._counts[kind, subject, outcome] += 0

    def add(self, kind: str, subject: str, outcome: str) -> None:
        """Count one event more.

        >>> tally = Tally()
        >>> tally.add("job", "market-tick", "done")
        >>> list(tally.of("job"))
        [('market-tick', 'done', 1)]
        """
        self._counts[kind, subject, outcome] += 1

    def of(self, kind: str) -> Iterator[tuple[str, str, int]]:
        """Yield subject, outcome and count of every event of that kind."""
        for (of_kind, subject, outcome), count in self._counts.items():
            if of_kind == kind:
                yield subject, outcome, count
