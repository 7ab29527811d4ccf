"""A container from outside: the memory of a control group of version 1 or 2."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from leakcheck.model.errors import UsageError
from leakcheck.probes.cgroup import group_limit_bytes
from leakcheck.probes.machine import machine_memory
from leakcheck.probes.outside import memory_and_threads
from leakcheck.watch.crew import Crew
from leakcheck.watch.reading import Reading
from leakcheck.watch.sources import (
    MOST_PROCESSES,
    WatchError,
    descriptors_of,
    read_bytes,
    start_of,
)

ROOT: Final = Path("/sys/fs/cgroup")
_STAT_BYTES: Final = 1 << 16
_PROCS_BYTES: Final = 1 << 20
_MOST_GROUPS: Final = 256
_PAIRS: Final = (("anon", "shmem"), ("total_rss", "total_shmem"))
"""Memory that no page cache is part of, in memory.stat of version 2 and of version 1."""


class GroupSource:
    """A control group, from whose oldest process its life is told."""

    may_return = True

    def __init__(self, folder: Path) -> None:
        """Watch the group that is mounted at `folder`, or has that name below /sys/fs/cgroup.

        Raises:
            UsageError: if it is no group whose memory is counted.
        """
        self._folder = _found(folder)
        self._crew = Crew()

    @property
    def name(self) -> str:
        """Return which group it is."""
        return f"cgroup {self._folder}"

    def read(self, at_s: float) -> Reading | None:
        """Return a look at the group, None while it is empty or gone.

        Raises:
            WatchError: if it may not be read.
        """
        try:
            memory = memory_in(read_bytes(str(self._folder / "memory.stat"), _STAT_BYTES))
            pids = sorted(set(_processes(self._folder)))[:MOST_PROCESSES]
        except (FileNotFoundError, ProcessLookupError):
            return None
        except OSError as error:
            msg = f"{self.name}: cannot be read ({error.strerror})"
            raise WatchError(msg) from error
        starts = {pid: start for pid in pids if (start := start_of(pid)) is not None}
        if memory is None or not starts:
            return None
        oldest = min(starts, key=lambda pid: (starts[pid], pid))
        looks = [look for pid in starts if (look := memory_and_threads(pid))]
        return Reading(
            at_s=at_s,
            memory_bytes=memory,
            threads=sum(threads for _, threads in looks),
            descriptors=_all_descriptors([*starts]),
            children=len(starts) - 1,
            life=f"{oldest}:{starts[oldest]}:{self._crew.update(starts.keys() - {oldest})}",
        )

    def limit_bytes(self) -> int | None:
        """Return the least limit of the group and of those above it, else the machine's memory."""
        return group_limit_bytes(self._folder) or machine_memory().total_bytes


def memory_in(stat: bytes) -> int | None:
    r"""Return anonymous and shared memory in bytes from memory.stat, None if it does not say.

    >>> memory_in(b"anon 4096\nfile 900000\nshmem 100\n"), memory_in(b"cache 1\n")
    (4196, None)
    """
    found: dict[str, int] = {}
    for line in stat.splitlines():
        name, _, value = line.partition(b" ")
        if value.isdigit():
            found[name.decode("ascii", "replace")] = int(value)
    for anonymous, shared in _PAIRS:
        if anonymous in found:
            return found[anonymous] + found.get(shared, 0)
    return None


def _found(folder: Path) -> Path:
    places = (folder, ROOT / str(folder).lstrip("/"), ROOT / "memory" / str(folder).lstrip("/"))
    for place in places:
        if (place / "memory.stat").is_file() and (place / "cgroup.procs").is_file():
            return place
    msg = f"--cgroup: found no memory.stat and cgroup.procs in {folder}, wanted a control group"
    raise UsageError(msg)


def _processes(folder: Path) -> Iterator[int]:
    """Yield the processes of a group and of those below it."""
    groups, waiting = 0, [folder]
    while waiting and groups < _MOST_GROUPS:
        group, groups = waiting.pop(), groups + 1
        text = read_bytes(str(group / "cgroup.procs"), _PROCS_BYTES)
        yield from (int(word) for word in text.split())
        with os.scandir(group) as entries:
            waiting += [Path(entry) for entry in entries if entry.is_dir(follow_symlinks=False)]


def _all_descriptors(pids: list[int]) -> int | None:
    counts = [descriptors_of(pid) for pid in pids]
    return None if None in counts else sum(count or 0 for count in counts)
