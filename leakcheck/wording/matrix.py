"""What is said of a matrix, as lines of plain text: its plan, its table, what is not CLEAN."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from leakcheck.matrix.cells import Cell, Matrix
from leakcheck.matrix.entry import Entry
from leakcheck.matrix.running import Standing
from leakcheck.model.text import printable
from leakcheck.model.units import format_rate
from leakcheck.model.verdict import Verdict

_WIDEST: Final = 100
_LETTERS: Final = {
    Verdict.LEAK: "L",
    Verdict.CLEAN: ".",
    Verdict.INCONCLUSIVE: "?",
    Verdict.ERROR: "E",
}
_REFUSED: Final = "not run"
_OPEN: Final = "-"
_LEGEND: Final = "L LEAK   . CLEAN   ? INCONCLUSIVE   E ERROR   x not run   - not yet"
_MOST_EXCEPTIONS: Final = 50


def plan_lines(standing: Standing, *, at_once: int, seconds: float) -> Iterator[str]:
    """Yield what a matrix would do: how many checks, how many are left, about how long."""
    matrix, left = standing.matrix, len(standing.open_cells())
    factors = [_counted(len(matrix.targets), "workload")]
    if len(matrix.pythons) > 1:
        factors.append(_counted(len(matrix.pythons), "interpreter"))
    factors += [_counted(len(values), name) for name, values in matrix.variables.items()]
    yield f"{_counted(len(matrix.cells), 'check')}: {' x '.join(factors)}"
    done = len(standing.entries)
    if done:
        yield f"{done:,} have a verdict already, {left:,} are to be run"
    if left:
        yield f"{'about' if done else 'at most'} {duration(seconds)}, {at_once:,} at a time"


def table_lines(standing: Standing) -> Iterator[str]:
    """Yield the table: a row for each workload, a column for each interpreter and its variables."""
    matrix = standing.matrix
    rows = [[_word(cell, standing) for cell in row] for row in _rows(matrix)]
    names = [printable(target) for target in matrix.targets]
    labels = [column.label for column in matrix.columns]
    heads = labels
    if _width(names, rows, heads) > _WIDEST:
        heads = [f"[{number}]" for number in range(1, len(labels) + 1)]
        yield from (f"{head} {label}" for head, label in zip(heads, labels, strict=True))
    if _width(names, rows, heads) > _WIDEST:
        yield _LEGEND
        letters = ("".join(_letter(cell, standing) for cell in row) for row in _rows(matrix))
        first = max(map(len, names))
        yield from (
            f"{name:<{first}}  {row}".rstrip() for name, row in zip(names, letters, strict=True)
        )
        return
    yield from _aligned(
        [["", *heads], *([name, *row] for name, row in zip(names, rows, strict=True))]
    )


def exception_lines(standing: Standing) -> Iterator[str]:
    """Yield what is to be said of each cell that is not CLEAN, the first fifty of them."""
    said = [line for cell in standing.matrix.cells for line in _exception(cell, standing)]
    yield from said[:_MOST_EXCEPTIONS]
    if len(said) > _MOST_EXCEPTIONS:
        yield f"... and {len(said) - _MOST_EXCEPTIONS:,} more: --json has all of them"


def row_of(cell: Cell, entry: Entry, *, number: int, of: int) -> str:
    """Return the row of a cell that has just been checked."""
    width = len(f"{of:,}")
    return f"{number:>{width},}/{of:,}  {entry.verdict:<13} {printable(cell.label)}{_rate(entry)}"


def tally(standing: Standing) -> str:
    """Return the last line: how many cells have which verdict."""
    counts = Counter(entry.verdict for entry in standing.entries.values())
    words = [f"{counts[verdict]:,} {verdict}" for verdict in Verdict if counts[verdict]]
    allowed = sum(not entry.counts for entry in standing.entries.values())
    words += [f"{allowed:,} of them allowed"] if allowed else []
    words += [f"{len(standing.refused):,} {_REFUSED}"] if standing.refused else []
    left = len(standing.open_cells())
    words += [f"{left:,} left"] if left else []
    return ", ".join(words) or "nothing to do"


def duration(seconds: float) -> str:
    """Return a time that is known roughly.

    >>> duration(40), duration(90), duration(30_000)
    ('40 s', '2 min', '8 h 20 min')
    """
    if seconds < 60:  # noqa: PLR2004 -- a minute
        return f"{max(seconds, 1):.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:  # noqa: PLR2004 -- an hour
        return f"{minutes} min"
    return f"{minutes // 60:,} h {minutes % 60} min"


def _rows(matrix: Matrix) -> Iterator[Sequence[Cell]]:
    width = len(matrix.columns)
    for start in range(0, len(matrix.cells), width):
        yield matrix.cells[start : start + width]


def _word(cell: Cell, standing: Standing) -> str:
    entry = standing.entries.get(cell.key)
    if entry is None:
        return _REFUSED if cell.key in standing.refused else _OPEN
    growth = entry.growth
    if entry.verdict is not Verdict.LEAK or growth is None:
        return str(entry.verdict)
    return f"{entry.verdict} {format_rate(growth.estimate)}"


def _letter(cell: Cell, standing: Standing) -> str:
    entry = standing.entries.get(cell.key)
    if entry is None:
        return "x" if cell.key in standing.refused else _OPEN
    return _LETTERS[entry.verdict]


def _exception(cell: Cell, standing: Standing) -> Iterator[str]:
    refusal, entry = standing.refused.get(cell.key), standing.entries.get(cell.key)
    label = printable(cell.label)
    if refusal is not None:
        yield f"{_REFUSED:<13} {label}: {printable(refusal)}"
    elif entry is not None and entry.verdict is not Verdict.CLEAN:
        where = f" at {entry.where}" if entry.where else ""
        why = _rate(entry) if entry.verdict is Verdict.LEAK else f": {entry.reason}"
        allowed = "" if entry.counts else " (allowed)"
        yield printable(f"{entry.verdict:<13} {label}{why}{where}{allowed}, record {entry.record}")


def _rate(entry: Entry) -> str:
    growth = entry.growth
    if growth is None:
        return ""
    low, high = format_rate(growth.low), format_rate(growth.high)
    return f"  {format_rate(growth.estimate)}/iteration ({low} .. {high})"


def _width(names: Sequence[str], rows: Sequence[Sequence[str]], heads: Sequence[str]) -> int:
    columns = zip(heads, *rows, strict=True)
    return max(map(len, names)) + sum(2 + max(map(len, column)) for column in columns)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        line = "  ".join(cells).rstrip()
        if line:
            yield line


def _counted(number: int, what: str) -> str:
    if what in ("workload", "interpreter", "check"):
        return f"{number:,} {what}{'' if number == 1 else 's'}"
    return f"{number:,} of {what}"
