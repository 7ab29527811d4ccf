"""How long the threads of a process ran and waited for a processor, as the kernel counts it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MOST_THREADS: Final = 32
"""More are not read: threads that pile up must not cost a file each, 20 times a second."""
_NS: Final = 1e9
_STAT_BYTES: Final = 256
_CONTROLLERS: Final = ("", "cpu", "cpu,cpuacct")
"""Where the statistics of processors lie below the mount: version 2, then 1 in both its ways."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Seconds since a probe's first look: all threads together ran, the most held-up one waited."""

    ran_s: float = 0.0
    waited_s: float = 0.0


class WaitingProbe:
    """Follows one process by its id, without disturbing it.

    Where the kernel keeps no account of single threads, what counts is how long the control
    group as a whole was throttled; where there is neither, nobody ever waits.
    """

    def __init__(self, pid: int, *, proc: Path = Path("/proc")) -> None:
        self._tasks = f"{proc}/{pid}/task"
        self._seen = _accounts(self._tasks)
        self._throttle = None if any(self._seen.values()) else throttle_file()
        self._throttled_s = _throttled_s(self._throttle)
        self._ran_s = self._waited_s = 0.0

    def read(self) -> Turns:
        """Return what came together by now; of a process that has ended, what did until then."""
        if self._throttle is not None:
            return Turns(waited_s=max(_throttled_s(self._throttle) - self._throttled_s, 0.0))
        now = _accounts(self._tasks)
        grown = [
            (ran - before[0], waited - before[1])
            for thread, (ran, waited) in now.items()
            for before in [self._seen.get(thread, (0, 0))]
        ]
        self._seen = now
        self._ran_s += sum(max(ran, 0) for ran, _ in grown) / _NS
        self._waited_s += max((waited for _, waited in grown), default=0) / _NS
        return Turns(ran_s=self._ran_s, waited_s=self._waited_s)


def waited_here_s() -> float:
    """Return how many seconds this very thread has waited for a processor, 0 if nobody counts."""
    account = _account("/proc/thread-self/schedstat")
    return account[1] / _NS if account is not None else 0.0


def throttle_file(
    root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")
) -> Path | None:
    """Return the file that says how long our control group was throttled, None without one."""
    try:
        lines = own.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    groups = [line.split(":", 2)[-1].lstrip("/") for line in lines]
    # A group of another namespace is not below the mount: then its top is what we see of it.
    found = (root / name / group / "cpu.stat" for name in _CONTROLLERS for group in (*groups, ""))
    return next((file for file in found if file.is_file()), None)


def _throttled_s(file: Path | None) -> float:
    """Return the seconds that a group was throttled; what cannot be read says none."""
    if file is None:
        return 0.0
    try:
        words = file.read_text(encoding="ascii").split()
        counts = dict(zip(words[::2], map(int, words[1::2]), strict=False))
    except (OSError, ValueError):
        return 0.0
    return counts.get("throttled_usec", 0) / 1e6 + counts.get("throttled_time", 0) / _NS


# Paths as text and plain reads: this runs 20 times a second in every check.


def _accounts(tasks: str) -> dict[str, tuple[int, int]]:
    """Return the nanoseconds that each thread ran and waited; none where nobody counts them."""
    try:
        threads = os.listdir(tasks)[:_MOST_THREADS]  # noqa: PTH208 -- as above
    except OSError:
        return {}
    found = ((thread, _account(f"{tasks}/{thread}/schedstat")) for thread in threads)
    return {thread: account for thread, account in found if account is not None}


def _account(file: str) -> tuple[int, int] | None:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None  # the thread has ended since it was listed, or the kernel has no such file
    try:
        ran, waited, *_ = map(int, os.read(descriptor, _STAT_BYTES).split())
    except (OSError, ValueError):
        return None
    finally:
        os.close(descriptor)
    return ran, waited
