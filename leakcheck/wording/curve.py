"""The curve of a run as mermaid draws it: GitHub strips pictures of a summary, but not this."""

from bisect import bisect_right
from typing import Final

from leakcheck.model.run_record import RunRecord
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal

POINTS: Final = 60
_MIB: Final = 1 << 20
_DIGITS: Final = 4
_COLOURS: Final = (
    '%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "#7f8fb3, #c0392b"}}}}%%'
)
"""Both are told from a white page and from a dark one."""
_MOST: Final = 1 << 50
"""A reading beyond that was never measured, and is not drawn."""


def curve(record: RunRecord) -> str:
    """Return how heap in use and RSS grew since the first sample; nothing where none was read.

    Heap is the line and RSS the bars: they are told apart without a colour. Nothing of it is a
    name: what a record says cannot be taken for mermaid.
    """
    bars, line = (_grown(record, signal) for signal in (Signal.RSS, Signal.HEAP))
    drawn = [
        f"  {kind} [{', '.join(map(_number, values))}]"
        for kind, values in (("bar", bars), ("line", line))
        if values
    ]
    if not drawn:
        return ""
    values = [value for values in (bars, line) for value in values]
    low, high = min(0.0, *values), max(values)
    high = high if high > low else low + 1
    return "\n".join(
        [
            "```mermaid",
            _COLOURS,
            "xychart-beta",
            f'  title "Growth since the first sample: {_told(bars, line)}"',
            f'  x-axis "iterations" 0 --> {max(record.measurement.iterations, 1)}',
            f'  y-axis "MiB" {_number(low)} --> {_number(high * 1.05)}',
            *drawn,
            "```",
        ]
    )


def _told(bars: list[float], line: list[float]) -> str:
    """Return what is drawn, in words.

    >>> _told([0.0], [0.0]), _told([0.0], [])
    ('RSS (bars), heap in use (line)', 'RSS (bars)')
    """
    return ", ".join(["RSS (bars)"] * bool(bars) + ["heap in use (line)"] * bool(line))


def _grown(record: RunRecord, signal: Signal) -> list[float]:
    series = record.measurement.series.get(signal)
    if series is None or len(series) < 2 or max(map(abs, series.values)) > _MOST:  # noqa: PLR2004 -- from one to another
        return []
    return [(_at(series, k) - series.values[0]) / _MIB for k in range(POINTS)]


def _number(value: float) -> str:
    """Return a number without an exponent, which mermaid does not read.

    >>> _number(12.5), _number(1e-9), _number(-0.0)
    ('12.5', '0', '0')
    """
    text = f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _at(series: Series, number: int) -> int:
    """Return the newest reading at one of `POINTS` places that are evenly spread over a run."""
    first, last = series.iterations[0], series.iterations[-1]
    place = first + (last - first) * number // (POINTS - 1)
    return series.values[bisect_right(series.iterations, place) - 1]
