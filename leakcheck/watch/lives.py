"""The lives of a process, put one behind the other: only what grows within a life is growth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from leakcheck.watch.history import History
from leakcheck.watch.reading import Watched

_POINTS: Final = 64
"""A warm-up is found to a 64th of a life."""
_NEARLY_BEST: Final = 1.5
_FEWEST_BLOCKS: Final = 4
"""A life with fewer blocks says nothing of growth."""


@dataclass(frozen=True, slots=True)
class Point:
    """The lowest value of one block of a life, after its warm-up.

    `hours` counts what is covered by lives, warm-ups left out, and `value` goes on where the life
    before ended. `share` is how much of its life was over, from 0 to 1.
    """

    at_s: float
    hours: float
    value: float
    life: int
    share: float


@dataclass(frozen=True, slots=True)
class _Life:
    number: int
    times_s: Sequence[float]
    values: Sequence[float]

    @property
    def span_s(self) -> float:
        return self.times_s[-1] - self.times_s[0]


def spliced(history: History, what: Watched) -> list[Point]:
    """Return the points of all lives as one series that neither restarts nor warms up.

    Each life is begun after its warm-up: its own, or the usual one of lives as long as it. Where
    one ends and the next begins the series stands still, and no time passes.
    """
    lives = [life for life in _lives(history, what) if len(life.times_s) >= _FEWEST_BLOCKS]
    warm_ups_s = _warm_ups_s(lives)
    points: list[Point] = []
    for life, warm_up_s in zip(lives, warm_ups_s, strict=True):
        points += _after(life, warm_up_s, points[-1] if points else None)
    return points


def newest_life(points: Sequence[Point]) -> list[Point]:
    """Return the points of the life that goes on."""
    return [point for point in points if point.life == points[-1].life] if points else []


def warm_up_points(values: Sequence[float]) -> int:
    """Return how many of the first values belong to a warm-up, at most half of them.

    White's marginal standard error rule (1997, Simulation 69, 323), applied to increments, so that
    steady growth is no warm-up: cut where the mean increment of the rest is known best. The first
    place that is nearly as good as the best counts.

    >>> warm_up_points([0, 50, 80, 95, 96, 96, 97, 97, 97, 98, 98, 98])
    3
    >>> warm_up_points(range(20))
    0
    """
    steps = [after - before for before, after in pairwise(values)]
    errors = list(_errors(steps))
    if not errors:
        return 0
    best = min(errors)
    return next(cut for cut, error in enumerate(errors) if error <= _NEARLY_BEST * best)


def _errors(steps: Sequence[float]) -> Iterator[float]:
    """Yield the squared error of the mean of `steps` from each place in the first half on."""
    total, squares, kept = sum(steps), sum(step * step for step in steps), len(steps)
    for step in steps[: len(steps) // 2]:
        yield max(squares - total * total / kept, 0.0) / (kept * kept)
        total, squares, kept = total - step, squares - step * step, kept - 1


def _lives(history: History, what: Watched) -> Iterator[_Life]:
    rows = zip(history.life_numbers(), history.times_s(), history.values(what), strict=True)
    number, times_s, values = -1, list[float](), list[float]()
    for life, at_s, value in rows:
        if life != number and times_s:
            yield _Life(number, times_s, values)
            times_s, values = [], []
        number = int(life)
        if value >= 0:
            times_s.append(at_s)
            values.append(value)
    if times_s:
        yield _Life(number, times_s, values)


def _warm_ups_s(lives: Sequence[_Life]) -> list[float]:
    own = [_warm_up_s(life) for life in lives]
    return [
        max(
            mine,
            _usual(
                [other for other, its in zip(own, lives, strict=True) if its.span_s >= life.span_s]
            ),
        )
        for mine, life in zip(own, lives, strict=True)
    ]


def _usual(lengths_s: list[float]) -> float:
    return sorted(lengths_s)[(len(lengths_s) - 1) // 2]


def _warm_up_s(life: _Life) -> float:
    every = max(1, len(life.values) // _POINTS)
    cut = warm_up_points(life.values[::every])
    return life.times_s[cut * every] - life.times_s[0]


def _after(life: _Life, warm_up_s: float, last: Point | None) -> Iterator[Point]:
    begins_s = life.times_s[0] + warm_up_s
    kept = [pair for pair in zip(life.times_s, life.values, strict=True) if pair[0] >= begins_s]
    if len(kept) < _FEWEST_BLOCKS // 2:
        return
    hours, value = (last.hours, last.value) if last else (0.0, kept[0][1])
    first_s, first = kept[0]
    span_s = max(kept[-1][0] - first_s, 1e-9)
    for at_s, one in kept:
        yield Point(
            at_s=at_s,
            hours=hours + (at_s - first_s) / 3600,
            value=value + one - first,
            life=life.number,
            share=(at_s - first_s) / span_s,
        )
