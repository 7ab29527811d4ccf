"""Whether processes do anything: their time on a processor, and whether they sleep."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_MOST_BYTES: Final = 8192
_ASLEEP: Final = frozenset(b"SZX")
"""States of a thread that waits, or has ended: not one that runs, or waits for a disk."""
_NS_PER_S: Final = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One look at processes: their time on processors in ns, and whether all threads sleep."""

    cpu_ns: int
    is_asleep: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What a process does about signals, each a set of numbers."""

    pending: frozenset[int]
    handled: frozenset[int]


def activity(pids: Iterable[int]) -> Activity:
    """Return what the processes do; those that have ended do nothing."""
    looks = [look for pid in pids for look in _threads(pid)]
    return Activity(
        cpu_ns=sum(cpu_ns for cpu_ns, _ in looks),
        is_asleep=all(asleep for _, asleep in looks),
    )


def signals_of(pid: int) -> Signals | None:
    """Return which signals wait for a process and which it handles, None when it has ended.

    A signal waits for the process, or for its first thread; one that is sent to another thread
    of it is none of ours.
    """
    try:
        lines = _read(f"/proc/{pid}/status").splitlines()
    except OSError:
        return None
    masks = {name: value for name, _, value in (line.partition(b":") for line in lines)}
    thread, process, handled = (
        _numbers(masks.get(name, b"0")) for name in (b"SigPnd", b"ShdPnd", b"SigCgt")
    )
    return Signals(pending=thread | process, handled=handled)


def _threads(pid: int) -> Iterator[tuple[int, bool]]:
    """Yield the time in ns of each thread of a process, and whether it sleeps."""
    try:
        names = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 -- as in outside.py
    except OSError:
        return
    for name in names:
        try:
            yield _thread(f"/proc/{pid}/task/{name}")
        except OSError:
            continue  # it has ended since it was listed


def _thread(place: str) -> tuple[int, bool]:
    # The name in brackets may hold anything, brackets too.
    fields = _read(f"{place}/stat").rpartition(b")")[2].split()
    return _cpu_ns(place, fields), fields[0][0] in _ASLEEP


def _cpu_ns(place: str, fields: list[bytes]) -> int:
    try:
        return int(_read(f"{place}/schedstat").split()[0])
    except (OSError, IndexError):
        # A kernel without these statistics: in ticks, of which a short handler may need none.
        ticks = int(fields[11]) + int(fields[12])
        return ticks * _NS_PER_S // os.sysconf("SC_CLK_TCK")


def _numbers(mask: bytes) -> frozenset[int]:
    """Return the numbers of the bits that a mask of the kernel has.

    >>> sorted(_numbers(b" 0000000000000201"))
    [1, 10]
    """
    bits = int(mask, 16)
    return frozenset(number for number in range(1, 65) if bits >> (number - 1) & 1)


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, _MOST_BYTES)
    finally:
        os.close(descriptor)
