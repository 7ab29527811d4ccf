"""A census: what grew since the last one, and who holds it. In the child.

Nothing is kept alive: from one census to the next only addresses, lengths and numbers are
remembered, and those outside the heap that is being measured.
"""

import gc
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import chain
from time import perf_counter
from typing import Any, Final, NamedTuple

from leakcheck.probes import collector
from leakcheck.probes.cells import Cells, mark_of
from leakcheck.probes.containers import sized
from leakcheck.probes.holders import Chain, chains
from leakcheck.probes.piles import CutError, growing_types, piles
from leakcheck.probes.told import Told, told, told_at_exit
from leakcheck.probes.unseen import callbacks_at_exit

FEWEST_GROWN: Final = 3
FEWEST_AT_EXIT: Final = 8
"""Modules that are imported late register a few functions, and no more."""
MOST_SHOWN: Final = 12
MOST_NEW: Final = 4
_LONG: Final = 0.5
MOST_OBJECTS: Final = 3_000_000
MOST_AT_SET_UP: Final = 2_000_000
"""So many take a second or two to note, which every run pays, whether anything leaks or not."""
MOST_S: Final = 4.0
"""After so long nothing more is searched for; looking at containers is not cut short."""


class Found(NamedTuple):
    """What grew between two censuses.

    Of each of the `containers` how it is held, and its length then and now, the largest growth
    first; of the `piles` of other objects, how they are held; a `remark` where the search for
    holders did not get to its end.
    """

    containers: list[tuple[Chain, int, int]]
    piles: list[Told]
    remark: str = ""


class Census:
    """Counts containers and objects, and compares with the time before."""

    def __init__(self) -> None:
        self._lengths = Cells()
        self._numbers = Cells()
        self._at_set_up = Cells()
        self._at_exit = 0
        self._is_begun = False
        self._is_first = True

    def begin(self) -> None:
        """Note what there is after set-up, so that the first census has something to compare with.

        It is left out where there are too many objects.
        """
        gc.unfreeze()  # what is frozen is not shown; after this everything is frozen anyway
        objects = gc.get_objects()
        if len(objects) > MOST_AT_SET_UP:
            return
        with suppress(Exception):  # then the first census has nothing to compare with
            self._at_set_up.keep(sorted(map(mark_of, objects)))
            self._remember({id(one): length for one, length in sized(objects)}, _count(objects))
            self._is_begun = True

    def take(self) -> Found | None:
        """Return what grew since the last census, or since set-up at the first one.

        None where there are too many objects to look at.
        """
        deadline_s = perf_counter() + MOST_S
        try:
            return self._take(deadline_s)
        finally:
            self._is_first = False

    def _take(self, deadline_s: float) -> Found | None:
        collector.thaw()
        objects = gc.get_objects()
        if len(objects) > MOST_OBJECTS:
            return None
        kinds = _count(objects)
        growth = self._growth(kinds)
        at_exit = callbacks_at_exit() - self._at_exit if self._can_compare else 0
        containers, lengths = self._compare(objects, kinds)
        held = chains(containers, (objects, containers), deadline_s)
        found = [
            (one, *pair)
            for one, pair in zip(held, lengths, strict=True)
            if not (self._is_first and one.is_inside)
        ]
        others = [told_at_exit(at_exit)] if at_exit >= FEWEST_AT_EXIT else []
        try:
            grown_by = [now - before for before, now in lengths]
            types = growing_types(growth, zip(containers, grown_by, strict=True))
            if types:
                largest = piles(objects, types, self._at_set_up, deadline_s)
                others += told(largest, types, (objects, containers), deadline_s)
        except CutError:
            return Found(found, others, _CUT.format(number=len(objects)))
        return Found(found, others)

    @property
    def _can_compare(self) -> bool:
        return self._is_begun or not self._is_first

    def _growth(self, kinds: Counter[int]) -> Counter[int]:
        """Return how many more objects there are of each type."""
        return kinds - Counter(_pairs(self._numbers)) if self._can_compare else Counter()

    def _compare(
        self, objects: list[Any], kinds: Counter[int]
    ) -> tuple[list[Any], list[tuple[int, int]]]:
        """Return the containers that grew most, and beside them their lengths then and now."""
        before = _pairs(self._lengths)
        is_from_nothing = self._is_first and self._is_begun
        now: dict[int, int] = {}
        grown: list[tuple[int, int, Any]] = []
        new: list[tuple[int, int, Any]] = []
        for one, length in sized(objects):
            now[id(one)] = length
            earlier = before.get(id(one))
            if earlier is None:
                if is_from_nothing and length >= FEWEST_GROWN:
                    new.append((0, length, one))
            elif length - earlier >= FEWEST_GROWN:
                grown.append((earlier, length, one))
        self._remember(now, kinds)
        grown += self._from_nothing(new)
        grown.sort(key=lambda entry: entry[0] - entry[1])
        del grown[MOST_SHOWN:]
        return [one for _, _, one in grown], [(earlier, length) for earlier, length, _ in grown]

    def _from_nothing(self, new: list[tuple[int, int, Any]]) -> list[tuple[int, int, Any]]:
        """Return containers that were too short to be noted at set-up, and the longest new ones.

        If there are many as long as those, they are entries of something else.
        """
        found: list[tuple[int, int, Any]] = []
        unborn: dict[int, list[tuple[int, int, Any]]] = {}
        known = self._at_set_up.having(mark_of(one) for _, _, one in new)
        for entry, is_old in zip(new, list(known), strict=True):
            kind = found if is_old else unborn.setdefault(id(type(entry[2])), [])
            kind.append(entry)
        for kind in unborn.values():
            longest = max(length for _, length, _ in kind)
            long = [entry for entry in kind if entry[1] >= _LONG * longest]
            found += long if len(long) <= MOST_NEW else []
        return found

    def _remember(self, lengths: dict[int, int], kinds: Counter[int]) -> None:
        self._lengths.keep(chain.from_iterable(lengths.items()))
        self._numbers.keep(chain.from_iterable(kinds.items()))
        self._at_exit = callbacks_at_exit()


_CUT: Final = "who holds it: not searched to the end, there are {number:,} objects to look at"


def _pairs(cells: Cells) -> dict[int, int]:
    numbers = cells.recall()
    return dict(zip(numbers[::2], numbers[1::2], strict=True))


def _count(objects: list[Any]) -> Counter[int]:
    """Return how many objects there are of each type, by its address."""
    return Counter(map(id, map(type, objects)))


def describe(take: Callable[[], Found | None]) -> dict[str, Any]:
    """Return the census that `take` makes as plain JSON; `containers` are None if it made none."""
    try:
        found = take()
    except Exception as error:  # noqa: BLE001 -- a measurement does not fail for want of names
        return _nothing(f"who holds it: could not be told: {type(error).__name__}")
    if found is None:
        return _nothing("who holds it: not searched for, there are too many objects")
    return {
        "containers": [_described(*one) for one in found.containers],
        "piles": [one._asdict() for one in found.piles],
        "remark": found.remark,
    }


def _nothing(remark: str) -> dict[str, Any]:
    return {"containers": None, "piles": [], "remark": remark}


def _described(held: Chain, before: int, now: int) -> dict[str, Any]:
    return {
        "kind": held.kind,
        "before": before,
        "now": now,
        "limit": held.limit,
        "held_by": list(held.links),
        "inside": list(held.inside),
        "names": sorted(held.names),
        "codes": [list(code) for code in held.codes],
        "numbers": held.numbers,
        "attributes": held.attributes,
        "hidden": held.hidden,
    }
