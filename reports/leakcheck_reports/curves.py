"""What the RSS plot shows, as numbers: the same whatever draws it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import BYTE_SIGNALS, Signal
from leakcheck.model.verdict import Verdict
from leakcheck_reports.wedges import Point, Wedge, wedge_of
from leakcheck_reports.words import interval_text

MIB: Final = 1 << 20
PANELS: Final = ((Signal.RSS, "RSS"), (Signal.HEAP, "heap in use"))
"""The signals that are drawn, the uppermost first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One curve over completed iterations, in MiB or as a count, and its trend, if it has one."""

    name: str
    points: tuple[Point, ...]
    trend: Wedge | None
    unit: str = "MiB"

    @property
    def label(self) -> str:
        """Return what is written along its axis."""
        return f"{self.name} ({self.unit})" if self.unit else self.name


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


def picture_of(record: RunRecord, panels: Sequence[tuple[Signal, str]] = PANELS) -> Picture:
    """Return what the plot of `record` shows: a panel for each signal, whatever was read."""
    judgement = record.judgement
    return Picture(
        verdict=judgement.verdict,
        heading=printable(f"{judgement.verdict}: {record.plan.target}"),
        subheading=_subheading(record),
        panels=tuple(panel_of(record, signal, name) for signal, name in panels),
        warm_up=judgement.warm_up_iterations,
        looks=judgement.looks,
        end=max(record.measurement.iterations, 1),
    )


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
    return f"{iterations}: {interval_text(Signal.HEAP, judgement.growth)}"


def panel_of(record: RunRecord, signal: Signal, name: str) -> Panel:
    """Return the curve of one signal; it has no points where the signal was not read."""
    series = record.measurement.series.get(signal)
    if series is None or not len(series):
        return Panel(name=name, points=(), trend=None)
    trend = record.judgement.trends.get(signal)
    scale = MIB if signal in BYTE_SIGNALS else 1
    points = zip(series.iterations, series.values, strict=True)
    return Panel(
        name=name,
        points=tuple((n, value / scale) for n, value in points),
        trend=None if trend is None else wedge_of(series, trend.growth, scale),
        unit="MiB" if signal in BYTE_SIGNALS else "",
    )
