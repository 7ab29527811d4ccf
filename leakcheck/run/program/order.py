"""What is to be run, and what triggers one iteration of it; with its secrets, and without."""

import re
import signal
from dataclasses import dataclass, field
from typing import Final

from leakcheck.analysis.masking import MASK, masked
from leakcheck.model.errors import UsageError
from leakcheck.model.text import printable

_UNSTOPPABLE: Final = frozenset({signal.SIGKILL, signal.SIGSTOP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line on standard input; its answer is one line, or ends where `until` matches."""

    text: str = field(repr=False)
    until: re.Pattern[str] | None = field(default=None, repr=False)

    @property
    def words(self) -> tuple[str, ...]:
        """Return the options that ask for it, without what may be a secret."""
        return ("--line", MASK, *_until_words(self.until))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A signal; it is done with where `until` matches, or once the program is idle again."""

    number: signal.Signals
    until: re.Pattern[str] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Return its name, such as ``SIGUSR1``."""
        return self.number.name

    @property
    def words(self) -> tuple[str, ...]:
        """Return the options that ask for it, without what may be a secret."""
        return ("--signal", self.name.removeprefix("SIG"), *_until_words(self.until))


Trigger = Line | Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A program's words as they were typed, and what triggers an iteration.

    Neither its representation nor what its properties return has what may be a secret.
    """

    words: tuple[str, ...] = field(repr=False)
    trigger: Trigger

    def __post_init__(self) -> None:
        if not self.words or not self.words[0]:
            msg = "exec: found no command, wanted one after --: leakcheck exec ... -- COMMAND ARG..."
            raise UsageError(msg)

    @property
    def masked_words(self) -> tuple[str, ...]:
        """Return the program's words without what may be a secret, in one line each."""
        return tuple(map(printable, masked(self.words)))

    @property
    def target(self) -> str:
        """Return what it is called in lines that others may read.

        >>> Order(words=("redis-cli", "-a", "s3cret"), trigger=Line(text="PING")).target
        'exec: redis-cli -a ***'
        """
        return f"exec: {' '.join(self.masked_words)}"

    @property
    def masked_arguments(self) -> tuple[str, ...]:
        """Return the arguments of `leakcheck exec` that say all of it, without secrets.

        >>> Order(words=("awk", "-f", "a.awk"), trigger=Line(text="s3cret")).masked_arguments
        ('--line', '***', '--', 'awk', '-f', '***')
        """
        return (*self.trigger.words, "--", *self.masked_words)


def signal_named(name: str) -> signal.Signals:
    """Return the signal of that name, with or without ``SIG``.

    Raises:
        UsageError: if there is none, or one that no program can handle.

    >>> signal_named("usr1").name, signal_named("SIGHUP").name
    ('SIGUSR1', 'SIGHUP')
    """
    upper = name.upper()
    try:
        found = signal.Signals[upper if upper.startswith("SIG") else f"SIG{upper}"]
    except KeyError:
        msg = f"--signal: found {name!r}, wanted the name of a signal, such as USR1 or HUP"
        raise UsageError(msg) from None
    if found in _UNSTOPPABLE:
        msg = f"--signal: found {name!r}, wanted one that a program can handle, such as USR1"
        raise UsageError(msg)
    return found


def pattern_of(text: str) -> re.Pattern[str]:
    """Return the pattern that `text` is, in which ``^`` and ``$`` are the ends of a line.

    Raises:
        UsageError: if it is none.

    >>> bool(pattern_of("^done$").search("working\\ndone\\n"))
    True
    """
    try:
        return re.compile(text, re.MULTILINE)
    except (re.error, RecursionError, OverflowError) as error:
        reason = error.msg if isinstance(error, re.error) else "it is too deep or too large"
        msg = f"--until: found no regular expression ({reason}), wanted one"
        raise UsageError(msg) from None


def line_of(text: str) -> str:
    """Return a line to send, without its end.

    Raises:
        UsageError: if it is more than one, or holds a NUL, which no command line can.
    """
    line = text.removesuffix("\n")
    if "\n" in line:
        msg = "--line: found more than one line, wanted one"
        raise UsageError(msg)
    return line


def _until_words(until: re.Pattern[str] | None) -> tuple[str, ...]:
    return () if until is None else ("--until", MASK)
