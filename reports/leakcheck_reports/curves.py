"""What the RSS plot shows, as numbers: the same whatever draws it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from leakcheck.model.run_record import RunRecord
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal
from leakcheck.model.units import format_bytes
from leakcheck.model.verdict import Growth, Verdict

MIB: Final = 1 << 20
PANELS: Final = ((Signal.RSS, "RSS"), (Signal.HEAP, "heap in use"))
"""The signals that are drawn, the uppermost first."""
_MOST_MIB: Final = 1e12
"""A trend that leads to more than an exabyte is no picture any more."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wedge:
    """A trend over the window it was fitted on: its line and the two ends of its interval."""

    label: str
    line: tuple[Point, Point]
    low: tuple[Point, Point]
    high: tuple[Point, Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One curve, in MiB over completed iterations, and its trend, where there is one."""

    name: str
    points: tuple[Point, ...]
    trend: Wedge | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything that a plot shows; `warm_up`, `looks` and `end` are iterations."""

    verdict: Verdict
    heading: str
    subheading: str
    panels: tuple[Panel, ...]
    warm_up: int
    looks: tuple[int, ...]
    end: int


def picture_of(record: RunRecord) -> Picture:
    """Return what the plot of `record` shows; it has two panels, whatever was read."""
    judgement = record.judgement
    return Picture(
        verdict=judgement.verdict,
        heading=printable(f"{judgement.verdict}: {record.plan.target}"),
        subheading=_subheading(record),
        panels=tuple(_panel(record, signal, name) for signal, name in PANELS),
        warm_up=judgement.warm_up_iterations,
        looks=judgement.looks,
        end=max(record.measurement.iterations, 1),
    )


def growth_text(growth: Growth) -> str:
    """Return a growth in bytes with its interval, in one line.

    >>> growth_text(Growth(estimate=108.2, low=107.6, high=108.9))
    '+108 B an iteration (108 B to 109 B at 99 %)'
    """
    low, high = format_bytes(growth.low), format_bytes(growth.high)
    sign = "+" if growth.estimate > 0 else ""
    confidence = f"{growth.confidence * 100:g}"
    return f"{sign}{format_bytes(growth.estimate)} an iteration ({low} to {high} at {confidence} %)"


def printable(text: str, most: int = 110) -> str:
    r"""Return `text` on one line of at most `most` characters, without what cannot be drawn.

    >>> printable("a\nb\x1b[0m\udcff"), printable("abcdef", most=4)
    ('a b?[0m?', 'abc…')
    """
    line = "".join(one if one.isprintable() else "?" for one in " ".join(text.split()))
    return line if len(line) <= most else line[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"


def thinned(points: Sequence[Point], most: int = 2000) -> tuple[Point, ...]:
    """Return about `most` of the points at the most: the lowest and the highest of each stretch.

    >>> thinned([(n, n % 10) for n in range(100)], most=20)[:2]
    ((0, 0), (9, 9))
    """
    if len(points) <= most:
        return tuple(points)
    size = -(-2 * len(points) // most)
    return tuple(one for stretch in _stretches(points, size) for one in _extremes(stretch))


def _stretches(points: Sequence[Point], size: int) -> Iterable[Sequence[Point]]:
    return (points[start : start + size] for start in range(0, len(points), size))


def _extremes(stretch: Sequence[Point]) -> list[Point]:
    lowest = min(stretch, key=lambda point: point[1])
    highest = max(stretch, key=lambda point: point[1])
    return sorted({lowest, highest})


def _subheading(record: RunRecord) -> str:
    judgement = record.judgement
    iterations = f"{record.measurement.iterations:,} iterations"
    if judgement.growth is None:
        return printable(f"{iterations}: {judgement.reason}")
    return f"{iterations}: {growth_text(judgement.growth)}"


def _panel(record: RunRecord, signal: Signal, name: str) -> Panel:
    series = record.measurement.series.get(signal)
    if series is None or not len(series):
        return Panel(name=name, points=(), trend=None)
    trend = record.judgement.trends.get(signal)
    return Panel(
        name=name,
        points=tuple(
            (n, value / MIB) for n, value in zip(series.iterations, series.values, strict=True)
        ),
        trend=None if trend is None else _drawable(_wedge(series, trend.growth)),
    )


def _drawable(wedge: Wedge) -> Wedge | None:
    values = (value for side in (wedge.line, wedge.low, wedge.high) for _, value in side)
    return wedge if all(abs(value) < _MOST_MIB for value in values) else None


def _wedge(series: Series, growth: Growth) -> Wedge:
    """Return the trend through the centre of the newest half, which is what it was fitted on."""
    end = series.iterations[-1]
    start = max(end / 2, series.iterations[0])
    newest = [
        (n, value) for n, value in zip(series.iterations, series.values, strict=True) if n >= start
    ]
    centre = sum(n for n, _ in newest) / len(newest)
    mean = sum(value for _, value in newest) / len(newest)

    def through_centre(rate: float) -> tuple[Point, Point]:
        at_start, at_end = (mean + rate * (n - centre) for n in (start, end))
        return (start, at_start / MIB), (end, at_end / MIB)

    return Wedge(
        label=growth_text(growth),
        line=through_centre(growth.estimate),
        low=through_centre(growth.low),
        high=through_centre(growth.high),
    )
