"""What types a forced collection freed. In the child."""

import gc
from collections import Counter
from collections.abc import Callable
from typing import Final

from leakcheck.probes.kinds import is_static, member_of, name_of

MOST_OBJECTS: Final = 300_000
"""Counting so many takes about a tenth of a second; afterwards there are fewer."""

_LOST_TRACK_OF: Final = ("tuple (C type)", "dict (C type)")


class TooManyError(Exception):
    """There are more objects than can be counted in good time."""


def freed_by(collect: Callable[[], int]) -> tuple[int, Counter[str], str | None]:
    """Return what `collect` returns, how many objects of each type it freed, and a remark.

    Only types' names are remembered meanwhile: a type may be freed too. Where the workload has
    the collector on there are no cycles that nobody collects, and nothing is counted.
    """
    if gc.isenabled():
        return collect(), Counter(), None
    before, remark = _counted()
    freed_until_then = _freed_so_far()
    collected = collect()
    after, remark = _counted() if remark is None else (before, remark)
    if remark is not None:
        return collected, Counter(), remark
    return collected, _really_freed(before - after, _freed_so_far() - freed_until_then), None


def _freed_so_far() -> int:
    """Return how many objects the collector has freed since the process began."""
    return sum(generation["collected"] for generation in gc.get_stats())


def _really_freed(gone: Counter[str], freed: int) -> Counter[str]:
    """Return what is gone without what lives on: a collection loses track of plain tuples.

    It does of dicts too where they hold nothing that could be in a cycle.
    """
    alive = max(0, gone.total() - freed)
    for name in _LOST_TRACK_OF:
        kept = min(gone[name], alive)
        gone[name] -= kept
        alive -= kept
    return +gone


def _counted() -> tuple[Counter[str], str | None]:
    try:
        return _number_of_each(), None
    except Exception as error:  # noqa: BLE001 -- a measurement does not fail for want of names
        return Counter(), f"the types in cycles could not be told: {type(error).__name__}"


def _number_of_each() -> Counter[str]:
    """Return how many objects the collector tracks of each type.

    Types are told apart by their address: a metaclass may have a hash of its own.
    """
    objects = gc.get_objects()
    if len(objects) > MOST_OBJECTS:
        raise TooManyError
    addresses = list(map(id, map(type, objects)))
    examples = dict(zip(addresses, objects, strict=True))
    found: Counter[str] = Counter()
    for address, number in Counter(addresses).items():
        found[_described(type(examples[address]))] += number
    return found


def _described(kind: type) -> str:
    if is_static(kind):
        return f"{name_of(kind)} (C type)"
    finalizer = " (__del__)" if member_of(kind, "__del__") is not None else ""
    return name_of(kind) + finalizer
