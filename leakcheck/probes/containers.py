"""The containers of the process and how long each is. In the child.

Nothing here calls code of the workload's: lengths are read with the built-in types' own methods.
"""

import gc
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from leakcheck.probes.objects import referents

_SMALLEST = 2
_CHUNK = 2_000

_LENGTHS: tuple[tuple[type, Callable[[Any], int]], ...] = (
    (dict, dict.__len__),
    (list, list.__len__),
    (set, set.__len__),
    (deque, deque.__len__),
    (bytearray, bytearray.__len__),
    (array, array.__len__),
)
_UNTRACKED: frozenset[type] = frozenset({dict, bytearray, array})


def sized(objects: list[Any]) -> Iterator[tuple[Any, int]]:
    """Yield each container of two entries or more among `objects`, or below one, and its length.

    The collector does not list dicts of plain values, byte arrays and arrays of numbers: they
    are looked for in what holds them.
    """
    lengths: dict[type, Callable[[Any], int] | None] = {}
    for one in objects:
        kind = type(one)
        if kind not in lengths:
            lengths[kind] = next((of for base, of in _LENGTHS if issubclass(kind, base)), None)
        length_of = lengths[kind]
        if length_of is not None and (length := length_of(one)) >= _SMALLEST:
            yield one, length
    yield from _untracked(objects)


def _untracked(objects: list[Any]) -> Iterator[tuple[Any, int]]:
    """Yield what the collector does not list: dicts of plain values, and arrays."""
    seen: set[int] = set()
    for start in range(0, len(objects), _CHUNK):
        for one in referents(objects[start : start + _CHUNK]):
            if type(one) in _UNTRACKED and not gc.is_tracked(one):
                length = len(one)
                if length >= _SMALLEST and id(one) not in seen:
                    seen.add(id(one))
                    yield one, length
