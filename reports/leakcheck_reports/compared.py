"""The tables of a comparison."""

from collections.abc import Sequence

from leakcheck.model.comparison import LineMove, Reading
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Growth
from leakcheck_reports.charts import place_of
from leakcheck_reports.document import Cell, Table
from leakcheck_reports.words import NAMES, range_text, rate_text

_DASH = "\N{EN DASH}"
_COLUMNS = ("Before", "Interval before", "After", "Interval after")


def readings_table(readings: Sequence[Reading]) -> Table:
    """Return how the growth of each signal moved."""
    return Table.of(
        caption="Growth an iteration, before and after",
        header=("Reading", "Move", *_COLUMNS, "Change", "Decides"),
        rows=[_reading(one) for one in readings],
    )


def _reading(one: Reading) -> tuple[Cell, ...]:
    return (
        Cell(text=NAMES[one.signal]),
        Cell(text=str(one.move)),
        *_growth(one.signal, one.before),
        *_growth(one.signal, one.after),
        _change(one),
        Cell(text="yes" if one.decides else "no"),
    )


def _change(one: Reading) -> Cell:
    if one.low is None or one.high is None:
        return Cell(text=_DASH)
    low, high = rate_text(one.signal, one.low), rate_text(one.signal, one.high)
    return Cell(text=f"{low} to {high}", key=(one.low + one.high) / 2)


def moves_table(lines: Sequence[LineMove]) -> Table:
    """Return how the growth at each function moved."""
    return Table.of(
        caption="Lines that grow in either, in requested bytes an iteration",
        header=("Line", "Move", *_COLUMNS),
        rows=[_line(one) for one in lines],
    )


def _line(one: LineMove) -> tuple[Cell, ...]:
    return (
        Cell(text=place_of(one.line), is_code=True),
        Cell(text=str(one.move)),
        *_growth(Signal.HEAP, one.before),
        *_growth(Signal.HEAP, one.after),
    )


def _growth(signal: Signal, growth: Growth | None) -> tuple[Cell, Cell]:
    if growth is None:
        return Cell(text=_DASH), Cell(text=_DASH)
    return (
        Cell(text=rate_text(signal, growth.estimate), key=growth.estimate),
        Cell(text=range_text(signal, growth), key=growth.high - growth.low),
    )
