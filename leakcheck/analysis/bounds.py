"""How little a flat count can still grow."""

from typing import Final

from leakcheck.analysis.windows import Blocks, octaves
from leakcheck.model.series import Series

_NEIGHBOURS: Final = 4
"""Blocks whose minimum is the floor of a count: a sawtooth must fit into so many."""


def flat_since(series: Series, end: int) -> float | None:
    """Return the iteration from which a count has not risen up to `end`, if it holds still.

    The floor of a count at a block is the minimum of that block and the three after it. It
    is flat from the first block on whose floor is no lower than the last one. None where
    there are too few samples or it still rises in the last blocks. Looks back to end/8.

    >>> from leakcheck.model.signals import Signal
    >>> flat_since(Series.of(Signal.THREADS, ((n, 5 + (n > 40)) for n in range(129))), 128)
    42.0
    """
    starts: list[float] = []
    minima: list[int] = []
    for window in octaves(series, end):
        if not len(window):
            continue
        starts += _starts(window)
        minima += window.minima
    if len(minima) < 2 * _NEIGHBOURS:
        return None
    floors = [min(minima[k : k + _NEIGHBOURS]) for k in range(len(minima) - _NEIGHBOURS + 1)]
    return next(start for start, floor in zip(starts, floors, strict=False) if floor >= floors[-1])


def most_a_flat_count_grows(since: float, end: int) -> float:
    """Return the bound on the growth of a count that has stood still: less than one in all.

    >>> most_a_flat_count_grows(1000, 2000)
    0.001
    """
    return 1 / max(end - since, 1.0)


def _starts(window: Blocks) -> list[float]:
    """Return where each block starts: the window's own start, then the samples' places."""
    return [window.start, *(float(iteration) for iteration in window.iterations[1:])]
