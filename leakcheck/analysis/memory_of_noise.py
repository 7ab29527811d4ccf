"""Whether the noise about a line has a memory: which error of a rate is the honest one."""

import math
from itertools import pairwise
from typing import Final

from leakcheck.analysis.looks import critical_value
from leakcheck.analysis.trend import Rate, increment_rate, line_rate
from leakcheck.analysis.windows import Blocks

_MOST_CORRELATION: Final = 0.4
_LEAST_DEGREES: Final = 3


def growth_rate(blocks: Blocks, grain: float) -> Rate | None:
    """Return the growth of a window with the tighter of the intervals that its noise allows.

    Where the minima scatter about a line without a memory, least squares gives the rate, with
    the sample size reduced for what correlation there is (Santer et al. 2000). Where they
    wander, as after a step or in a random walk, only the spread of the increments is honest:
    it is about six times as wide on noise that has no memory. None with fewer than 3
    increments.

    >>> growth_rate(Blocks(start=0, end=8, iterations=(0, 2, 4, 8), minima=(0, 6, 12, 24)), 1)
    Rate(estimate=3.0, half_width=0.125, floor=-inf)
    """
    wandering = increment_rate(blocks, grain)
    if wandering is None:
        return None
    correlation = lag_one_correlation(blocks)
    if correlation > _MOST_CORRELATION:
        return wandering
    line = _with_fewer_samples(line_rate(blocks, grain)[0], len(blocks), correlation, grain, blocks)
    return line if line.half_width < wandering.half_width else wandering


def lag_one_correlation(blocks: Blocks) -> float:
    """Return how like its neighbour a residual about the line is: 0 for noise without memory.

    Corrected for the bias of short windows, which makes it too small by about 2/n.

    >>> zigzag = Blocks(start=0, end=5, iterations=(0, 1, 2, 3, 4, 5), minima=(0, 9, 0, 9, 0, 9))
    >>> lag_one_correlation(zigzag) < 0
    True
    """
    slope = line_rate(blocks, 0.0)[0].estimate
    level = sum(blocks.minima) / len(blocks)
    centre = sum(blocks.iterations) / len(blocks)
    residuals = [
        y - level - slope * (x - centre)
        for x, y in zip(blocks.iterations, blocks.minima, strict=True)
    ]
    power = sum(residual * residual for residual in residuals)
    if power == 0:
        return 0.0
    return sum(a * b for a, b in pairwise(residuals)) / power + 2 / len(blocks)


def _with_fewer_samples(
    line: Rate, number: int, correlation: float, grain: float, blocks: Blocks
) -> Rate:
    kept = max(correlation, 0.0)
    degrees = max(number * (1 - kept) / (1 + kept) - 2, _LEAST_DEGREES)
    wider = math.sqrt((number - 2) / degrees)
    more = critical_value(int(degrees)) / critical_value(number - 2)
    width = max(line.half_width * wider * more, grain / blocks.span)
    return Rate(estimate=line.estimate, half_width=width)
