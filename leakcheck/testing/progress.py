"""How a test that is being looped stands, on a terminal and for as long as it takes."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any, Final

import pytest

from leakcheck.run.outcome import Observer, Progress

_QUIET_S: Final = 2.0
_EVERY_S: Final = 0.5


class Progressing:
    """Writes a line over itself, from the third second of a test on; nothing without a terminal."""

    def __init__(self, config: pytest.Config) -> None:
        reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
        self._reporter = reporter if reporter is not None and reporter.isatty else None
        self._is_verbose = config.get_verbosity() > 0

    @contextlib.contextmanager
    def of(self, item: pytest.Item) -> Iterator[Observer]:
        """Show how `item` stands while the block runs."""
        began_s = shown_s = time.monotonic()
        is_shown = False

        def observe(progress: Progress) -> None:
            nonlocal shown_s, is_shown
            now_s = time.monotonic()
            if self._reporter is None or now_s - max(began_s + _QUIET_S, shown_s + _EVERY_S) < 0:
                return
            if not is_shown:
                self._reporter.ensure_newline()
            shown_s, is_shown = now_s, True
            self._reporter.rewrite(_line(item, progress), erase=True)

        yield observe
        if is_shown and self._reporter is not None:
            self._reporter.rewrite("", erase=True)
            self._reporter.rewrite(f"{item.nodeid} " if self._is_verbose else "")


def _line(item: pytest.Item, progress: Progress) -> str:
    if not progress.most_iterations:
        return f"{item.name}: {progress.phase}"
    so_far = progress.provisional
    word = f", so far {so_far.verdict}" if so_far is not None else ""
    return f"{item.name}: {progress.iterations:,} iterations in {progress.elapsed_s:.0f} s{word}"
