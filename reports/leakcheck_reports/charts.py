"""The charts of a page, as numbers and words: the same whatever draws them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import BYTE_SIGNALS, Signal
from leakcheck.model.sites import Frame, SiteGrowth, SiteTable
from leakcheck_reports.curves import panel_of, printable
from leakcheck_reports.wedges import Point, Wedge
from leakcheck_reports.words import NAMES, level_text

MOST_SITES: Final = 6
"""So many call sites are drawn: more curves cannot be told apart."""
_STEPS: Final = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
_FEWEST: Final = 2
_MOST: Final = 1e15
"""A value beyond that was never measured, and is not drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One curve over completed iterations; `number` is that of its call site, 0 of a signal."""

    name: str
    points: tuple[Point, ...]
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One small chart; `says` tells the same in words; `warm_up`, `looks`, `end` are iterations.

    `unit` is empty where things are counted. It has one line, or a line for each call site.
    """

    title: str
    unit: str
    lines: tuple[Line, ...]
    says: str
    end: float
    trend: Wedge | None = None
    warm_up: float = 0
    looks: tuple[int, ...] = ()


def signal_chart(record: RunRecord, signal: Signal) -> Chart | None:
    """Return the curve of a signal with its trend; None where there is nothing to draw."""
    panel = panel_of(record, signal, NAMES[signal])
    if len(panel.points) < _FEWEST or not _can_be_drawn(panel.points):
        return None
    judgement = record.judgement
    return Chart(
        title=panel.name,
        unit="MiB" if signal in BYTE_SIGNALS else "",
        lines=(Line(name=panel.name, points=panel.points),),
        says=_said(record, signal, panel.trend),
        end=_end(record, panel.points),
        trend=panel.trend,
        warm_up=judgement.warm_up_iterations,
        looks=judgement.looks,
    )


def sites_chart(record: RunRecord) -> Chart | None:
    """Return the live bytes of the call sites that grow most; None where none has a series."""
    table = record.measurement.sites
    growing = record.judgement.sites[:MOST_SITES]
    if table is None or not growing:
        return None
    found = [(_name(site), _live(table, site)) for site in growing]
    most = max((value for _, live in found for value in live), default=0)
    factor, unit = next((step for step in _STEPS if most >= step[0]), (1, "B"))
    lines = [
        Line(
            name=name,
            points=tuple(zip(table.marks, (v / factor for v in live), strict=True)),
            number=number,
        )
        for number, (name, live) in enumerate(found, start=1)
        if live
    ]
    points = tuple(point for line in lines for point in line.points)
    if not _can_be_drawn(points):
        return None
    return Chart(
        title="what growing call sites keep alive",
        unit=unit,
        lines=tuple(lines),
        says=f"Live memory in {unit} after each of {len(table.marks)} points of the run: "
        + "; ".join(map(_line_said, lines)),
        end=_end(record, points),
        warm_up=record.judgement.warm_up_iterations,
    )


def place_of(frame: Frame) -> str:
    """Return where a frame is.

    >>> place_of(Frame(file="jobs.py", line=12, function="tick"))
    'jobs.py:12 tick()'
    """
    if not frame.file:
        return "(no Python frame was running)"
    call = "" if frame.function.endswith(">") else "()"
    return f"{frame.file}:{frame.line} {frame.function}{call}"


def _name(site: SiteGrowth) -> str:
    frame = Frame(file=site.file, line=site.line, function=site.function)
    inner = site.stack[0] if site.stack else frame
    through = "" if inner == frame else f", through {place_of(inner)}"
    return printable(f"{place_of(frame)}{through}")


def _live(table: SiteTable, site: SiteGrowth) -> tuple[int, ...]:
    """Return the live bytes at each mark: one stack may have a series for each allocator."""
    columns = [one.live_bytes for one in table.sites if one.stack == site.stack]
    return tuple(sum(row) for row in zip(*columns, strict=True))


def _can_be_drawn(points: tuple[Point, ...]) -> bool:
    return bool(points) and all(abs(n) < _MOST and abs(value) < _MOST for n, value in points)


def _end(record: RunRecord, points: tuple[Point, ...]) -> float:
    last = max(n for n, _ in points)
    claimed = record.measurement.iterations
    return max(last, claimed if claimed < _MOST else 0, 1)


def _said(record: RunRecord, signal: Signal, trend: Wedge | None) -> str:
    series = record.measurement.series[signal]
    first, last = (level_text(signal, series.values[at]) for at in (0, -1))
    low, high = (level_text(signal, of(series.values)) for of in (min, max))
    said = (
        f"{NAMES[signal]}: {first} at iteration {series.iterations[0]:,}, {last} at "
        f"iteration {series.iterations[-1]:,}; lowest {low}, highest {high}"
    )
    return said if trend is None else f"{said}; trend of the newest half {trend.label}"


def _line_said(line: Line) -> str:
    return f"{line.name} from {line.points[0][1]:,.1f} to {line.points[-1][1]:,.1f}"


def moving(record: RunRecord, signals: tuple[Signal, ...]) -> Iterator[Signal]:
    """Yield the signals that were not the same throughout."""
    for signal in signals:
        series = record.measurement.series.get(signal)
        if series is not None and len(set(series.values)) > 1:
            yield signal
