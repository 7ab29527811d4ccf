"""What a container gains, by its newest entries: types, names and sizes. In the child."""

import types
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from leakcheck.probes.objects import is_kind, label_of, parts
from leakcheck.probes.phrases import phrase_of, with_label

NEWEST: Final = 16
_MOST_WALKED: Final = 200
_NEAR: Final = 2
"""A closure's variable is below a tuple, an attribute may be below the dict of all of them."""
_SMALL_BYTES: Final = 80
_PLAIN: Final = (type(None), bool, int, float)
_ROOMS: Final[tuple[Any, ...]] = (
    *(dict, list, set, frozenset, tuple, deque, bytes, bytearray, str, array),
)
"""What may be large inside of an entry; each knows its size without code of the workload's."""


def newest(container: Any) -> list[Any]:  # noqa: ANN401 -- one of the built-in containers
    """Return a few of the newest entries, the newest first; of a set any.

    Of a dict its values, or its keys where the values are plain numbers.

    >>> newest([1, 2, 3]), newest({"a": None}), newest(bytearray(9))
    ([3, 2, 1], ['a'], [])
    """
    try:
        return list(islice(_from_the_newest(container), NEWEST))
    except RuntimeError:
        return []  # another thread added to it meanwhile


def _from_the_newest(container: Any) -> Iterator[Any]:  # noqa: ANN401
    if is_kind(container, dict):
        values = list(islice(reversed(dict.values(container)), NEWEST))
        is_plain = all(type(one) in _PLAIN for one in values)
        return reversed(dict.keys(container)) if is_plain else iter(values)
    for kind, entries in _ENTRIES:
        if is_kind(container, kind):
            return entries(container)
    return iter(())


def inside(container: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Return what the newest entries of a container are, and the largest thing inside of them.

    >>> inside([b"12345"] * 3), inside([(1, bytes(100)), (2, bytes(100))]), inside([])
    (('bytes of 5',), ('tuple of 2', 'bytes of 100'), ())
    """
    return described(newest(container))


def described(entries: list[Any]) -> tuple[str, ...]:
    """Return what some objects are, the newest first: the most common type among them."""
    if not entries:
        return ()
    kinds = Counter(id(type(one)) for one in entries)
    kind, _ = kinds.most_common(1)[0]
    entry = next(one for one in entries if id(type(one)) == kind)
    if is_kind(entry, _ROOMS) and not is_kind(entry, tuple):
        return (phrase_of(entry),)
    way = _to_the_largest(entry, _shared(entries, entry))
    return tuple(_phrases([entry, *way]))


def _phrases(way: list[Any]) -> Iterator[str]:
    """Yield each of a way inwards; a dict of names and what carries others only is not named."""
    for k, one in enumerate(way):
        is_last = k == len(way) - 1
        if k and not is_last and _is_between(one, way[k - 1]):
            continue
        yield phrase_of(one) if is_last else with_label(phrase_of(one), label_to(one, way[k + 1 :]))


def label_to(holder: Any, below: list[Any]) -> str:  # noqa: ANN401
    """Return under which name an object keeps what is `below` it, or what leads on to that."""
    if is_kind(holder, (*_ROOMS, types.MethodType)):
        return ""
    return next((label for one in below[:_NEAR] if (label := label_of(holder, one))), "")


def _is_between(one: Any, above: Any) -> bool:  # noqa: ANN401
    is_of_function = is_kind(above, types.FunctionType) and is_kind(one, tuple)
    return is_of_function or is_kind(one, (dict, types.CellType))


def _shared(entries: list[Any], entry: Any) -> set[int]:  # noqa: ANN401
    """Return the addresses of what other entries have too: that is there once, and not grown."""
    return {id(part) for other in entries if other is not entry for part, _ in walked(other)}


def _to_the_largest(entry: Any, shared: set[int]) -> list[Any]:  # noqa: ANN401
    """Return the way from an entry (left out) to the largest built-in thing in it, if any is."""
    largest, way = _SMALL_BYTES, list[Any]()
    for part, above in walked(entry):
        if id(part) not in shared and (size := _bytes(part)) > largest:
            largest, way = size, [*above, part]
    return way[1:]


def walked(entry: Any) -> Iterator[tuple[Any, list[Any]]]:  # noqa: ANN401
    """Yield what an entry is made of, breadth first, each with the way down to it.

    At most two hundred objects are looked at.
    """
    seen = {id(entry)}
    waiting: deque[tuple[Any, list[Any]]] = deque([(entry, [])])
    while waiting:
        one, above = waiting.popleft()
        yield one, above
        below = [*above, one]
        for part in islice(parts(one), _MOST_WALKED):
            if id(part) not in seen and len(seen) < _MOST_WALKED:
                seen.add(id(part))
                waiting.append((part, below))


def _bytes(one: Any) -> int:  # noqa: ANN401
    """Return how large a built-in thing is, without what it refers to; 0 for any other."""
    base = next((base for base in _ROOMS if is_kind(one, base)), None)
    return 0 if base is None else base.__sizeof__(one)


_ENTRIES: Final[tuple[tuple[Any, Callable[[Any], Iterator[Any]]], ...]] = (
    (list, list.__reversed__),
    (deque, deque.__reversed__),
    (set, set.__iter__),
)
