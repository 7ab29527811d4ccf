"""How a command ends early: by Ctrl-C, or by the SIGTERM that a CI system sends."""

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from leakcheck.cli.exit_codes import EXIT_INTERRUPTED
from leakcheck.cli.screen import say

if TYPE_CHECKING:
    from leakcheck.cli.screen import Screen


def told_interrupted(out: Path, errors: "Screen") -> int:
    """Say where what was measured is, and return the exit code of an interruption."""
    say(errors, f"leakcheck: interrupted; what was measured is in {out}")
    return EXIT_INTERRUPTED


@contextlib.contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Treat SIGTERM, which a CI system sends, as Ctrl-C: no child is left running."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
