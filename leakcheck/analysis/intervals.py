"""Two growths and their intervals: by how much the one differs from the other."""

from typing import Final

from leakcheck.analysis.causes import finite
from leakcheck.model.comparison import Move
from leakcheck.model.verdict import Growth, Verdict

ALIKE_SHARE: Final = 0.05
"""Two leaks of nearly one rate are one: they differ by a twentieth of the faster at the most."""


def change_of(before: Growth, after: Growth) -> tuple[float, float]:
    """Return between what growth changed: it holds where both of their intervals do.

    So the chance that it does not is at most that of the one and that of the other together,
    2 % of two intervals at 99 %, whatever the two have to do with each other.

    >>> change_of(Growth(estimate=2, low=1, high=3), Growth(estimate=9, low=8, high=10))
    (5, 9)
    """
    (old_low, old_high), (new_low, new_high) = (sorted((g.low, g.high)) for g in (before, after))
    return finite(new_low - old_high), finite(new_high - old_low)


def growth_between(
    before: Growth | None, after: Growth | None
) -> tuple[float | None, float | None]:
    """Return between what growth changed, None for what is not known; see `change_of`."""
    if before is None or after is None or not (before.confidence and after.confidence):
        return None, None
    return change_of(before, after)


def move_between(before: Growth | None, after: Growth | None, *, margin: float) -> Move:
    """Return how growth moved by the interval of its change; `margin` is what does not matter.

    Where the interval neither leaves zero out nor lies within the margin, it may still be small
    beside the growth itself.

    >>> slow, fast = (Growth(estimate=n, low=n - 1, high=n + 1) for n in (2, 9))
    >>> move_between(slow, fast, margin=4), move_between(slow, slow, margin=4)
    (<Move.FASTER: 'faster'>, <Move.SAME: 'same'>)
    """
    low, high = growth_between(before, after)
    if low is None or high is None:
        return Move.UNCLEAR
    if -margin <= low and high <= margin:
        return Move.SAME
    if low > 0 or high < 0:
        return Move.FASTER if low > 0 else Move.SLOWER
    return Move.SAME if max(-low, high) <= _alike(before, after) else Move.UNCLEAR


def _alike(*growths: Growth | None) -> float:
    return ALIKE_SHARE * max(abs(one.estimate) for one in growths if one)


def move_of(before: Verdict, after: Verdict) -> Move | None:
    """Return how growth moved by what is said of it before and after; None if that does not tell.

    >>> move_of(Verdict.LEAK, Verdict.CLEAN), move_of(Verdict.LEAK, Verdict.LEAK)
    (<Move.GONE: 'gone'>, None)
    """
    return {
        (Verdict.CLEAN, Verdict.CLEAN): Move.SAME,
        (Verdict.CLEAN, Verdict.LEAK): Move.NEW,
        (Verdict.LEAK, Verdict.CLEAN): Move.GONE,
    }.get((before, after))
