"""How much memory this process may take: what is set, its container's limit, or the machine's."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["memory_limit_bytes"]

_CGROUP_FILES = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def memory_limit_bytes(cgroup_files: tuple[Path, ...] = _CGROUP_FILES) -> int:
    """Return the smaller of the machine's memory and its container's limit, in bytes."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([machine, *filter(None, map(_limit_in, cgroup_files))])


def _limit_in(file: Path) -> int | None:
    try:
        text = file.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None  # "max" where there is no limit
