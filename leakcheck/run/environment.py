"""The environment of a measured child."""

from collections.abc import Mapping
from typing import Final

_TCACHE_OFF: Final = "glibc.malloc.tcache_count=0"
_STRIPPED: Final = frozenset({"PYTHONTRACEMALLOC", "PYTHONDEVMODE", "PYTHONMALLOC"})
_STRIPPED_PREFIXES: Final = ("COV_", "COVERAGE_", "PYTEST_XDIST_", "MEMRAY_")


def child_environment(own: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the child's environment, and the names it must unset before the workload loads.

    Every allocation goes to malloc and malloc keeps no per-thread cache, so that heap in use
    is exact. What would slow the child or fight for memray's hooks is left out. Hashing is
    the same in every run, unless the user has chosen otherwise.

    >>> environment, unset = child_environment({"PYTHONDEVMODE": "1"})
    >>> sorted(environment), unset
    (['GLIBC_TUNABLES', 'PYTHONHASHSEED', 'PYTHONMALLOC'], ('PYTHONMALLOC', 'GLIBC_TUNABLES'))
    """
    kept = {
        name: value
        for name, value in own.items()
        if name not in _STRIPPED and not name.startswith(_STRIPPED_PREFIXES)
    }
    tunables = own.get("GLIBC_TUNABLES")
    unset = ("PYTHONMALLOC",) if tunables else ("PYTHONMALLOC", "GLIBC_TUNABLES")
    kept["GLIBC_TUNABLES"] = f"{tunables}:{_TCACHE_OFF}" if tunables else _TCACHE_OFF
    kept["PYTHONMALLOC"] = "malloc"
    kept.setdefault("PYTHONHASHSEED", "0")
    return kept, unset
