"""Which allocator a process runs on, where it is not that of the C library."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_KNOWN: Final = ("jemalloc", "tcmalloc", "mimalloc", "hoard", "rpmalloc", "snmalloc", "scudo")
_APART: Final = re.compile(r"[\s:]+")


def preloaded(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names, without their folders, of what the environment has preloaded.

    >>> preloaded({"LD_PRELOAD": "/usr/lib/libjemalloc.so.2:libmine.so"})
    ('libjemalloc.so.2', 'libmine.so')
    """
    listed = _APART.split(variables.get("LD_PRELOAD", ""))
    return tuple(Path(name).name for name in listed if name)


def mapped_allocators(pid: int) -> frozenset[str]:
    """Return the names of the files in a process' memory that are known allocators.

    Nothing where the process has ended, or the platform does not tell.
    """
    try:
        text = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset()
    names = {Path(line.partition("/")[2]).name for line in text.splitlines() if "/" in line}
    return frozenset(name for name in names if any(known in name for known in _KNOWN))
