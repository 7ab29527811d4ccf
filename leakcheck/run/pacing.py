"""Pacing a run: when to sample, when to look, and whether a look is enough to stop."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from leakcheck.analysis.decision import is_sure, judge, next_look, seems_to_grow
from leakcheck.model.measurement import Ending, Measurement
from leakcheck.model.plan import MIN_CLEAN_ITERATIONS, Plan
from leakcheck.model.verdict import Judgement, Verdict
from leakcheck.run.schedule import next_sample

_PROVISIONAL_EVERY_S: Final = 2.0
_FIRST_CENSUS: Final = 1_000
_FIRST_CENSUS_S: Final = 5.0
"""Growth before that many iterations, or seconds, is mostly warm-up: nothing to look into yet."""
_BETWEEN_CENSUSES: Final = 1.5
_BEFORE_A_LOOK: Final = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What to do after a sample: the iteration of the next one, or why to end here.

    With `inspects` the containers are wanted first, and then the same step once more.
    """

    next_sample: int = 0
    ending: Ending | None = None
    inspects: bool = False


class Pacer:
    """Walks a run from look to look; keeps the newest judgement as a provisional one."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._look = self._cap(next_look(0))
        self._judged_at_s = 0.0
        self._census_at: int | None = None
        self._undecided_looks = 0
        self.provisional: Judgement | None = None

    def step(
        self,
        completed: int,
        elapsed_s: float,
        measure: Callable[[], Measurement],
        *,
        sampling_s: float = 0.0,
        samples: int = 0,
    ) -> Step:
        """Return what follows on the sample taken after `completed` iterations.

        `sampling_s` of the elapsed seconds went into `samples` samples: they are no part of the
        pace, or cheap iterations would seem slow and be sampled all the more. `measure` makes a
        measurement of what there is so far; it is called only at a look, and every two seconds
        for the sake of whoever is watching.
        """
        pace_s = max(elapsed_s - sampling_s, 0.0) / max(completed, 1)
        is_look = completed >= self._look
        if is_look or elapsed_s - self._judged_at_s >= _PROVISIONAL_EVERY_S:
            measurement = self._judge(elapsed_s, measure)
            if self._wants_census(completed, elapsed_s, is_look=is_look):
                self._census_at = completed
                return Step(inspects=True)
            if is_look and self._may_stop(measurement, pace_s):
                return Step(ending=Ending.SURE)
        if completed >= self._plan.iterations:
            return Step(ending=Ending.EXACT if self._plan.exact else Ending.ITERATIONS)
        if is_look:
            self._undecided_looks += completed >= MIN_CLEAN_ITERATIONS and not self._is_leak()
            self._look = self._cap(next_look(completed))
        a_sample_s = sampling_s / samples if samples else 0.0
        worth = pace_s / a_sample_s if a_sample_s else 0.0
        return Step(
            next_sample=next_sample(
                completed,
                until=self._look,
                samples_worth=worth,
                undecided_looks=self._undecided_looks,
            )
        )

    def _cap(self, look: int) -> int:
        return min(look, self._plan.iterations)

    def _judge(self, elapsed_s: float, measure: Callable[[], Measurement]) -> Measurement:
        measurement = measure()
        self.provisional = judge(measurement, self._plan.thresholds)
        self._judged_at_s = elapsed_s
        return measurement

    def _is_leak(self) -> bool:
        return self.provisional is not None and self.provisional.verdict is Verdict.LEAK

    def _wants_census(self, completed: int, elapsed_s: float, *, is_look: bool) -> bool:
        """Return whether something grows, for long enough, that containers may explain.

        A look decides, and needs a fresh census to do so.
        """
        settled = completed >= _FIRST_CENSUS or elapsed_s >= _FIRST_CENSUS_S
        apart = _BEFORE_A_LOOK if is_look else _BETWEEN_CENSUSES
        return (
            settled
            and self.provisional is not None
            and (self._census_at is None or completed >= apart * self._census_at)
            and seems_to_grow(self.provisional, self._plan.thresholds)
        )

    def _may_stop(self, measurement: Measurement, pace_s: float) -> bool:
        return (
            not self._plan.exact
            and self.provisional is not None
            and is_sure(
                self.provisional,
                pace_s=pace_s,
                census=measurement.census,
            )
        )
