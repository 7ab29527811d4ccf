"""Progress: a live view in a terminal, plain lines anywhere else."""

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol, Self

from leakcheck.cli.screen import Paper
from leakcheck.model.text import printable
from leakcheck.model.units import format_bytes, format_rate
from leakcheck.model.verdict import Judgement
from leakcheck.run.outcome import Progress

if TYPE_CHECKING:
    from leakcheck.cli.screen import Screen

_BARS: Final = "▁▂▃▄▅▆▇█"
_SPARKS: Final = 24
_LINE_EVERY_S: Final = 5.0


class View(Protocol):
    """Something that shows how runs stand; `show` may be called from any thread."""

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""
        ...

    def show(self, progress: Progress) -> None:
        """Take in how one run stands."""
        ...

    def forget(self, target: str) -> None:
        """Show a run no longer: it has ended."""
        ...


def view_on(output: "Screen", errors: "Screen") -> View:
    """Return the view that suits where results and errors go.

    A live view shares the console of the results, which then appear above it. Where the
    results go to a file it has the terminal to itself, and without one there are plain lines.
    """
    for screen in (output, errors):
        if not isinstance(screen, Paper) and screen.is_terminal:
            from leakcheck.cli.terminal import LiveView  # noqa: PLC0415 -- it is imported already

            return LiveView(screen, lambda progress: [*map(printable, _cells(progress))])
    return LineView(errors)


class LineView:
    """A line about each running workload every few seconds."""

    def __init__(self, console: "Screen") -> None:
        self._console = console
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, progress: Progress) -> None:
        """Print a line, if the last one is long enough ago."""
        now = time.monotonic()
        with self._lock:
            if now - self._said.setdefault(progress.target, now) < _LINE_EVERY_S:
                return
            self._said[progress.target] = now
        cells = [cell for cell in _cells(progress) if cell]
        self._console.print(
            printable("  ".join(cells)), markup=False, highlight=False, soft_wrap=True
        )

    def forget(self, target: str) -> None:
        """Say nothing more of a run that has ended."""
        with self._lock:
            self._said.pop(target, None)


def sparkline(values: Sequence[int], width: int = _SPARKS) -> str:
    """Return `values` as a row of bars, at most `width` of them, evenly spread.

    >>> sparkline([0, 5, 10]), sparkline([3, 3]), sparkline([])
    ('▁▄█', '▁▁', '')
    """
    newest = _thinned(values, width)
    if not newest:
        return ""
    low, high = min(newest), max(newest)
    span = max(high - low, 1)
    return "".join(_BARS[(value - low) * (len(_BARS) - 1) // span] for value in newest)


def _thinned(values: Sequence[int], width: int) -> list[int]:
    """Return `width` of the values, evenly spread over all of them."""
    count = len(values)
    if count <= width:
        return list(values)
    return [values[(at + 1) * count // width - 1] for at in range(width)]


def _cells(progress: Progress) -> tuple[str, ...]:
    name = f"{progress.target} {progress.part}".rstrip()
    if not progress.iterations:
        return (name, progress.phase)
    rss = progress.rss_bytes
    return (
        name,
        f"{progress.iterations:,} of {progress.most_iterations:,}"
        if progress.most_iterations
        else progress.phase,
        f"RSS {format_bytes(rss[-1])} {sparkline(rss)}" if rss else "",
        _so_far(progress.provisional),
        _time_left(progress),
    )


def _so_far(judgement: Judgement | None) -> str:
    if judgement is None:
        return ""
    growth = judgement.growth
    rate = "" if growth is None else f"{format_rate(growth.estimate)}/iteration, "
    return f"{rate}so far {judgement.verdict}"


def _time_left(progress: Progress) -> str:
    """Return the least of what the time limit and the iterations leave, as an upper bound."""
    if not progress.most_iterations or progress.elapsed_s <= 0:
        return ""
    pace_s = progress.elapsed_s / progress.iterations
    left_s = min(
        progress.time_limit_s - progress.elapsed_s,
        (progress.most_iterations - progress.iterations) * pace_s,
    )
    return f"{max(left_s, 0):.0f} s left at most"
