"""A process seen from outside: memory, descriptors, threads and descendants."""

import os
from dataclasses import dataclass
from typing import Final

_KIB: Final = 1024
_STATUS_BYTES: Final = 8192
_CHILDREN_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """One look at a process; None where this platform does not tell."""

    rss_bytes: int | None
    descriptors: int | None
    threads: int | None
    children: frozenset[int]


class OutsideProbe:
    """Reads one process by its id, without disturbing it."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._linux = os.path.exists(f"/proc/{pid}/status")  # noqa: PTH110 -- as below

    def read(self) -> Outside | None:
        """Return a look at the process, or None when it has ended."""
        if not self._linux:
            return _read_portably(self._pid)
        try:
            rss, threads = _status(self._pid)
            descriptors = len(os.listdir(f"/proc/{self._pid}/fd"))  # noqa: PTH208 -- a count
        except OSError:
            return None
        if rss is None:
            return None
        return Outside(
            rss_bytes=rss,
            descriptors=descriptors,
            threads=threads,
            children=_descendants(self._pid),
        )

    def rss_bytes(self) -> int | None:
        """Return resident anonymous and shared memory in bytes, or None when it has ended.

        Not VmRSS: that counts file pages, which come and go with the page cache.
        """
        if not self._linux:
            look = _read_portably(self._pid)
            return None if look is None else look.rss_bytes
        try:
            return _status(self._pid)[0]
        except OSError:
            return None


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
