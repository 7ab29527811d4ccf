"""A process and all below it, read from outside: no injection, and no signal sent."""

import os
import sys
from pathlib import Path

from leakcheck.probes.outside import Outside, OutsideProbe, descendants
from leakcheck.probes.tree import look_at
from leakcheck.watch.crew import Crew
from leakcheck.watch.reading import Reading
from leakcheck.watch.sources import MOST_PROCESSES, WatchError, pid_in, start_of

_HAS_PROC = sys.platform == "linux"


class ProcessSource:
    """One process, from its start to its end: a later one of the same id is another."""

    may_return = False

    def __init__(self, pid: int) -> None:
        """Watch the process that has this id now.

        Raises:
            WatchError: if there is none.
        """
        self._pid = pid
        self._crew = Crew()
        self._start = _start_of(pid)
        if self._start is None:
            msg = f"{pid}: found no such process, wanted the id of one that runs"
            raise WatchError(msg)

    @property
    def name(self) -> str:
        """Return which process it is."""
        return f"process {self._pid}"

    def read(self, at_s: float) -> Reading | None:
        """Return a look at the process tree, None once the process has ended."""
        if _start_of(self._pid) != self._start:
            return None
        look = self._look()
        if look is None or look.rss_bytes is None:
            return None
        return Reading(
            at_s=at_s,
            memory_bytes=look.rss_bytes,
            descriptors=look.descriptors,
            threads=look.threads,
            children=len(look.children),
            life=f"{self._pid}:{self._start}:{self._crew.update(set(look.children))}",
        )

    def limit_bytes(self) -> int | None:
        """Return the least of what its container, its own limits and the machine allow."""
        from leakcheck.watch.limits import limit_of_process  # noqa: PLC0415 -- once

        return limit_of_process(self._pid)

    def _look(self) -> Outside | None:
        if not _HAS_PROC:
            return OutsideProbe(self._pid, whole_tree=True).read()
        return look_at(self._pid, self._below)

    def _below(self) -> frozenset[int]:
        return frozenset(sorted(descendants(self._pid))[:MOST_PROCESSES])


class PidfileSource:
    """Whatever process a file names at the moment: it may end, and another take its place."""

    may_return = True

    def __init__(self, file: Path) -> None:
        """Watch the process in this file; there may be none yet.

        Raises:
            WatchError: if the file holds something else than a process id.
        """
        self._file = file
        self._now: ProcessSource | None = None
        self._pid = pid_in(file)

    @property
    def name(self) -> str:
        """Return which file it is."""
        return f"the process in {self._file}"

    def read(self, at_s: float) -> Reading | None:
        """Return a look at the process that the file names, None where none runs."""
        found = self._now.read(at_s) if self._now is not None else None
        if found is not None:
            return found
        self._pid, self._now = pid_in(self._file), None
        if self._pid is None or _start_of(self._pid) is None:
            return None
        self._now = ProcessSource(self._pid)
        return self._now.read(at_s)

    def limit_bytes(self) -> int | None:
        """Return what the process that runs now may have."""
        return self._now.limit_bytes() if self._now is not None else None


def own_process() -> ProcessSource:
    """Return this process, for a service that watches itself."""
    return ProcessSource(os.getpid())


def _start_of(pid: int) -> float | None:
    if _HAS_PROC:
        return start_of(pid)
    import psutil  # noqa: PLC0415 -- not needed on Linux

    try:
        started: float = psutil.Process(pid).create_time()
    except psutil.Error:
        return None
    return started
