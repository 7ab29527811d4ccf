"""Containers that grow: how large, how held, and what is stated of how large they may get."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container that held `before` entries at one census and `now`, more, at the next.

    `held_by` leads from a root to it, a phrase each; `limits` are the sizes that it declares
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

    @property
    def grown(self) -> int:
        """Return by how many entries it grew between the two."""
        return self.now - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """The containers that grew between the iterations `began` and `ended`, the most first.

    The first census of a run has nothing to compare with: `began` is then `ended`.
    """

    began: int
    ended: int
    containers: tuple[Container, ...] = ()
