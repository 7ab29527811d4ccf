"""How a test that is being looped stands, on a terminal and for as long as it takes."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any, Final

import pytest

from leakcheck.model.text import printable
from leakcheck.run.outcome import Observer, Progress

_QUIET_S: Final = 2.0
_EVERY_S: Final = 0.5


class Progressing:
    """Writes a line over itself, from the third second of a test on; nothing without a terminal."""

    def __init__(self, config: pytest.Config) -> None:
        reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
        self._reporter = reporter if reporter is not None and reporter.isatty else None
        capture: Any = config.pluginmanager.get_plugin("capturemanager")
        self._uncaptured = (
            contextlib.nullcontext if capture is None else capture.global_and_fixture_disabled
        )

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
            with self._uncaptured():
                if not is_shown:
                    self._reporter.ensure_newline()
                self._reporter.rewrite(_line(item, progress), erase=True)
            shown_s, is_shown = now_s, True

        try:
            yield observe
        finally:
            if is_shown and self._reporter is not None:
                with self._uncaptured():
                    self._reporter.rewrite("", erase=True)
                    self._reporter.rewrite("")


def _line(item: pytest.Item, progress: Progress) -> str:
    name = printable(item.name)
    if not progress.most_iterations:
        return f"{name}: {progress.phase}"
    so_far = progress.provisional
    word = f", so far {so_far.verdict}" if so_far is not None else ""
    return f"{name}: {progress.iterations:,} iterations in {progress.elapsed_s:.0f} s{word}"
