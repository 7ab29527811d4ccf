"""Scenes: what a simulated process holds, iteration after iteration."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, tee

Curve = Iterator[float]
"""Bytes (or a count) before the first iteration, after it, after the second, and so on."""

Make = Callable[[random.Random], "Scene"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Objects that one call site keeps: how many are alive, and the bytes of each."""

    objects: Curve
    size_bytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A container: its entries, the limit that code near it states, whether any takes some out."""

    entries: Curve
    limit: int | None = None
    shrinks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One process: what its call sites keep and where, the noise of the rest, other signals.

    `noise` is heap in use that no one site explains; `rss_wander` are resident bytes beside
    those of the heap; `descriptors` are those beyond the ones at rest.
    """

    kept: tuple[Kept, ...] = ()
    holders: tuple[Holder, ...] = ()
    noise: Curve | None = None
    rss_wander: Curve | None = None
    descriptors: Curve | None = None

    def over(self, other: "Scene") -> "Scene":
        """Return both in one process; where each has a curve of its own, theirs add up."""
        return Scene(
            kept=(*self.kept, *other.kept),
            holders=(*self.holders, *other.holders),
            noise=_added(self.noise, other.noise),
            rss_wander=_added(self.rss_wander, other.rss_wander),
            descriptors=_added(self.descriptors, other.descriptors),
        )


def keeping(
    objects: Curve, size_bytes: float, *, limit: int | None = None, shrinks: bool = False
) -> Scene:
    """Return a scene of one call site, whose objects a container holds."""
    alive, entries = tee(objects)
    return Scene(
        kept=(Kept(objects=alive, size_bytes=size_bytes),),
        holders=(Holder(entries=entries, limit=limit, shrinks=shrinks),),
    )


def backing(room_bytes: Curve) -> Scene:
    """Return a scene of one block that is exchanged for a larger one now and then."""
    return Scene(kept=(Kept(objects=room_bytes, size_bytes=1),))


def _added(one: Curve | None, other: Curve | None) -> Curve | None:
    if one is None or other is None:
        return one or other
    return chain.from_iterable([a + b] for a, b in zip(one, other, strict=False))
