"""A process seen from outside: memory, descriptors, threads and descendants."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

_KIB: Final = 1024
_STATUS_BYTES: Final = 8192
_CHILDREN_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """One look at a process; None where this platform does not tell.

    `below_bytes` is how much of `rss_bytes` is that of the processes below it, 0 where they are
    not counted.
    """

    rss_bytes: int | None
    descriptors: int | None
    threads: int | None
    children: frozenset[int]
    below_bytes: int = 0


class OutsideProbe:
    """Reads one process by its id, without disturbing it.

    With `whole_tree` its memory is that of all processes below it too.
    """

    def __init__(self, pid: int, *, whole_tree: bool = False) -> None:
        self._pid = pid
        self._whole_tree = whole_tree
        self._linux = os.path.exists(f"/proc/{pid}/status")  # noqa: PTH110 -- as below

    def read(self) -> Outside | None:
        """Return a look at the process, or None when it has ended."""
        if not self._linux:
            return self._read_portably()
        try:
            rss, threads = _status(self._pid)
            descriptors = len(os.listdir(f"/proc/{self._pid}/fd"))  # noqa: PTH208 -- a count
        except OSError:
            return None
        if rss is None:
            return None
        children = _descendants(self._pid)
        below_bytes = tree_rss(children) if self._whole_tree else 0
        return Outside(
            rss_bytes=rss + below_bytes,
            descriptors=descriptors,
            threads=threads,
            children=children,
            below_bytes=below_bytes,
        )

    def rss_bytes(self) -> int | None:
        """Return resident anonymous and shared memory in bytes, or None when it has ended.

        Not VmRSS: that counts file pages, which come and go with the page cache.
        """
        if not self._linux:
            look = self._read_portably()
            return None if look is None else look.rss_bytes
        try:
            own = _status(self._pid)[0]
        except OSError:
            return None
        if own is None or not self._whole_tree:
            return own
        return own + tree_rss(_descendants(self._pid))

    def _read_portably(self) -> Outside | None:
        look = _read_portably(self._pid)
        if look is None or look.rss_bytes is None or not self._whole_tree:
            return look
        below_bytes = tree_rss(look.children)
        return replace(look, rss_bytes=look.rss_bytes + below_bytes, below_bytes=below_bytes)


def tree_rss(pids: Iterable[int]) -> int:
    """Return the resident anonymous and shared memory of processes in bytes, of those still there.

    What processes share after a fork counts once for each of them.
    """
    return sum(_rss_of(pid) for pid in pids)


def memory_and_threads(pid: int) -> tuple[int, int] | None:
    """Return resident anonymous and shared memory in bytes, and threads; None once it has ended.

    On Linux only; it needs no right to read the process.
    """
    try:
        rss, threads = _status(pid)
    except OSError:
        return None
    return None if rss is None or threads is None else (rss, threads)


def descendants(pid: int) -> frozenset[int]:
    """Return the ids of all processes below `pid`; none where it has ended."""
    if os.path.exists("/proc/self/status"):  # noqa: PTH110 -- as below
        return _descendants(pid)
    look = _read_portably(pid)
    return frozenset() if look is None else look.children


def _read_portably(pid: int) -> Outside | None:
    import psutil  # noqa: PLC0415 -- dear to import, and not needed on Linux

    try:
        process = psutil.Process(pid)
        return Outside(
            rss_bytes=process.memory_info().rss,
            descriptors=process.num_fds(),
            threads=process.num_threads(),
            children=frozenset(child.pid for child in process.children(recursive=True)),
        )
    except (psutil.Error, OSError):
        return None


def _rss_of(pid: int) -> int:
    if not os.path.exists("/proc/self/status"):  # noqa: PTH110 -- as below
        portable = _read_portably(pid)
        return 0 if portable is None else portable.rss_bytes or 0
    look = memory_and_threads(pid)
    return look[0] if look else 0


# Paths as text and plain reads: this runs at every sample, and while it does the child waits.


def _status(pid: int) -> tuple[int | None, int | None]:
    """Return RssAnon + RssShmem in bytes and the number of threads; None for a zombie."""
    numbers: dict[bytes, int] = {}
    for line in _read(f"/proc/{pid}/status", _STATUS_BYTES).splitlines():
        name, _, value = line.partition(b":")
        if name in (b"RssAnon", b"RssShmem", b"Threads"):
            numbers[name] = int(value.split()[0])
    if b"RssAnon" not in numbers:
        return None, None
    rss = (numbers[b"RssAnon"] + numbers.get(b"RssShmem", 0)) * _KIB
    return rss, numbers[b"Threads"]


def _descendants(pid: int) -> frozenset[int]:
    """Return the ids of all processes below `pid`, in the kernel's own lists."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        for thread in _threads(parent):
            children = {*map(int, _children_of(parent, thread))} - found
            found |= children
            waiting += children
    return frozenset(found)


def _threads(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 -- as above
    except OSError:
        return []  # it has ended since it was listed


def _children_of(pid: int, thread: str) -> list[bytes]:
    try:
        return _read(f"/proc/{pid}/task/{thread}/children", _CHILDREN_BYTES).split()
    except OSError:
        return []  # the thread has ended since it was listed


def _read(path: str, most_bytes: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, most_bytes)
    finally:
        os.close(descriptor)
