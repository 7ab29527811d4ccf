"""Objects that pile up where no container grows: chains, trees, what C code holds. In the child.

A chain of two thousand nodes is no container, and two thousand steps long. So nobody climbs it:
of all objects that are new and of a growing type, those are looked for that no other one of
them holds. Whatever holds those holds the rest as well.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import Any, Final, NamedTuple

from leakcheck.probes.cells import Cells, mark_of
from leakcheck.probes.contents import newest, walked
from leakcheck.probes.objects import is_kind, is_namespace_of, referents
from leakcheck.probes.ways import is_harness, referrers

_CHUNK: Final = 2_000
_PART: Final = 0.25
"""A type or a pile is told if it makes up at least this much of the largest growth."""
_UNEXPLAINED: Final = 0.5
_FEWEST: Final = 8
_MOST_PILES: Final = 4
_MOST_ASKED: Final = 96
_MOST_MEMBERS: Final = 1_500_000


class Pile(NamedTuple):
    """Objects of growing types that hang together: `first` leads to the others.

    There are `number` in all, of which `alike` are of the first one's type; `then` is the way
    from it on to the next of its type, which is last, and empty where there is none.
    """

    first: Any
    number: int
    alike: int
    then: list[Any]


class CutError(Exception):
    """There was no time left to look at everything, or there is too much of it."""


def growing_types(growth: Counter[int], held: Iterable[tuple[Any, int]]) -> dict[int, int]:
    """Return the types, by address, that grow by more than growing containers account for.

    `held` are those containers, each with by how many entries it grew: what their newest
    entries are made of tells how many objects of each type they hold.
    """
    rest = Counter({kind: number for kind, number in growth.items() if number >= _FEWEST})
    most = max(rest.values(), default=0)
    for container, grown in held:
        most = max(most, grown)
        entries = newest(container)
        for kind, number in Counter(id(type(one)) for one in _once(entries)).items():
            rest[kind] -= round(grown * number / len(entries))
    least = max(_FEWEST, _PART * most)
    return {
        kind: number
        for kind, number in rest.items()
        if number >= max(least, _UNEXPLAINED * growth[kind])
    }


def _once(entries: list[Any]) -> Iterator[Any]:
    """Yield all that entries are made of, what several of them share only once."""
    seen: set[int] = set()
    for entry in entries:
        for part, _ in walked(entry):
            if id(part) not in seen:
                seen.add(id(part))
                yield part


def piles(
    objects: list[Any], types: dict[int, int], at_set_up: Cells, deadline_s: float
) -> list[Pile]:
    """Return the largest piles of objects of the growing `types`, the largest first.

    What was there at set-up begins none of them.

    Raises:
        CutError: if the deadline passed, or there are too many.
    """
    least = max(_FEWEST, _PART * max(types.values()))
    search = _Search(objects, types, at_set_up, deadline_s)
    found = [search.below(firsts) for firsts in search.firsts()]
    if search.number_left() >= least:  # rings, in which each is held by another
        found += [search.below(firsts) for firsts in search.firsts_in_rings()]
        found += [search.below(firsts) for firsts in search.rings()]
    largest = sorted((one for one in found if one.number >= least), key=lambda one: -one.number)
    return largest[:_MOST_PILES]


class _Search:
    """One search among the new objects of growing types, its members."""

    def __init__(
        self, objects: list[Any], types: dict[int, int], at_set_up: Cells, deadline_s: float
    ) -> None:
        self._objects = objects
        self._deadline_s = deadline_s
        grown = [one for one in objects if id(type(one)) in types and not _is_namespace(one)]
        known = bytearray(at_set_up.having(map(mark_of, grown)))
        self._members = [one for one, is_old in zip(grown, known, strict=True) if not is_old]
        if len(self._members) > _MOST_MEMBERS:
            raise CutError
        self._left = set(map(id, self._members))
        # They may be a part of a pile too: a chain may have had a beginning at set-up.
        self._old = {id(one) for one, is_old in zip(grown, known, strict=True) if is_old}

    def number_left(self) -> int:
        """Return how many members are in no pile yet."""
        return len(self._left)

    def firsts(self) -> list[list[Any]]:
        """Return the members that no other one holds, type by type."""
        unheld = set(self._left)
        looked_at: set[int] = set()
        for chunk in self._chunks(self._members):
            unheld.difference_update(map(id, self._held_by_all(chunk, looked_at)))
        return _by_type(one for one in self._members if id(one) in unheld)

    def firsts_in_rings(self) -> list[list[Any]]:
        """Return what is in no pile yet and is held by something that is no member, by holder.

        What holds the most comes first; what a member holds in its turn is no such holder.
        """
        found: list[tuple[Any, list[Any]]] = []
        for chunk in self._chunks(self._objects):
            others = [one for one in chunk if not self._is_alike(one)]
            if not self._left.isdisjoint(map(id, referents(others))):
                found += [(one, held) for one in others if (held := self._held_by(one))]
        found.sort(key=lambda entry: -len(entry[1]))
        inner = self._held_by_members([holder for holder, _ in found[:_MOST_ASKED]])
        return [held for holder, held in found if id(holder) not in inner]

    def rings(self) -> list[list[Any]]:
        """Return what is in no pile yet, the most common type first."""
        return _by_type(one for one in self._members if id(one) in self._left)

    def _held_by(self, one: Any) -> list[Any]:  # noqa: ANN401
        if one is self._members or is_harness(one):
            return []
        return [held for held in referents([one]) if id(held) in self._left]

    def _held_by_members(self, holders: list[Any]) -> set[int]:
        """Return the addresses of those holders that are a part of some member themselves."""
        members = [one for one in referrers(holders) if self._is_alike(one)]
        return set(map(id, referents(members)))

    def _chunks(self, objects: list[Any]) -> Iterator[list[Any]]:
        for start in range(0, len(objects), _CHUNK):
            self._hurry()
            yield objects[start : start + _CHUNK]

    def _hurry(self) -> None:
        if perf_counter() > self._deadline_s:
            raise CutError

    def below(self, firsts: list[Any]) -> Pile:
        """Return the pile of all members below `firsts` that are in no other pile yet."""
        taken = [self._take(first) for first in firsts]
        most = max(some.total() for some in taken)
        largest = [pair for pair in zip(firsts, taken, strict=True) if pair[1].total() == most]
        first, kinds = largest[len(largest) // 2]  # the oldest, and the newest, may be special
        return Pile(
            first=first,
            number=sum(some.total() for some in taken),
            alike=sum(some[id(type(first))] for some in taken),
            then=_next_of_its_type(first) if kinds[id(type(first))] > 1 else [],
        )

    def _take(self, first: Any) -> Counter[int]:  # noqa: ANN401
        """Take all that is below a member out of what is left; return how many of each type."""
        taken: Counter[int] = Counter()
        looked_at: set[int] = set()
        batch = self._taken([first], taken)
        while batch:
            if not len(self._left) % _CHUNK:
                self._hurry()
            batch = self._taken(self._held_by_all(batch, looked_at), taken)
        return taken

    def _taken(self, objects: list[Any], taken: Counter[int]) -> list[Any]:
        """Return those of some objects that are members and were left, and count them."""
        left, old, found = self._left, self._old, []
        for one in objects:
            address = id(one)
            if address in left:
                left.remove(address)
            elif address in old:
                old.remove(address)
            else:
                continue
            taken[id(type(one))] += 1
            found.append(one)
        return found

    def _held_by_all(self, members: list[Any], looked_at: set[int]) -> list[Any]:
        """Return what members hold, also in the dict of their names, which few instances have.

        What is in `looked_at` is known to be no such dict, or to have been passed through.
        """
        held = referents(members)
        dicts = {
            id(part)
            for part in held
            if type(part) is dict and id(part) not in looked_at and not self._is_alike(part)
        }
        looked_at |= dicts
        for one in members if dicts else ():
            for part in referents([one]):
                if id(part) in dicts and is_namespace_of(one, part):
                    held += list(dict.values(part))
        return held

    def _is_alike(self, one: Any) -> bool:  # noqa: ANN401
        """Return whether one is a member, or looks like one that was there at set-up."""
        return id(one) in self._left or id(one) in self._old


def _next_of_its_type(first: Any) -> list[Any]:  # noqa: ANN401
    for part, above in walked(first):
        if part is not first and type(part) is type(first):
            return [*above[1:], part]
    return []


def _by_type(objects: Iterable[Any]) -> list[list[Any]]:
    """Return objects in groups, one for each type, the largest first."""
    found: dict[int, list[Any]] = {}
    for one in objects:
        found.setdefault(id(type(one)), []).append(one)
    return sorted(found.values(), key=len, reverse=True)


def _is_namespace(one: Any) -> bool:  # noqa: ANN401
    """Return whether one is the dict of a module's names: that is no object of the workload's."""
    return is_kind(one, dict) and dict.__contains__(one, "__builtins__")
