"""The shortest way from an object up to a root, by the collector's referrers. In the child."""

import gc
import types
from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Any, Final, NamedTuple

from leakcheck.probes.context import is_variable_node
from leakcheck.probes.kinds import name_of
from leakcheck.probes.objects import SUSPENDED, is_kind, referents
from leakcheck.probes.running import is_ours

_DEEPEST: Final = 16
_WIDEST: Final = 96
_MOST_HOLDERS: Final = 8
"""Each object that is searched for slows down the search through all there are."""
ROOTS: Final = (types.ModuleType, type, types.FunctionType, *SUSPENDED)
"""What has a name of its own: those come first that tell a reader most."""
Holders = dict[int, list[Any]]


class Way(NamedTuple):
    """The way `up` from a target (first) to a root, or to what nothing is known to hold.

    It `is_whole` unless the search ended before what is last was searched for; it `is_ours`
    where an object of the harness holds what is last.
    """

    up: list[Any]
    is_whole: bool
    is_ours: bool


def ways_up(targets: Sequence[Any], ours: Iterable[object], deadline_s: float) -> list[Way]:
    """Return for each of `targets` the shortest way up to a root, or as far as it is known.

    What is in `ours` holds nothing. The search ends at the deadline (of `perf_counter`), with
    what is known by then.
    """
    hidden = {id(one) for one in ours} | {id(targets)}
    level = list(targets)
    holders: Holders = {}
    hidden.add(id(holders))
    searched: set[int] = set()
    own: set[int] = set()
    seen = {id(target) for target in level}
    for _ in range(_DEEPEST):
        if not level or perf_counter() > deadline_s:
            break
        hidden.add(id(level))
        searched.update(map(id, level))
        level = _level_above(level, holders, hidden, seen, own)
    ways = (_way_up(target, holders) for target in targets)
    return [
        Way(up, is_rooted(up) or id(up[-1]) in searched, not is_rooted(up) and id(up[-1]) in own)
        for up in ways
    ]


def _level_above(
    level: list[Any], found: Holders, hidden: set[int], seen: set[int], own: set[int]
) -> list[Any]:
    """Add the holders of what is in `level`; return those of them to go on from.

    What the harness holds is added to `own`.
    """
    above = referrers(level)
    hidden.add(id(above))
    wanted = {id(one) for one in level}
    following: list[Any] = []
    hidden.add(id(following))
    above.sort(key=_rank)
    for holder in above:
        if id(holder) in hidden:
            continue
        if is_harness(holder):
            own.update(id(one) for one in referents([holder]) if id(one) in wanted)
            continue
        is_new = _note(holder, level, wanted, found, hidden)
        if is_new and id(holder) not in seen and not is_root(holder, None):
            seen.add(id(holder))
            following.append(holder)
    return following[:_WIDEST]


def referrers(objects: list[Any]) -> list[Any]:
    """Return what refers to any of `objects`, as far as the collector knows.

    What the call itself makes of its arguments is left out: 3.13 takes that for a referrer.
    """
    mark = object()
    found = gc.get_referrers(*objects, mark)
    return [one for one in found if not (type(one) is tuple and one and one[-1] is mark)]


def _note(
    holder: Any,  # noqa: ANN401
    level: list[Any],
    wanted: set[int],
    found: Holders,
    hidden: set[int],
) -> bool:
    """Note what `holder` holds of a level; return whether any of that was short of holders."""
    held = {id(one) for one in referents([holder]) if id(one) in wanted}
    if not held and is_kind(holder, types.ModuleType):
        held = _held_in_c(holder, level)
    is_new = False
    for one in held:
        entry = found.setdefault(one, [])
        hidden.add(id(entry))
        if len(entry) < _MOST_HOLDERS:
            entry.append(holder)
            is_new = True
    return is_new


def _held_in_c(module: Any, level: list[Any]) -> set[int]:  # noqa: ANN401
    """Return what a module written in C keeps, and under no name: it cannot be asked itself."""
    few = level[:_MOST_HOLDERS]
    return {id(one) for one in few if any(other is module for other in referrers([one]))}


def _rank(one: Any) -> int:  # noqa: ANN401
    """Return how much a holder tells a reader: a module, or the dict of its names, most."""
    if type(one) is dict and "__spec__" in one:
        return 0
    return next((k for k, kind in enumerate(ROOTS) if is_kind(one, kind)), len(ROOTS))


def is_harness(one: Any) -> bool:  # noqa: ANN401
    """Return whether one is an object of the harness itself, or a frame that runs its code."""
    if is_kind(one, types.FrameType):
        return is_ours(one)
    return name_of(type(one)).startswith("leakcheck.")


def is_root(one: Any, held: Any) -> bool:  # noqa: ANN401
    """Return whether the way up may end at `one`, which has a name of its own.

    A node of a context ends it if it keeps `held` for a context variable.
    """
    return is_kind(one, ROOTS) or (held is not None and is_variable_node(one, held))


def _way_up(target: Any, holders: Holders) -> list[Any]:  # noqa: ANN401
    """Return the shortest way from `target` (first) up to a root, or as far as it is known.

    Of several as short as each other, the one to the root that tells most.
    """
    ways, longest, seen = [[target]], [target], {id(target)}
    while ways:
        ended = [way for way in ways if is_rooted(way)]
        if ended:
            return without_closure(min(ended, key=lambda way: _rank(way[-1])))
        longest = ways[0]
        ways = [
            [*way, holder]
            for way in ways
            for holder in holders.get(id(way[-1]), ())
            if id(holder) not in seen and not seen.add(id(holder))  # type: ignore[func-returns-value]
        ]
    return longest


def is_rooted(way: list[Any]) -> bool:
    """Return whether a way (its target first) leads to a root."""
    return len(way) > 1 and is_root(way[-1], way[-2]) and not _is_globals(way)


def _is_globals(way: list[Any]) -> bool:
    """Return whether a way leads up from a module's names to a function that can see them."""
    return is_kind(way[-1], types.FunctionType) and way[-2] is way[-1].__globals__


def without_closure(way: list[Any]) -> list[Any]:
    """Return a way without the tuple that is between a function and its cells or its defaults."""
    function = way[-1]
    if is_kind(function, types.FunctionType) and any(
        way[-2] is one for one in (function.__closure__, function.__defaults__)
    ):
        return [*way[:-2], function]
    return way
