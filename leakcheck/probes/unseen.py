"""What keeps objects out of the collector's sight: C code, and cycles through it. In the child."""

import gc
import sys
from typing import Any, Final

from leakcheck.probes.contents import walked
from leakcheck.probes.kinds import is_seen_by_collector, member_of, name_of

_HAS_NO_REFERENCES: Final = frozenset({"builtins", "datetime", "decimal", "_thread", "re", "uuid"})
"""Modules whose types the collector need not know: they hold nothing but values."""


def callbacks_at_exit() -> int:
    """Return how many functions are registered with atexit, which keeps them out of sight."""
    module = sys.modules.get("atexit")
    return module._ncallbacks() if module is not None else 0  # noqa: SLF001 -- there is no other way


def why_alive(first: Any) -> str:  # noqa: ANN401
    """Return what keeps objects like `first`, which the collector knows no holder of."""
    finalizer = next((one for one, _ in walked(first) if member_of(type(one), "__del__")), None)
    if not gc.isenabled():
        has = "" if finalizer is None else f"; {name_of(type(finalizer))} defines __del__"
        return f"held by nothing but each other: the collector is off{has}"
    hiding = next((type(one) for one, _ in walked(first) if _hides(type(one))), None)
    if hiding is None:
        return "held from C"
    return (
        f"held from C: perhaps a cycle through {name_of(hiding)}, "
        "which hides what it holds from the collector"
    )


def _hides(kind: type) -> bool:
    """Return whether objects of a type may hold others without the collector's knowledge."""
    module = name_of(kind).rpartition(".")[0]
    known = not module or module.partition(".")[0] in _HAS_NO_REFERENCES
    return not known and not is_seen_by_collector(kind)
