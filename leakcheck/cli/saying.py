"""What a command prints, line by line, and how it ends early."""

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from leakcheck.check import Checked, Settings
from leakcheck.cli.exit_codes import EXIT_INTERRUPTED
from leakcheck.cli.screen import Paper
from leakcheck.model.reported import Reported
from leakcheck.model.text import printable
from leakcheck.model.verdict import Verdict
from leakcheck.wording.rows import details, last_words, row

if TYPE_CHECKING:
    from rich.console import Console

    Screen = Paper | Console

_STYLES: Final = {
    Verdict.LEAK: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.INCONCLUSIVE: "bold yellow",
    Verdict.CLEAN: "bold green",
}


def say(console: "Screen", text: str) -> None:
    """Print one line, of which nothing is taken for a command of the terminal."""
    console.print(printable(text), markup=False, highlight=False, soft_wrap=True)


def print_checked(
    checked: Checked,
    console: "Screen",
    errors: "Screen",
    told: Reported | None = None,
) -> None:
    """Print a workload's row and details, and to `errors` what it said before it failed."""
    verdict = checked.record.judgement.verdict
    explanation, allowed = (told.explanation, told.allowed) if told else (None, None)
    head = row(checked, allowed)
    if isinstance(console, Paper):
        say(console, head)
    else:
        from leakcheck.cli.terminal import print_row  # noqa: PLC0415 -- it is imported already

        print_row(console, verdict, _STYLES[verdict], printable(head.removeprefix(verdict)))
    for line in details(checked, Path.cwd(), explanation, allowed):
        say(console, line)
    for line in last_words(checked):
        say(errors, line)


def told_interrupted(settings: Settings, errors: "Screen") -> int:
    """Say where what was measured is, and return the exit code of an interruption."""
    say(errors, f"leakcheck: interrupted; what was measured is in {settings.out}")
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
