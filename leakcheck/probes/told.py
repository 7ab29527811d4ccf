"""Piles of objects in words: who holds them, what they are, how many. In the child."""

import gc
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from leakcheck.probes.contents import described, label_to
from leakcheck.probes.kinds import name_of
from leakcheck.probes.links import links
from leakcheck.probes.phrases import phrase_of, with_label
from leakcheck.probes.piles import Pile
from leakcheck.probes.running import holder_in_a_thread
from leakcheck.probes.unseen import why_alive
from leakcheck.probes.ways import Way, is_rooted, ways_up


class Told(NamedTuple):
    """One pile: the type of what it begins with, how it is held, by how many that type grew."""

    kind: str
    held_by: list[str]
    grown: int


def told(
    found: Sequence[Pile], types: Mapping[int, int], ours: Iterable[object], deadline_s: float
) -> list[Told]:
    """Return piles in words; `types` tells by how many each type (by address) has grown."""
    ways = ways_up([one.first for one in found], (*ours, found), deadline_s)
    return [
        Told(
            kind=name_of(type(one.first)),
            held_by=[*_upwards(way), *_downwards(one)],
            grown=types[id(type(one.first))],
        )
        for one, way in zip(found, ways, strict=True)
    ]


def _upwards(way: Way) -> Iterable[str]:
    """Return how the first of a pile is held, from a root inwards."""
    first = way.up[0]
    if is_rooted(way.up) or not way.is_whole or (len(way.up) > 1 and gc.isenabled()):
        return links(way.up, is_whole=way.is_whole)[:-1]
    return holder_in_a_thread(first) or [why_alive(first)]


def told_at_exit(number: int) -> Told:
    """Return how functions are held that atexit keeps, which hides them from the collector."""
    return Told(kind="function", held_by=["held from C: registered with atexit"], grown=number)


def _downwards(pile: Pile) -> list[str]:
    """Return what a pile is: its first object, and how that leads on to the others."""
    first = phrase_of(pile.first)
    if not pile.then:
        return [_times(first, pile.alike), *described([pile.first])[1:]]
    last = _times(phrase_of(pile.then[-1]), pile.alike)
    return [with_label(first, label_to(pile.first, pile.then)), "...", last]


def _times(phrase: str, number: int) -> str:
    return f"{phrase} (x {number:,})" if number > 1 else phrase
