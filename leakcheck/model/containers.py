"""What grows and who holds it: containers, and what is said of their size; piles of objects."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container that held `before` entries at one census and `now`, more, at the next.

    `held_by` leads from a root to it, a phrase each, and `inside` from it on to what its newest
    entries are; `limits` are the sizes that it declares
    itself or that code near it holds a length against, from `now` on; `counts` other whole
    numbers, from `now` on, that may bound the keys that ever occur; `shrinks` tells
    whether any code near it takes entries out.
    """

    kind: str
    held_by: tuple[str, ...]
    before: int
    now: int
    limits: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()
    shrinks: bool = False
    inside: tuple[str, ...] = ()

    @property
    def grown(self) -> int:
        """Return by how many entries it grew between the two."""
        return self.now - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """Objects that pile up in no container that grows: `grown` more of the type `kind`.

    `held_by` leads from a root to the first of them and on to the others, a phrase each.
    """

    kind: str
    held_by: tuple[str, ...]
    grown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """What grew between the iterations `began` and `ended`, the most first.

    The first census of a run compares with what there was after set-up, which tells who holds
    what, and not what goes on growing: `began` is then `ended`. `remark` says so where the
    search for holders did not get to its end.
    """

    began: int
    ended: int
    containers: tuple[Container, ...] = ()
    piles: tuple[Pile, ...] = ()
    remark: str = ""
