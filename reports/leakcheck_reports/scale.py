"""The scales of a plot: from where to where, and at which round numbers to write."""

import math
from typing import Final

from leakcheck_reports.charts import Chart
from leakcheck_reports.curves import Panel

_HEADROOM: Final = 0.08
_FOR_LEGEND: Final = 0.25
_LABEL_GAP: Final = 0.09
_LEAST_SPANS: Final = {"MiB": 0.25, "": 4.0}
"""A curve that is flat to within this is drawn flat, not as mountains of single pages."""


def limits(panel: Panel) -> tuple[float, float]:
    """Return the lowest and the highest value that a panel shows: its curve and its trend line.

    The top leaves room for a legend.
    """
    values = [value for _, value in panel.points] or [0.0]
    if panel.trend is not None:
        values += [value for _, value in panel.trend.line]
    low, high = min(values), max(values)
    missing = max(0.0, _LEAST_SPANS[panel.unit] - (high - low)) / 2
    low, high = low - missing, high + missing
    span = high - low
    return low - _HEADROOM * span, high + _FOR_LEGEND * span


def ticks(low: float, high: float, most: int = 6) -> tuple[float, ...]:
    """Return round numbers between `low` and `high`, at most about `most` of them.

    >>> ticks(0, 4000)
    (0.0, 1000.0, 2000.0, 3000.0, 4000.0)
    """
    span = high - low
    if span <= 0:
        return (low,)
    exact = span / most
    power = 10.0 ** math.floor(math.log10(exact))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= exact)
    first, last = math.ceil(low / step), math.floor(high / step)
    return tuple(round(n * step, 12) for n in range(first, last + 1))


def chart_limits(chart: Chart) -> tuple[float, float]:
    """Return the lowest and the highest value that a chart shows.

    What hardly moves is drawn flat: within a quarter of a MiB, or less than four things.
    """
    values = [value for one in chart.lines for _, value in one.points]
    if chart.trend is not None:
        values += [value for _, value in chart.trend.line]
    low, high = min(values), max(values)
    missing = max(0.0, _LEAST_SPANS.get(chart.unit, 1.0) - (high - low)) / 2
    span = high - low + 2 * missing
    return low - missing - _HEADROOM * span, high + missing + _HEADROOM * span


def label_places(chart: Chart) -> dict[int, float]:
    """Return at which value to write the number of each call site, so that none hides another.

    A number stands beside the end of its curve, or as far from it as the others need.
    """
    low, high = chart_limits(chart)
    gap = _LABEL_GAP * (high - low)
    ends = sorted((one.points[-1][1], one.number) for one in chart.lines if one.number)
    upwards = [value for value, _ in ends]
    for k in range(1, len(upwards)):
        upwards[k] = max(upwards[k], upwards[k - 1] + gap)
    ceiling = high
    for k in reversed(range(len(upwards))):  # the uppermost may have left the chart
        upwards[k] = min(upwards[k], ceiling)
        ceiling = upwards[k] - gap
    numbers = [number for _, number in ends]
    return dict(zip(numbers, upwards, strict=True)) if len(chart.lines) > 1 else {}
