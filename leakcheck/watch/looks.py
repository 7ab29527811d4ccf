"""The looks at a course: each may err a little, and all of them together no more than allowed."""

from collections import deque
from collections.abc import Mapping
from typing import Final

from leakcheck.model.verdict import Verdict
from leakcheck.watch.judging import Finding
from leakcheck.watch.reading import Watched

_KEPT: Final = 12


class Looks:
    """The newest looks of one kind, and how many there were.

    Look number n may spend 1/(n(n+1)) of the error, which adds up to all of it over looks without
    end: the union bound behind the stitched confidence sequences of Howard, Ramdas, McAuliffe and
    Sekhon (2021, Annals of Statistics 49, 1055), an alpha-spending function in the sense of Lan and
    DeMets (1983, Biometrika 70, 659). It asks for no independence of the looks. `confirms` is the
    share of the newest look's readings that an earlier look must not exceed to confirm it.
    """

    def __init__(self, *, confirms: float) -> None:
        self._confirms = confirms
        self._number = 0
        self._newest: deque[tuple[int, Mapping[Watched, Finding]]] = deque(maxlen=_KEPT)

    def next_share(self) -> float:
        """Return the part of the error that the next look may spend.

        >>> Looks(confirms=1.0).next_share()
        0.5
        """
        return 1 / ((self._number + 1) * (self._number + 2))

    def add(self, found: Mapping[Watched, Finding], readings: int) -> None:
        """Take in a look after so many readings; one that knew too little spends nothing."""
        self._number += any(finding.growth is not None for finding in found.values())
        self._newest.append((readings, found))

    def newest(self, what: Watched) -> Finding | None:
        """Return what the newest look says of one signal."""
        return self._newest[-1][1].get(what) if self._newest else None

    def leaking(self) -> tuple[Watched, Finding] | None:
        """Return the first signal that leaks by the newest look and by the one that confirms it."""
        if not self._newest:
            return None
        readings, found = self._newest[-1]
        before = next(
            (one for at, one in list(self._newest)[-2::-1] if at <= self._confirms * readings), {}
        )
        for what, finding in found.items():
            if {finding.verdict, before[what].verdict if what in before else None} == {
                Verdict.LEAK
            }:
                return what, finding
        return None
