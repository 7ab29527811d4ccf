"""Who keeps an object: the shortest way up to a root, found by the collector. In the child.

Names and lengths are all that is told of what lies on the way, never content.
"""

import gc
import types
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from leakcheck.probes.handlers import (
    declared_limit,
    functions_around,
    own_numbers,
    visible_numbers,
)
from leakcheck.probes.objects import (
    BUILT_IN,
    SUSPENDED,
    code_of,
    is_kind,
    is_namespace_of,
    label_of,
    referents,
)

_DEEPEST = 8
_WIDEST = 1_000
_MOST_CODES = 60
_MOST_NUMBERS = 200
_ROOTS = (types.ModuleType, type, types.FrameType, types.FunctionType, *SUSPENDED)
_SIZED: tuple[Any, ...] = (dict, list, set, tuple, deque, bytearray)
_OUR_PACKAGE = __file__.rpartition("probes")[0]


class Chain(NamedTuple):
    """How one container is held, and what its surroundings say of how large it may get.

    `links` go from the root inwards; `limit` is what the container itself declares; `codes`
    (file, first line, name) are the functions that handle it under one of `names`; `numbers`
    the whole numbers that those functions can see by name and `attributes` those of its
    owners. `hidden` says that an object keeps it under no name: only C code handles it.
    """

    kind: str
    links: tuple[str, ...]
    limit: int | None
    names: frozenset[str]
    codes: tuple[tuple[str, int, str], ...]
    numbers: dict[str, int]
    attributes: dict[str, int]
    hidden: bool


def chains(targets: list[Any], ours: Iterable[object]) -> list[Chain]:
    """Return for each of `targets` how it is held; what is in `ours` holds nothing."""
    hidden = {id(one) for one in ours} | {id(targets)}
    holders = _holders(targets, hidden)
    return [_chain(_way_up(target, holders)) for target in targets]


def _holders(targets: list[Any], hidden: set[int]) -> dict[int, list[Any]]:
    """Return the holders of each target, of their holders, and so on, by address."""
    holders: dict[int, list[Any]] = {}
    hidden.add(id(holders))
    level, seen = targets, {id(target) for target in targets}
    for _ in range(_DEEPEST):
        if not level:
            break
        above = gc.get_referrers(*level)
        hidden.update((id(above), id(level)))
        wanted = {id(one) for one in level}
        level = []
        for holder in above:
            if id(holder) in hidden or _is_own_frame(holder):
                continue
            for held in referents([holder]):
                if id(held) in wanted:
                    entry = holders.setdefault(id(held), [])
                    hidden.add(id(entry))
                    entry.append(holder)
            if id(holder) not in seen and not is_kind(holder, _ROOTS) and len(level) < _WIDEST:
                seen.add(id(holder))
                level.append(holder)
    return holders


def _is_own_frame(one: object) -> bool:
    return is_kind(one, types.FrameType) and one.f_code.co_filename.startswith(_OUR_PACKAGE)


def _way_up(target: Any, holders: dict[int, list[Any]]) -> list[Any]:  # noqa: ANN401
    """Return the shortest way from `target` (first) up to a root, or as far as it is known."""
    ways: deque[list[Any]] = deque([[target]])
    longest = [target]
    seen = {id(target)}
    while ways:
        way = ways.popleft()
        if len(way) > 1 and is_kind(way[-1], _ROOTS) and not _is_globals(way):
            return _without_closures(way)
        longest = way if len(way) > len(longest) else longest
        for holder in holders.get(id(way[-1]), ()):
            if id(holder) not in seen:
                seen.add(id(holder))
                ways.append([*way, holder])
    return longest


def _without_closures(way: list[Any]) -> list[Any]:
    """Return a way without the tuple that is between a function and its cells."""
    function = way[-1]
    if is_kind(function, types.FunctionType) and way[-2] is function.__closure__:
        return [*way[:-2], function]
    return way


def _is_globals(way: list[Any]) -> bool:
    """Return whether a way leads up from a module's names to a function that can see them."""
    return is_kind(way[-1], types.FunctionType) and way[-2] is way[-1].__globals__


def _chain(way: list[Any]) -> Chain:
    target, owners = way[0], way[1:]
    pairs = list(zip(way[1:], way, strict=False))
    labels = [label for holder, held in pairs if (label := label_of(holder, held))]
    functions = functions_around(way, frozenset(labels))
    numbers: dict[str, int] = {}
    for function, _ in functions:
        numbers.update(visible_numbers(function))
    codes = dict.fromkeys(
        (code.co_filename, code.co_firstlineno, code.co_name) for _, code in functions
    )
    attributes: dict[str, int] = {}
    for owner in [target, *owners]:
        attributes.update(own_numbers(owner))
    return Chain(
        kind=type(target).__name__,
        links=tuple(_links(way)),
        limit=declared_limit(target, owners),
        names=frozenset(labels),
        codes=tuple(codes)[:_MOST_CODES],
        numbers=dict(list(numbers.items())[:_MOST_NUMBERS]),
        attributes=dict(list(attributes.items())[:_MOST_NUMBERS]),
        hidden=bool(owners) and _hides(owners[0], target),
    )


def _hides(owner: Any, held: Any) -> bool:  # noqa: ANN401
    seen = is_kind(owner, (*BUILT_IN, *_ROOTS)) or is_namespace_of(owner, held)
    return not seen and not label_of(owner, held)


def _links(way: list[Any]) -> Iterator[str]:
    """Yield the way from the root inwards, a phrase each."""
    if len(way) == 1:
        yield "held from C or by a running function"
    steps = list(_named_steps(list(reversed(way))))
    for number, (holder, label) in enumerate(steps):
        if not is_kind(holder, types.CellType):
            yield _root_phrase(holder, label) if number == 0 else _phrase(holder, label)
    yield _size_of(way[0])


def _named_steps(way: list[Any]) -> Iterator[tuple[Any, str]]:
    """Yield each holder from the root on, with the name under which it keeps the next.

    The dict in which a holder keeps its names is no holder of its own.
    """
    at = 0
    while at < len(way) - 1:
        holder, held = way[at], way[at + 1]
        through = at + 2 < len(way) and is_namespace_of(holder, held)
        yield holder, label_of(held, way[at + 2]) if through else label_of(holder, held)
        at += 2 if through else 1


def _phrase(holder: Any, label: str) -> str:  # noqa: ANN401
    name = type(holder).__qualname__
    if type(holder) in BUILT_IN:
        return _size_of(holder)
    return f"{name}.{label}" if label else name


def _root_phrase(root: Any, label: str) -> str:  # noqa: ANN401
    if is_kind(root, types.ModuleType):
        return f"{root.__name__}.{label} (module global)"
    if is_kind(root, type):
        return f"{root.__module__}.{root.__qualname__}.{label} (class attribute)"
    if is_kind(root, types.FunctionType):
        return f"{root.__module__}.{root.__qualname__} (closure, {label or 'default'})"
    if is_kind(root, SUSPENDED):
        return f"{code_of(root).co_qualname} (suspended, local variable)"
    if is_kind(root, types.FrameType):
        return f"{root.f_code.co_qualname} (running, local variable)"
    return _phrase(root, label)


def _size_of(one: Any) -> str:  # noqa: ANN401
    kind = type(one)
    for base in _SIZED:
        if is_kind(one, base):
            return f"{kind.__qualname__} of {base.__len__(one):,}"
    return kind.__qualname__
