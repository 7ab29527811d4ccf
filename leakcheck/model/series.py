"""A series: what one signal read, sample after sample."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from leakcheck.model.errors import AnalysisError
from leakcheck.model.signals import Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The readings of one signal, each with the number of iterations completed before it.

    `iterations` rises strictly and starts at 0 (before the first iteration) or later;
    `values` has the same length, in bytes or as a count.
    """

    signal: Signal
    iterations: tuple[int, ...]
    values: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.iterations) != len(self.values):
            msg = (
                f"{self.signal}: {len(self.iterations)} iteration numbers and "
                f"{len(self.values)} values, wanted as many of one as of the other"
            )
            raise AnalysisError(msg)
        if any(later <= earlier for earlier, later in pairwise(self.iterations)):
            msg = f"{self.signal}: the iteration numbers of a series must rise"
            raise AnalysisError(msg)

    @classmethod
    def of(cls, signal: Signal, points: Iterable[tuple[int, int]]) -> Self:
        """Return the series of `points`, each an iteration number and a reading.

        >>> Series.of(Signal.HEAP, [(0, 10), (5, 12)]).values
        (10, 12)
        """
        pairs = tuple(points)
        return cls(
            signal=signal,
            iterations=tuple(iteration for iteration, _ in pairs),
            values=tuple(value for _, value in pairs),
        )

    def __len__(self) -> int:
        return len(self.values)

    def until(self, iteration: int) -> "Series":
        """Return the part of the series up to and including `iteration`."""
        points = zip(self.iterations, self.values, strict=True)
        return Series.of(self.signal, (point for point in points if point[0] <= iteration))
