"""The search itself: which place of an ordered list to ask next, and what the answers come to.

The list goes from the old end to the new one. Between them the answer changes once, from that of
the old end to that of the new one; some places cannot tell.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum


class State(StrEnum):
    """What one place was found to be."""

    OLD = "old"  # as the old end
    NEW = "new"  # as the new end
    UNTOLD = "untold"  # it cannot tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How far a search has come: `low` is as the old end, `high` as the new one.

    Both are indices of the list, the ends of which count as known. `untold` are the places that
    cannot tell.
    """

    low: int
    high: int
    untold: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.low < self.high:
            msg = (
                f"ends of a search: found {self.low} and {self.high}, wanted two, the old one first"
            )
            raise ValueError(msg)

    @property
    def next(self) -> int | None:
        """Return the index to ask next, None if there is none left.

        That is the middle. For each place around it that cannot tell, the next one is asked a
        half, a quarter, an eighth of the span away (van der Corput 1935): what breaks places often
        breaks many in a row.

        >>> Search(low=0, high=8).next, Search(low=0, high=8, untold=frozenset({4})).next
        (4, 2)
        """
        places = self._open
        if not places:
            return None
        tried = self.high - self.low - 1 - len(places)
        wanted = self.low + math.floor(_spread(tried + 1) * (self.high - self.low))
        return min(places, key=lambda place: (abs(place - wanted), place))

    @property
    def steps_left(self) -> int:
        """Return how many more places are asked, if all of them can tell.

        >>> Search(low=0, high=8).steps_left, Search(low=3, high=4).steps_left
        (3, 0)
        """
        return math.ceil(math.log2(len(self._open) + 1))

    @property
    def suspects(self) -> range:
        """Return the places of which one is the first that is as the new end.

        >>> Search(low=3, high=4).suspects
        range(4, 5)
        """
        return range(self.low + 1, self.high + 1)

    def told(self, place: int, state: State) -> "Search":
        """Return the search that knows of `place` too.

        Raises:
            ValueError: if it does not lie between what is known.

        >>> Search(low=0, high=8).told(4, State.NEW)
        Search(low=0, high=4, untold=frozenset())
        """
        if not self.low < place < self.high:
            msg = f"place {place}: wanted one between {self.low} and {self.high}"
            raise ValueError(msg)
        if state is State.UNTOLD:
            return replace(self, untold=self.untold | {place})
        if state is State.OLD:
            return replace(self, low=place)
        return replace(self, high=place)

    @property
    def _open(self) -> list[int]:
        return [one for one in range(self.low + 1, self.high) if one not in self.untold]


def _spread(number: int) -> float:
    """Return the terms 1/2, 1/4, 3/4, 1/8, 5/8, ... of an evenly spread sequence, from 1 on."""
    share, part = 0.0, 0.5
    while number:
        number, digit = divmod(number, 2)
        share += digit * part
        part /= 2
    return share
