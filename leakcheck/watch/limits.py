"""How much memory a process may have."""

import os
from pathlib import Path
from typing import Final

from leakcheck.probes.cgroup import container_limit
from leakcheck.probes.machine import machine_memory

_LIMITS: Final = ("Max address space", "Max data size")


def limit_of_process(pid: int, proc: Path = Path("/proc")) -> int | None:
    """Return the least of the container's limit, the process' own and the machine's memory.

    Its own are RLIMIT_AS and RLIMIT_DATA: memory that is resident is part of either.
    """
    container = container_limit(proc / str(pid))
    found = [container.limit_bytes] if container is not None else []
    return min([*found, *own_limits(proc / str(pid) / "limits"), *_machine()], default=None)


def own_limits(file: Path) -> list[int]:
    """Return the soft limits in bytes that /proc/PID/limits sets to memory."""
    try:
        lines = file.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []
    words = [
        line[len(name) :].split() for line in lines for name in _LIMITS if line.startswith(name)
    ]
    return [int(each[0]) for each in words if each and each[0].isdigit() and int(each[0])]


def _machine() -> list[int]:
    return [machine_memory().total_bytes] if os.path.exists("/proc/meminfo") else []  # noqa: PTH110 -- plain
