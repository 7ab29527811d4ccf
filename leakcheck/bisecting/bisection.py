"""The bisection: both ends first, then what lies between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from leakcheck.analysis.same_leak import Ran, is_same_leak
from leakcheck.bisecting.search import Search, State
from leakcheck.bisecting.steps import Candidate, Finding, Measured, Outcome, Step
from leakcheck.model.verdict import Verdict

Measure = Callable[[Candidate, str], Measured]
"""Given a candidate and what progress is to call the step, returns what it was found to be."""

_AT_FAULT = {
    None: Outcome.UNTESTED_END,
    Verdict.ERROR: Outcome.UNTESTED_END,
    Verdict.INCONCLUSIVE: Outcome.UNSURE_END,
    Verdict.LEAK: Outcome.WRONG_END,
    Verdict.CLEAN: Outcome.WRONG_END,
}


@dataclass(slots=True, kw_only=True)
class Bisection:
    """A search among `candidates`, the oldest first, for the one at which a leak came or went.

    `is_fix` is whether it went: then the old end leaks and the new one does not. `subject` is the
    package, empty for commits. `told` is given each step when it is done.
    """

    candidates: Sequence[Candidate]
    target: str
    subject: str
    is_fix: bool
    measure: Measure
    told: Callable[[Step], None]
    _steps: list[Step] = field(default_factory=list)
    _leak: Ran | None = None

    def run(self) -> Finding:
        """Return the answer."""
        last = len(self.candidates) - 1
        search = Search(low=0, high=last)
        about = 2 + search.steps_left
        ends = {State.OLD: 0, State.NEW: last}
        found: dict[int, Step] = {}
        for state in (self._bad_state, self._good_state):  # the leak first: it is looked for after
            step = self._step(ends[state], about)
            if step.state is not state:
                return self._at_fault(step)
            found[ends[state]] = step
        return self._search(search, found)

    def _search(self, search: Search, found: dict[int, Step]) -> Finding:
        while (place := search.next) is not None:
            step = self._step(place, len(self._steps) + search.steps_left)
            found[place] = step
            search = search.told(place, step.state)
        between = [self._described(k, found) for k in search.suspects][:-1]
        finding = self._finding(Outcome.RANGE if between else Outcome.FOUND)
        return replace(
            finding,
            last=found[search.low],
            first=found[search.high],
            between=tuple(between),
        )

    def _described(self, place: int, found: dict[int, Step]) -> Candidate:
        return found[place].candidate if place in found else self.candidates[place]

    def _step(self, place: int, about: int) -> Step:
        label = f"step {len(self._steps) + 1} of about {about}"
        measured = self.measure(self.candidates[place], label)
        step = self._judged(measured)
        self._steps.append(step)
        self.told(step)
        return step

    def _judged(self, measured: Measured) -> Step:
        """Return what a candidate says: a LEAK of something else is none of the one in question."""
        record = measured.record
        if record is None or measured.verdict not in (Verdict.LEAK, Verdict.CLEAN):
            return Step(measured=measured, state=State.UNTOLD)
        if measured.verdict is Verdict.CLEAN:
            return Step(measured=measured, state=self._good_state)
        ran = Ran(record=record, root=measured.root)
        if self._leak is None:
            self._leak = ran  # the bad end's, which is asked first
        if not is_same_leak(self._leak, ran):
            return Step(measured=measured, state=self._good_state, is_elsewhere=True)
        return Step(measured=measured, state=self._bad_state)

    def _at_fault(self, step: Step) -> Finding:
        outcome = _AT_FAULT[step.measured.verdict]
        return replace(self._finding(outcome), at_fault=step)

    def _finding(self, outcome: Outcome) -> Finding:
        return Finding(
            target=self.target,
            subject=self.subject,
            is_fix=self.is_fix,
            outcome=outcome,
            steps=tuple(self._steps),
        )

    @property
    def _bad_state(self) -> State:
        return State.OLD if self.is_fix else State.NEW

    @property
    def _good_state(self) -> State:
        return State.NEW if self.is_fix else State.OLD
