"""How one series grows up to one look: its rates, its bound and how steady it is."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from leakcheck.analysis.memory_of_noise import growth_rate
from leakcheck.analysis.trend import (
    Rate,
    half_rates,
    late_rise,
    line_rate,
    mean_rate,
    persisting_rate,
)
from leakcheck.analysis.windows import Blocks, block_minima, level, merged, octaves, peak
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal

_PAGE_BYTES: Final = 4096
_CHUNK_BYTES: Final = 16
_PERSISTS: Final = 0.7
_EVEN: Final = 0.8
_LONG_BLOCKS: Final = 6
_LONG_ENOUGH: Final = 4_000
_FAR_ABOVE_NOISE: Final = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The growth of a series over (end/2, end], beside that of the two octaves before.

    `rates` are the mean rates of the three octaves, oldest first; `persisting` is what they
    tend to (None where an octave has too few samples); `halves` are those of the newest
    octave's two halves; `upper_bound` is the most that growth can still be;
    `rise_over_noise` the newest octave's rise in units of its scatter; `rising_share` the
    part of its increments that rise; `floor_rise` how much the lowest reading of its second
    half lies above that of its first; `peak_rise` how much the newest octave's highest block
    lies above that of the octave before.
    """

    end: int
    rate: Rate
    rates: tuple[float, float, float]
    persisting: float | None
    halves: tuple[float, float]
    upper_bound: float
    rise_over_noise: float
    rising_share: float
    floor_rise: int
    peak_rise: int
    level_rise: float

    @property
    def is_slowing(self) -> bool:
        """Return whether growth goes on, but at a rate that keeps falling."""
        persisting = self.persisting if self.persisting is not None else self.rate.estimate
        return self.rates[2] > 0 and (
            persisting < _PERSISTS * self.rates[2] or self.halves[1] < _EVEN * self.halves[0]
        )


def grain_of(signal: Signal) -> int:
    """Return the finest difference that a signal can show: a page, a malloc chunk or one.

    >>> grain_of(Signal.HEAP), grain_of(Signal.DESCRIPTORS)
    (16, 1)
    """
    return {Signal.RSS: _PAGE_BYTES, Signal.HEAP: _CHUNK_BYTES}.get(signal, 1)


def fit_growth(series: Series, end: int) -> Fit | None:
    """Return how `series` grows up to iteration `end`, None where there are too few samples.

    >>> ramp = Series.of(Signal.HEAP, ((n, 16 * n) for n in range(65)))
    >>> fit_growth(ramp, 64).rate
    Rate(estimate=16.0, half_width=0.5333333333333333, floor=-inf)
    """
    grain = grain_of(series.signal)
    windows: tuple[Blocks, ...] = octaves(series, end)
    rate = growth_rate(windows[-1], grain)
    if rate is None:
        return None
    if series.signal is not Signal.RSS:
        windows, rate = _at_the_better_scale(windows, rate, grain)
    oldest, middle, newest = windows
    line, scatter = line_rate(newest, grain)
    rates = (mean_rate(oldest), mean_rate(middle), mean_rate(newest))
    middle_block = len(newest) // 2
    has_all = min(len(oldest), len(middle)) > 1
    return Fit(
        end=end,
        rate=rate,
        rates=rates,
        persisting=persisting_rate(*rates) if has_all else None,
        halves=half_rates(newest),
        upper_bound=max(rate.high, line.high, late_rise(newest)),
        rise_over_noise=(newest.minima[-1] - newest.minima[0]) / max(scatter, grain),
        rising_share=sum(b > a for a, b in pairwise(newest.minima)) / (len(newest) - 1),
        floor_rise=min(newest.minima[middle_block:]) - min(newest.minima[:middle_block]),
        peak_rise=peak(series, end / 2, end) - peak(series, end / 4, end / 2),
        level_rise=level(newest) - level(middle),
    )


def bound_over_long_blocks(series: Series, end: int) -> float:
    """Return the most that the floor of a long sawtooth grows an iteration; inf if unknown.

    Over the newest three quarters, in six blocks: each holds a trough of whatever comes round
    within an eighth of the run, a cache of two generations or entries that expire.

    >>> teeth = Series.of(Signal.HEAP, ((n, 100 * (n % 700)) for n in range(0, 8001, 10)))
    >>> bound_over_long_blocks(teeth, 8000) < 4.0
    True
    """
    blocks = block_minima(series, end / 4, end, _LONG_BLOCKS)
    grain = grain_of(series.signal)
    rate = growth_rate(blocks, grain)
    if rate is None or end < _LONG_ENOUGH:
        return math.inf
    return max(rate.high, line_rate(blocks, grain)[0].high, late_rise(blocks))


def _at_the_better_scale(
    windows: tuple[Blocks, ...], rate: Rate, grain: float
) -> tuple[tuple[Blocks, ...], Rate]:
    """Return the windows in the blocks, or in blocks twice as long, that give a narrower interval.

    A sawtooth longer than a block hides its floor from some blocks, and not from longer ones.
    RSS has no such floor: it wanders.
    """
    longer = tuple(merged(window) for window in windows)
    rate_of_longer = growth_rate(longer[-1], grain)
    if rate_of_longer is not None and rate_of_longer.half_width < rate.half_width:
        return longer, rate_of_longer
    return windows, rate


def is_steady(fit: Fit, threshold: float) -> bool:
    """Return whether growth above `threshold` is certain, and does not slow down.

    >>> fit_ = fit_growth(Series.of(Signal.HEAP, ((n, 16 * n) for n in range(65))), 64)
    >>> is_steady(fit_, 4), is_steady(fit_, 15.9)
    (True, False)
    """
    return (
        fit.rate.low > threshold
        and fit.persisting is not None
        and fit.persisting > threshold
        and not fit.is_slowing
    )


def is_overwhelming(fit: Fit, threshold: float) -> bool:
    """Return whether growth is steady and so far above the noise that it shows early.

    All three octaves must rise: growth of more than fifty times the scatter, over three
    doublings of the iterations.

    >>> big = Series.of(Signal.HEAP, ((n, n << 22) for n in range(41)))
    >>> is_overwhelming(fit_growth(big, 40), 4)
    True
    """
    return (
        is_steady(fit, threshold)
        and min(fit.rates) > threshold
        and fit.rise_over_noise > _FAR_ABOVE_NOISE
    )
