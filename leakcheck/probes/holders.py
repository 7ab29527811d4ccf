"""How a container is held, and what its surroundings say of how large it may get. In the child.

Names and lengths are all that is told of what lies on the way, never content.
"""

import types
from collections.abc import Iterable
from typing import Any, NamedTuple

from leakcheck.probes.contents import inside
from leakcheck.probes.handlers import (
    declared_limit,
    functions_around,
    own_numbers,
    visible_numbers,
)
from leakcheck.probes.kinds import name_of
from leakcheck.probes.links import links
from leakcheck.probes.objects import BUILT_IN, is_kind, is_namespace_of, label_of
from leakcheck.probes.ways import ROOTS, Way, ways_up

_MOST_CODES = 60
_MOST_NUMBERS = 200


class Chain(NamedTuple):
    """How one container is held, and what its surroundings say of how large it may get.

    `links` go from the root inwards, and `inside` tells what its newest entries are; `limit` is
    what the container itself declares; `codes` (file, first line, name) are the functions that
    handle it under one of `names`; `numbers` the whole numbers that those functions can see by
    name and `attributes` those of its owners. `hidden` says that an object keeps it under no
    name: only C code handles it; `is_inside` that another of those looked for is on the
    way, or the harness.
    """

    kind: str
    links: tuple[str, ...]
    inside: tuple[str, ...]
    limit: int | None
    names: frozenset[str]
    codes: tuple[tuple[str, int, str], ...]
    numbers: dict[str, int]
    attributes: dict[str, int]
    hidden: bool
    is_inside: bool


def chains(targets: list[Any], ours: Iterable[object], deadline_s: float) -> list[Chain]:
    """Return for each of `targets` how it is held; what is in `ours` holds nothing."""
    known = {id(target) for target in targets}
    return [_chain(way, known) for way in ways_up(targets, ours, deadline_s)]


def _chain(found: Way, known: set[int]) -> Chain:
    way = found.up
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
        kind=name_of(type(target)).rpartition(".")[2],
        links=tuple(links(way, is_whole=found.is_whole)),
        inside=inside(target),
        limit=declared_limit(target, owners),
        names=frozenset(labels),
        codes=tuple(codes)[:_MOST_CODES],
        numbers=dict(list(numbers.items())[:_MOST_NUMBERS]),
        attributes=dict(list(attributes.items())[:_MOST_NUMBERS]),
        hidden=bool(owners) and _hides(owners[0], target),
        is_inside=found.is_ours or any(id(owner) in known for owner in _no_scopes(owners)),
    )


def _no_scopes(owners: list[Any]) -> list[Any]:
    """Return owners without the names of modules and classes: those are of many things."""
    holders = [*owners[1:], None]
    return [
        one
        for one, holder in zip(owners, holders, strict=False)
        if not (is_kind(holder, (types.ModuleType, type)) and is_namespace_of(holder, one))
    ]


def _hides(owner: Any, held: Any) -> bool:  # noqa: ANN401
    seen = is_kind(owner, (*BUILT_IN, *ROOTS, types.FrameType)) or is_namespace_of(owner, held)
    return not seen and not label_of(owner, held)
