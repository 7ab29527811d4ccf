"""Where readings come from: a process by its id or its pidfile, or a control group."""

import os
from pathlib import Path
from typing import Final, Protocol

from leakcheck.model.errors import LeakcheckError
from leakcheck.watch.reading import Reading

MOST_PROCESSES: Final = 4_096
"""Processes of one tree that are read: no fork bomb makes the watcher busy for minutes."""
_STAT_BYTES: Final = 4096
_PIDFILE_BYTES: Final = 64


class WatchError(LeakcheckError):
    """A process or a container cannot be read."""


class Source(Protocol):
    """Something that is watched from outside."""

    @property
    def name(self) -> str:
        """Return what it is, in a few words."""
        ...

    def read(self, at_s: float) -> Reading | None:
        """Return a look at it, or None where it is not running now.

        Raises:
            WatchError: if it may not be read.
        """
        ...

    def limit_bytes(self) -> int | None:
        """Return how much memory it may have, None where nobody can tell."""
        ...

    @property
    def may_return(self) -> bool:
        """Return whether it may run again under the same name."""
        ...


def start_of(pid: int) -> int | None:
    """Return when a process started, in clock ticks since the machine did; None if it has ended.

    With its id this tells one process from a later one of the same id.
    """
    try:
        stat = read_bytes(f"/proc/{pid}/stat", _STAT_BYTES)
    except OSError:
        return None
    fields = stat[stat.rfind(b")") + 2 :].split()
    return None if fields[:1] in ([b"Z"], [b"X"]) or len(fields) < 20 else int(fields[19])  # noqa: PLR2004 -- proc(5): field 22


def descriptors_of(pid: int) -> int | None:
    """Return how many descriptors a process has open, None where that may not be known."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 -- a count
    except OSError:
        return None


def read_bytes(path: str, most: int) -> bytes:
    """Return the beginning of a file of /proc or of a control group, in one read.

    Raises:
        OSError: if it is not there or may not be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, most)
    finally:
        os.close(descriptor)


def pid_in(file: Path) -> int | None:
    """Return the process id in a pidfile, None while there is none.

    Raises:
        WatchError: if it holds something else.
    """
    try:
        text = read_bytes(str(file), _PIDFILE_BYTES).decode("ascii", "replace").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        msg = f"{file}: cannot be read ({error.strerror}), wanted a file with a process id"
        raise WatchError(msg) from error
    if not text:
        return None  # it is being written
    if not text.isdigit() or int(text) == 0:
        msg = f"{file}: found {text[:20]!r}, wanted a process id"
        raise WatchError(msg)
    return int(text)
