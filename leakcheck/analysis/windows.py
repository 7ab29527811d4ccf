"""Octaves of a series and the minima of their blocks: what every rate is computed from."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Final

from leakcheck.model.series import Series

BLOCKS: Final = 16
"""Blocks in a window: enough for an interval, long enough to swallow a sawtooth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """The minimum of each block of the window from iteration `start` to `end`.

    `iterations` are where the minima lie (strictly rising) and `minima` what they are;
    empty blocks are left out.
    """

    start: float
    end: float
    iterations: tuple[int, ...]
    minima: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.minima)

    @property
    def span(self) -> int:
        """Return the number of iterations between the first minimum and the last."""
        return self.iterations[-1] - self.iterations[0]


def octaves(series: Series, end: int) -> tuple[Blocks, Blocks, Blocks]:
    """Return the blocks of (end/8, end/4], (end/4, end/2] and (end/2, end], oldest first.

    >>> from leakcheck.model.signals import Signal
    >>> ramp = Series.of(Signal.HEAP, ((n, 16 * n) for n in range(65)))
    >>> [len(window) for window in octaves(ramp, 64)], octaves(ramp, 64)[2].minima[:3]
    ([9, 16, 16], (512, 544, 576))
    """
    return (
        block_minima(series, end // 8, end // 4),
        block_minima(series, end // 4, end // 2),
        block_minima(series, end // 2, end),
    )


def block_minima(series: Series, start: float, end: float, blocks: int = BLOCKS) -> Blocks:
    """Return the minima of the series in up to `blocks` equal parts of `start`..`end`.

    Both ends belong to the window. A window with fewer samples than blocks gets as many
    blocks as samples. Of equal values in a block the first counts.

    >>> from leakcheck.model.signals import Signal
    >>> block_minima(Series.of(Signal.HEAP, enumerate([5, 3, 9, 4])), 0, 3, blocks=2).minima
    (3, 4)
    """
    first = bisect_left(series.iterations, start)
    last = bisect_right(series.iterations, end)
    samples = range(first, last)
    number = min(blocks, len(samples))
    width = (end - start) / number if number else 0.0
    lowest: dict[int, int] = {}
    for k in samples:
        block = _block(series.iterations[k] - start, width, number)
        if block not in lowest or series.values[k] < series.values[lowest[block]]:
            lowest[block] = k
    chosen = [lowest[block] for block in sorted(lowest)]
    return Blocks(
        start=start,
        end=end,
        iterations=tuple(series.iterations[k] for k in chosen),
        minima=tuple(series.values[k] for k in chosen),
    )


def merged(blocks: Blocks) -> Blocks:
    """Return blocks twice as long: the lower of each two neighbours.

    >>> merged(Blocks(start=0, end=8, iterations=(1, 2, 5), minima=(7, 3, 4))).minima
    (3, 4)
    """
    pairs = list(zip(blocks.minima, blocks.iterations, strict=True))
    lower = [min(pairs[k : k + 2], key=lambda pair: pair[0]) for k in range(0, len(pairs), 2)]
    return Blocks(
        start=blocks.start,
        end=blocks.end,
        iterations=tuple(iteration for _, iteration in lower),
        minima=tuple(minimum for minimum, _ in lower),
    )


def level(blocks: Blocks) -> float:
    """Return the median of the blocks' minima, 0 where there are none.

    >>> level(Blocks(start=0, end=6, iterations=(0, 2, 4), minima=(7, 3, 4)))
    4
    """
    from statistics import median  # noqa: PLC0415 -- dear to import where a service watches itself

    return median(blocks.minima) if blocks.minima else 0.0


def peak(series: Series, start: float, end: float) -> int:
    """Return the highest reading from `start` to `end`, both included; 0 where there is none.

    >>> from leakcheck.model.signals import Signal
    >>> peak(Series.of(Signal.RSS, enumerate([5, 9, 3, 4])), 2, 3)
    4
    """
    first = bisect_left(series.iterations, start)
    last = bisect_right(series.iterations, end)
    return max(series.values[first:last], default=0)


def _block(offset: float, width: float, number: int) -> int:
    return min(int(offset / width), number - 1) if width else 0
