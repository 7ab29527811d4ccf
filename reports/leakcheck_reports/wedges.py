"""The trend of a series as it is drawn: a line, and the two ends of its interval."""

from dataclasses import dataclass
from typing import Final

from leakcheck.model.series import Series
from leakcheck.model.verdict import Growth
from leakcheck_reports.words import interval_text

_MOST: Final = 1e12
"""A trend that leads to more than an exabyte is no picture any more."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wedge:
    """A trend over the window it was fitted on: its line and the two ends of its interval."""

    label: str
    line: tuple[Point, Point]
    low: tuple[Point, Point]
    high: tuple[Point, Point]


def wedge_of(series: Series, growth: Growth, scale: float) -> Wedge | None:
    """Return the trend through the centre of the newest half, which is what it was fitted on.

    `scale` is what one unit of the picture is of the series' own; None is what cannot be drawn.
    """
    end = series.iterations[-1]
    start = max(end / 2, series.iterations[0])
    points = zip(series.iterations, series.values, strict=True)
    newest = [(n, value) for n, value in points if n >= start]
    centre = sum(n for n, _ in newest) / len(newest)
    mean = sum(value for _, value in newest) / len(newest)

    def through_centre(rate: float) -> tuple[Point, Point]:
        at_start, at_end = (mean + rate * (n - centre) for n in (start, end))
        return (start, at_start / scale), (end, at_end / scale)

    return _drawable(
        Wedge(
            label=interval_text(series.signal, growth),
            line=through_centre(growth.estimate),
            low=through_centre(growth.low),
            high=through_centre(growth.high),
        )
    )


def _drawable(wedge: Wedge) -> Wedge | None:
    values = (value for side in (wedge.line, wedge.low, wedge.high) for _, value in side)
    return wedge if all(abs(value) < _MOST for value in values) else None
