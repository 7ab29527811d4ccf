"""The containers of the process: which of them grow, and what they are part of. In the child.

Nothing here calls code of the workload's: lengths are read with the built-in types' own methods,
attributes without descriptors. Nothing is kept alive: from one census to the next only addresses
and lengths are remembered, and those outside the heap that is being measured.
"""

import gc
import mmap
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from leakcheck.probes import collector
from leakcheck.probes.holders import Chain, chains
from leakcheck.probes.objects import referents

FEWEST_GROWN = 3
MOST_SHOWN = 12
MOST_OBJECTS = 3_000_000
_SMALLEST = 2
_CHUNK = 2_000
_PAIR = 2

_LENGTHS: tuple[tuple[type, Callable[[Any], int]], ...] = (
    (dict, dict.__len__),
    (list, list.__len__),
    (set, set.__len__),
    (deque, deque.__len__),
    (bytearray, bytearray.__len__),
)


class Census:
    """Counts all containers, and compares with the time before."""

    def __init__(self) -> None:
        self._before: mmap.mmap | None = None
        self._number = 0

    def take(self) -> list[tuple[Chain, int, int]] | None:
        """Return what grew since the last census: how it is held, its length then and now.

        The largest growth first, at most twelve; nothing at the first census. None where there
        are too many objects to look at.
        """
        collector.thaw()
        objects = gc.get_objects()
        if len(objects) > MOST_OBJECTS:
            return None
        before = self._recall()
        now: dict[int, int] = {}
        grown: list[tuple[int, int, Any]] = []
        for one, length in _sized(objects):
            now[id(one)] = length
            earlier = before.get(id(one), length)
            if length - earlier >= FEWEST_GROWN:
                grown.append((earlier, length, one))
        now.pop(id(objects), None)
        self._remember(now)
        grown = [entry for entry in grown if entry[2] is not objects and entry[2] is not grown]
        grown.sort(key=lambda entry: entry[0] - entry[1])
        del grown[MOST_SHOWN:]
        found = chains([one for _, _, one in grown], ours=(objects, grown, now, before))
        pairs = [(earlier, length) for earlier, length, _ in grown]
        return [(chain, *pair) for chain, pair in zip(found, pairs, strict=True)]

    def _recall(self) -> dict[int, int]:
        if self._before is None:
            return {}
        with memoryview(self._before) as raw, raw.cast("q") as cells:
            count = _PAIR * self._number
            return dict(zip(cells[0:count:2], cells[1:count:2], strict=True))

    def _remember(self, now: dict[int, int]) -> None:
        if self._before is not None:
            self._before.close()
        # Mapped, not allocated: the heap that is measured stays as it was.
        self._before = mmap.mmap(-1, max(1, len(now)) * _PAIR * 8)
        self._number = len(now)
        with memoryview(self._before) as raw, raw.cast("q") as cells:
            for k, (address, length) in enumerate(now.items()):
                cells[2 * k] = address
                cells[2 * k + 1] = length


def _sized(objects: list[Any]) -> Iterator[tuple[Any, int]]:
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
    """Yield what the collector does not list: dicts of plain values, byte arrays."""
    seen: set[int] = set()
    for start in range(0, len(objects), _CHUNK):
        for one in referents(objects[start : start + _CHUNK]):
            kind = type(one)
            if (kind is dict or kind is bytearray) and not gc.is_tracked(one):
                length = len(one)
                if length >= _SMALLEST and id(one) not in seen:
                    seen.add(id(one))
                    yield one, length


def describe(found: Iterable[tuple[Chain, int, int]] | None) -> list[dict[str, Any]] | None:
    """Return the containers of a census as plain JSON, None for one that was not made."""
    if found is None:
        return None
    return [
        {
            "kind": chain.kind,
            "before": before,
            "now": now,
            "limit": chain.limit,
            "held_by": list(chain.links),
            "names": sorted(chain.names),
            "codes": [list(code) for code in chain.codes],
            "numbers": chain.numbers,
            "attributes": chain.attributes,
            "hidden": chain.hidden,
        }
        for chain, before, now in found
    ]
