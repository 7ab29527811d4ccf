"""The shape of a track: steps, or one drift, whichever tells its points with less."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import linregress, rankdata

from bench.history.trend.shift import Drift, drift_in
from bench.history.trend.steps import Step, Values, steps_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is seen in a track. Where all of it drifts, there are no steps."""

    steps: tuple[Step, ...] = ()
    drift: Drift | None = None


def shape_of(values: Sequence[float]) -> Shape:
    """Return the shape of `values`.

    A drift looks like a staircase to who searches for steps. Which it is, Schwarz's criterion
    (1978) decides on ranks: a line has two parameters, `k` steps have `2 k + 1`. Where steps it
    is, what came since the last one may drift still.

    >>> shape_of([1.0] * 20).steps
    ()
    """
    steps = steps_in(values)
    if steps:
        whole = drift_in(values)
        if whole is not None and _line_is_better(values, steps):
            return Shape(drift=whole)
    newest = steps[-1].at if steps else 0
    return Shape(steps=steps, drift=drift_in(values, newest))


def _line_is_better(values: Sequence[float], steps: Sequence[Step]) -> bool:
    ranks = rankdata(values)
    levels = np.split(ranks, [step.at for step in steps])
    of_steps = _criterion(np.concatenate([one - one.mean() for one in levels]), 2 * len(steps) + 1)
    places = np.arange(len(ranks))
    line = linregress(places, ranks)
    return _criterion(ranks - line.intercept - line.slope * places, 2) < of_steps


def _criterion(residuals: Values, parameters: int) -> float:
    size = len(residuals)
    spread = max(float(np.dot(residuals, residuals)) / size, 1 / size)  # ranks are whole numbers
    return size * math.log(spread) + parameters * math.log(size)
