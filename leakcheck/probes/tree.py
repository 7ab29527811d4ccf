"""A program and all that it started, seen from outside as one."""

import os
from collections.abc import Callable

from leakcheck.probes.outside import Outside, descendants, memory_and_threads


class TreeProbe:
    """Reads a process with its descendants, wherever those are by now.

    What has lost its parent is found below the process `adopter`, which has to take such in;
    `others` are processes below it that have nothing to do with the program.
    """

    def __init__(self, pid: int, *, adopter: int, others: frozenset[int] = frozenset()) -> None:
        self._pid = pid
        self._adopter = adopter
        self._others = others

    def members(self) -> frozenset[int]:
        """Return the ids of all processes of the program that are there, the first among them."""
        return descendants(self._adopter) - self._others

    def read(self) -> Outside | None:
        """Return a look at all of them together, or None when the first one has ended.

        `children` are all but the first one, also those that nobody has waited for.
        """
        return look_at(self._pid, lambda: self.members() - {self._pid})

    def rss_bytes(self) -> int | None:
        """Return the resident memory of all in bytes, or None when the first has ended."""
        look = memory_and_threads(self._pid)
        if look is None:
            return None
        others = filter(None, map(memory_and_threads, self.members() - {self._pid}))
        return look[0] + sum(memory for memory, _ in others)


def look_at(pid: int, below: Callable[[], frozenset[int]]) -> Outside | None:
    """Return a look at a process and those `below` it together, None when the first has ended.

    Memory, descriptors and threads are sums: memory that processes share counts for each of them.
    On Linux only.
    """
    own = memory_and_threads(pid)
    if own is None:
        return None
    children = below()
    looks = [own, *filter(None, map(memory_and_threads, children))]
    return Outside(
        rss_bytes=sum(memory for memory, _ in looks),
        descriptors=_descriptors({pid, *children}),
        threads=sum(threads for _, threads in looks),
        children=children,
    )


def _descriptors(pids: set[int]) -> int | None:
    """Return how many descriptors processes have together, None where one may not be asked."""
    total = 0
    for pid in pids:
        try:
            total += len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 -- a count, at every sample
        except PermissionError:
            if _is_there(pid):
                return None
        except OSError:
            continue  # it has ended since it was listed
    return total


def _is_there(pid: int) -> bool:
    """Return whether a process still runs: one that ends may refuse its descriptors first."""
    return memory_and_threads(pid) is not None
