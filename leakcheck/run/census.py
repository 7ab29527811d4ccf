"""Making a census of what a child told: its containers, and what their source states."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, Final

from leakcheck.analysis.stated_bounds import Stated, named_limits, stated_bounds
from leakcheck.model.containers import Census, Container, Pile
from leakcheck.run.sources import source_of

_MOST_STATED: Final = 8
_JUST_FULL: Final = 0.01
"""A container that has just reached its limit grew until then: it may be a few entries over."""


def read_census(content: Mapping[str, Any], began: int, ended: int) -> Census | None:
    """Return the census that a child's message tells of; None where it could not be made.

    The source files that it names are read here, so that the child need not.
    """
    told = content["containers"]
    if told is None:
        return None
    return Census(
        began=began,
        ended=ended,
        containers=tuple(map(_container, told)),
        piles=tuple(map(_pile, content["piles"])),
        remark=str(content["remark"]),
    )


def _pile(told: Mapping[str, Any]) -> Pile:
    return Pile(
        kind=str(told["kind"]),
        held_by=tuple(map(str, told["held_by"])),
        grown=int(told["grown"]),
    )


def _container(told: Mapping[str, Any]) -> Container:
    now = int(told["now"])
    names = frozenset(map(str, told["names"]))
    numbers = {**told["numbers"], **told["attributes"]}
    stated = _stated(told["codes"], numbers, names)
    limits = stated.limits | named_limits(told["attributes"])
    if told["limit"] is not None:
        limits |= {int(told["limit"])}
    return Container(
        kind=str(told["kind"]),
        held_by=tuple(map(str, told["held_by"])),
        before=int(told["before"]),
        now=now,
        limits=_from(limits, now - _JUST_FULL * now),
        counts=_from(stated.counts - limits, now),
        shrinks=stated.shrinks or bool(told["hidden"]),  # code in C may take entries out
        inside=tuple(map(str, told["inside"])),
    )


def _from(stated: frozenset[int], least: float) -> tuple[int, ...]:
    return tuple(sorted(number for number in stated if number >= least))[:_MOST_STATED]


def _stated(
    codes: Sequence[Sequence[Any]], numbers: Mapping[str, int], names: frozenset[str]
) -> Stated:
    lines: dict[str, list[int]] = defaultdict(list)
    for file, line, _ in codes:
        lines[str(file)].append(int(line))
    read = (stated_bounds(source_of(file), first, numbers, names) for file, first in lines.items())
    return reduce(Stated.__or__, read, Stated())
