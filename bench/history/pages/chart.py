"""A track as a picture: what is where, in pixels; the template only writes it down."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from bench.history.facts import Metric
from bench.history.trend.findings import Finding, Form, Word
from bench.history.trend.points import Point, Track
from bench.history.trend.wording import sentence, value_text
from leakcheck_reports.curves import thinned
from leakcheck_reports.scale import ticks

WIDTH: Final = 840
HEIGHT: Final = 220
LEFT, RIGHT, TOP, BOTTOM = 96, 20, 14, 30
_MOST_POINTS: Final = 800
"""Of more, the lowest and the highest of each stretch are drawn."""
_MOST_DOTS: Final = 150
_HEADROOM: Final = 0.06
_LEAST_SPAN: Final = 0.1
"""A track that stays within this share of its height is drawn as flat as it is."""
_BINARY: Final = (1 << 30, 1 << 20, 1 << 10)
CLASSES: Final = {
    Word.REGRESSION: "regression",
    Word.NOT_CONFIRMED: "unsure",
    Word.IMPROVEMENT: "improvement",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One point, and what it tells who points at it."""

    x: str
    y: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A line from one place to another: a level that lasted, or a drift."""

    x: str
    y: str
    end_x: str
    end_y: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Where something changed."""

    x: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A number on the axis."""

    y: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """All that is drawn of a track; `text` tells it to who cannot see it."""

    text: str
    line: str
    dots: tuple[Dot, ...]
    levels: tuple[Level, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class _Box:
    """From data to pixels."""

    points: int
    low: float
    high: float

    def x(self, index: float) -> str:
        """Return how far from the left."""
        inside = WIDTH - LEFT - RIGHT
        return f"{LEFT + inside * (index + 0.5) / self.points:.1f}"

    def y(self, value: float) -> str:
        """Return how far from the top."""
        inside = HEIGHT - TOP - BOTTOM
        return f"{TOP + inside * (self.high - value) / (self.high - self.low):.1f}"


def chart_of(track: Track, findings: Sequence[Finding]) -> Chart:
    """Return the picture of `track` with what was found in it."""
    values, points = track.values, track.points
    box = _Box(len(points), *_limits(values))
    drawn = thinned(list(enumerate(values)), _MOST_POINTS)
    has_dots = len(points) <= _MOST_DOTS
    return Chart(
        text=_told(track, findings),
        line=" ".join(f"{box.x(index)},{box.y(value)}" for index, value in drawn),
        dots=tuple(_dots(track, box)) if has_dots else (),
        levels=tuple(_levels(values, findings, box)),
        marks=tuple(_marks(findings, box)),
        ticks=tuple(_ticks(track.metric, box)),
        first=_when(points[0]),
        last=_when(points[-1]),
    )


def _limits(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    least = _LEAST_SPAN * max(abs(low), abs(high)) or 1.0
    missing = max(0.0, least - (high - low)) / 2
    room = _HEADROOM * (high - low) + missing
    return low - room, high + room


def _ticks(metric: Metric, box: _Box) -> Iterator[Tick]:
    """Yield round numbers of the axis; of bytes they are round in the unit that is written."""
    factor = 1.0
    if metric is Metric.PEAK:
        factor = next((one for one in _BINARY if abs(box.high) >= one), 1)
    told = ""
    for one in ticks(box.low / factor, box.high / factor, most=4):
        text = value_text(metric, one * factor).removesuffix(" an iteration")
        if text != told:
            yield Tick(y=box.y(one * factor), text=text)
        told = text


def _dots(track: Track, box: _Box) -> Iterator[Dot]:
    for index, (point, value) in enumerate(zip(track.points, track.values, strict=True)):
        text = f"{point.name}, {_when(point)}: {value_text(track.metric, value)}"
        yield Dot(x=box.x(index), y=box.y(value), text=text)


def _levels(values: Sequence[float], findings: Sequence[Finding], box: _Box) -> Iterator[Level]:
    for one in findings:
        if one.form is Form.DRIFT:
            yield _slope(values, one, box)
    steps = [one.index for one in findings if one.form is Form.STEP]
    if not steps:
        return
    edges = [0, *steps, len(values)]
    for start, end in pairwise(edges):
        y = box.y(median(values[start:end]))
        yield Level(x=box.x(start - 0.4), y=y, end_x=box.x(end - 0.6), end_y=y)


def _slope(values: Sequence[float], drift: Finding, box: _Box) -> Level:
    """Return the line of a drift, through the middle of what drifts."""
    middle, total = median(values[drift.index :]), drift.change.estimate
    low = middle / (1 + total / 2) if drift.is_share else middle - total / 2
    high = low * (1 + total) if drift.is_share else low + total
    end = len(values) - 1
    return Level(x=box.x(drift.index), y=box.y(low), end_x=box.x(end), end_y=box.y(high))


def _marks(findings: Sequence[Finding], box: _Box) -> Iterator[Mark]:
    for one in findings:
        if one.form is Form.STEP:
            yield Mark(x=box.x(one.index - 0.5), kind=CLASSES[one.word])


def _told(track: Track, findings: Sequence[Finding]) -> str:
    values = track.values
    low, high, newest = (
        value_text(track.metric, one) for one in (min(values), max(values), values[-1])
    )
    seen = " ".join(f"{sentence(one)}." for one in findings) or "No change is seen."
    return f"{track.name}: {len(values)} commits, from {low} to {high}, newest {newest}. {seen}"


def _when(point: Point) -> str:
    return f"{point.at:%Y-%m-%d}"
