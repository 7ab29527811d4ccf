"""What is drawn on a terminal: coloured lines, and a live view of what runs."""

import threading
from collections.abc import Callable, Sequence
from typing import Final, Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from leakcheck.cli.screen import leave_to_nobody
from leakcheck.run.outcome import Progress

_REFRESH_A_SECOND: Final = 8


class Terminal(Console):
    """A console whose reader may leave, as `head` does: the exit code is still the verdict's."""

    def on_broken_pipe(self) -> None:
        """Say nothing more, to nobody."""
        self.quiet = True
        leave_to_nobody(self.file)


class LiveView:
    """One line a running workload, redrawn in place; `cells` makes it from how one stands."""

    def __init__(self, console: Console, cells: Callable[[Progress], Sequence[str]]) -> None:
        self._lock = threading.Lock()
        self._standing: dict[str, Progress] = {}
        self._cells = cells
        self._live = Live(
            get_renderable=self._table,
            console=console,
            refresh_per_second=_REFRESH_A_SECOND,
            transient=True,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, progress: Progress) -> None:
        """Take in how one run stands."""
        with self._lock:
            self._standing[progress.target] = progress

    def forget(self, target: str) -> None:
        """Show a run no longer."""
        with self._lock:
            self._standing.pop(target, None)

    def _table(self) -> RenderableType:
        with self._lock:
            standing = list(self._standing.values())
        table = Table.grid(padding=(0, 2))
        for progress in standing:
            table.add_row(*(Text(cell, no_wrap=True) for cell in self._cells(progress)))
        return table


def print_row(console: Console, verdict: str, style: str, rest: str) -> None:
    """Print the row of a workload, its verdict in colour."""
    console.print(Text.assemble((verdict, style), rest), highlight=False, soft_wrap=True)
