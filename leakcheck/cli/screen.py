"""Where lines are printed: a terminal, or a file that only takes text."""

import os
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Final, TextIO, TypeAlias

from leakcheck.model.text import printable

if TYPE_CHECKING:
    from rich.console import Console

    Screen: TypeAlias = "Paper | Console"

_ASKED_FOR: Final = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
"""Variables with which a user has a file treated as a terminal, or the other way round."""


class Paper:
    """A file or a pipe. Its reader may leave, as `head` does: the exit code is still the verdict's.

    What draws on terminals takes a quarter of a second to import, and is not needed for this.
    """

    is_terminal = False

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def print(self, text: str, /, *, markup: bool, highlight: bool, soft_wrap: bool) -> None:  # noqa: ARG002 -- plain
        """Print one line."""
        try:
            self._file.write(f"{text}\n")
            self._file.flush()
        except BrokenPipeError:
            leave_to_nobody(self._file)


def screen_on(file: TextIO, variables: Mapping[str, str]) -> "Screen":
    """Return what suits `file`: paper, unless it is a terminal or is to be treated as one."""
    if not file.isatty() and not any(map(variables.get, _ASKED_FOR)):
        return Paper(file)
    from leakcheck.cli.terminal import Terminal  # noqa: PLC0415 -- see above

    return Terminal(file=file, emoji=False)


def say(console: "Screen", text: str) -> None:
    """Print one line, of which nothing is taken for a command of the terminal."""
    console.print(printable(text), markup=False, highlight=False, soft_wrap=True)


def pour(file: TextIO, content: bytes) -> None:
    """Print content as it is, on a file whose reader may leave."""
    try:
        file.flush()
        file.buffer.write(content)
        file.buffer.flush()
    except BrokenPipeError:
        leave_to_nobody(file)


def leave_to_nobody(file: IO[str]) -> None:
    """Have whatever is still written to a broken pipe go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, file.fileno())
    os.close(nowhere)
