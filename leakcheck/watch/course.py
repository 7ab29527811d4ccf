"""The course of a watched process: readings go in, and a verdict that many looks do not spoil."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from leakcheck.model.verdict import Verdict
from leakcheck.watch.history import History
from leakcheck.watch.judging import Finding, Look, by_blocks, by_cycles, unmistakable
from leakcheck.watch.levels import Cycles
from leakcheck.watch.lives import Point, spliced
from leakcheck.watch.looks import Looks
from leakcheck.watch.reading import Reading, Watched
from leakcheck.watch.standing import Standing, forecast_of
from leakcheck.watch.terms import CONFIDENCE, Terms, threshold_of

_FIRST_LOOK: Final = 64
_NEXT_LOOK: Final = 1.25
_CONFIRMS: Final = 0.85
_EARLY_SHARE: Final = 0.2
_PAGE_BYTES: Final = 4096
_COUNTS: Final = len(Watched) - 1
_TOO_SOON: Final = "was read too few times"

Points = Mapping[Watched, Sequence[Point]]


class Course:
    """The history of one process and what the looks at it said.

    There is a look at the end of each cycle, at all that is known, and another kind at the life
    that goes on, after 64 readings and then whenever it is a quarter longer.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._history = History(cycle_s=terms.cycle_s)
        self._newest: Reading | None = None
        self._first_s = 0.0
        self._lives = 0
        self._life_began = 0
        self._cycles = Looks(confirms=1.0)
        self._early = Looks(confirms=_CONFIRMS)
        self._cycles_seen = 0
        self._next_look = _FIRST_LOOK
        self._looked_at = 0
        self._leaked_after = 0
        self._thresholds = {what: threshold_of(what, 0.0, terms) for what in Watched}

    def add(self, reading: Reading) -> bool:
        """Take in a reading, and look where a look is due: it returns whether there was one.

        A reading that is not later than the newest is left out.
        """
        before = self._newest
        if not self._history.add(reading):
            return False
        if before is None:
            self._first_s = reading.at_s
        if before is None or before.life != reading.life:
            self._begin_life()
        self._newest = reading
        if not self._is_due():
            return False
        self.look()
        return True

    def look(self) -> None:
        """Look now, if anything was read since the last look."""
        if self._history.readings == self._looked_at:
            return
        self._looked_at = self._history.readings
        points = {what: spliced(self._history, what) for what in Watched}
        self._thresholds = {
            what: threshold_of(what, _level(points[what]), self._terms) for what in Watched
        }
        if self._complete_cycles() > self._cycles_seen:
            self._cycles_seen = self._complete_cycles()
            self._cycles.add(self._found_by_cycles(points), self._looked_at)
        self._look_early(points)

    @property
    def limit_bytes(self) -> int | None:
        """Return how much memory there may be; it may be set anew."""
        return self._terms.limit_bytes

    @limit_bytes.setter
    def limit_bytes(self, limit_bytes: int | None) -> None:
        self._terms = replace(self._terms, limit_bytes=limit_bytes)

    @property
    def standing(self) -> Standing | None:
        """Return what is known, None before the first reading."""
        newest = self._newest
        if newest is None:
            return None
        verdict, what, finding = self._verdict()
        watched_s = newest.at_s - self._first_s
        peak = self._history.peak_bytes(newest.at_s - (self._terms.cycle_s or watched_s / 2))
        growth = finding.growth if finding else None
        limit = self._terms.limit_bytes
        is_bytes = what is Watched.MEMORY and growth is not None and limit is not None
        return Standing(
            verdict=verdict,
            why=finding.why if finding else _TOO_SOON,
            what=what,
            growth=growth,
            threshold_per_hour=self._thresholds[what],
            memory_bytes=newest.memory_bytes,
            peak_bytes=peak,
            limit_bytes=limit,
            forecast=forecast_of(growth, room_bytes=limit - peak)
            if is_bytes and growth is not None and limit is not None
            else None,
            readings=self._history.readings,
            watched_s=watched_s,
            lives=self._lives,
        )

    def _begin_life(self) -> None:
        self._lives += 1
        self._life_began = self._history.readings - 1
        self._next_look = self._life_began + _FIRST_LOOK

    def _is_due(self) -> bool:
        is_long = self._history.readings >= self._next_look
        return is_long or self._complete_cycles() > self._cycles_seen

    def _complete_cycles(self) -> int:
        if not self._terms.cycle_s:
            return 0
        return int((self._history.last_s - self._history.origin_s) // self._terms.cycle_s)

    def _look_early(self, points: Points) -> None:
        """Look at the life that goes on; a LEAK stands until a later life is as old as that was."""
        age = self._history.readings - self._life_began
        if age < _FIRST_LOOK:
            return
        self._next_look = self._life_began + int(age * _NEXT_LOOK)
        if self._early.leaking() and age < self._leaked_after:
            return
        self._early.add(self._found_early(points), self._history.readings)
        self._leaked_after = age if self._early.leaking() else 0

    def _found_by_cycles(self, points: Points) -> dict[Watched, Finding]:
        cycles = Cycles(
            cycle_s=self._terms.cycle_s,
            origin_s=self._history.origin_s,
            now_s=self._history.last_s,
        )
        return {
            what: by_cycles(points[what], self._look_of(what, self._cycles), cycles)
            for what in Watched
        }

    def _found_early(self, points: Points) -> dict[Watched, Finding]:
        known = {what: some for what, some in points.items() if some}
        if not self._terms.cycle_s:
            return {
                what: by_blocks(some, self._look_of(what, self._early))
                for what, some in known.items()
            }
        look, cycle_s = self._look_of(Watched.MEMORY, self._early), self._terms.cycle_s
        return {
            what: unmistakable(some, look, cycle_s=cycle_s)
            for what, some in known.items()
            if what is Watched.MEMORY
        }

    def _look_of(self, what: Watched, looks: Looks) -> Look:
        """Return one look's terms: the kinds of looks share the error, and so do the counts."""
        kind = 1.0
        if self._terms.cycle_s:
            kind = _EARLY_SHARE if looks is self._early else 1 - _EARLY_SHARE
        share = kind * looks.next_share()
        return Look(
            alpha=(1 - CONFIDENCE) * (share if what is Watched.MEMORY else share / _COUNTS),
            threshold=self._thresholds[what],
            grain=_PAGE_BYTES if what is Watched.MEMORY else 1,
        )

    def _verdict(self) -> tuple[Verdict, Watched, Finding | None]:
        leaking = [one for looks in (self._cycles, self._early) if (one := looks.leaking())]
        if leaking:
            return Verdict.LEAK, *leaking[0]
        looks = self._cycles if self._terms.cycle_s else self._early
        finding = looks.newest(Watched.MEMORY)
        if finding is not None and finding.verdict is Verdict.CLEAN:
            return Verdict.CLEAN, Watched.MEMORY, finding
        if finding is None or finding.growth is None:
            finding = self._early.newest(Watched.MEMORY) or finding
        return Verdict.INCONCLUSIVE, Watched.MEMORY, finding


def _level(points: Sequence[Point]) -> float:
    """Return where the series of all lives began after its warm-up; 0 where nothing is known."""
    return points[0].value if points else 0.0
