"""Supervising a program from its start to its end: triggering, sampling, limiting it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from leakcheck.model.from_outside import FromOutside
from leakcheck.model.measurement import Ending, Measurement
from leakcheck.model.plan import GRACE_S, Plan
from leakcheck.model.signals import Signal
from leakcheck.probes.outside import Outside
from leakcheck.probes.programs import runs_python
from leakcheck.run import limits
from leakcheck.run.child.slots import Stage
from leakcheck.run.outcome import Observer, Outcome, Progress
from leakcheck.run.pacing import Pacer
from leakcheck.run.process import epoch_ms, monotonic_s
from leakcheck.run.program import endings
from leakcheck.run.program.endings import NotDoneError
from leakcheck.run.program.order import Order
from leakcheck.run.program.process import ProgramProcess
from leakcheck.run.program.readiness import ready_of
from leakcheck.run.program.triggers import POLL_S, Firing, firing_of
from leakcheck.run.recorder import Recorder

_READY_POLL_S: Final = 0.01
_LIMITS_EVERY_S: Final = 0.05
_SHOW_EVERY_S: Final = 0.1
_END_S: Final = 0.5
"""How long a program that closed a connection is given to be seen to end."""


class _OverError(Exception):
    """The run is over, in the middle of an iteration or before the first."""


@dataclass(slots=True)
class _Standing:
    """How far a run has come."""

    stage: Stage = Stage.STARTING
    began_s: float = field(default_factory=monotonic_s)
    completed: int = 0
    elapsed_s: float = 0.0
    sampling_s: float = 0.0
    rss_bytes: int | None = None
    asked_s: float | None = None
    ending: Ending | None = None
    failure: str | None = None


class ProgramSupervisor:
    """One run of one program; `run` is to be called once, and does not end the program."""

    def __init__(
        self,
        plan: Plan,
        order: Order,
        process: ProgramProcess,
        *,
        observe: Observer,
        interrupted: threading.Event,
    ) -> None:
        self._plan = plan
        self._order = order
        self._process = process
        self._observe = observe
        self._interrupted = interrupted
        self._recorder = Recorder()
        self._pacer = Pacer(plan)
        self._at = _Standing()
        self._notes: list[str] = []
        self._is_python = False
        self._limits_s = self._shown_s = 0.0

    def run(self) -> Outcome:
        """Return the outcome, once the run is over for whatever reason."""
        try:
            ready = ready_of(self._order.trigger, self._process)
            self._until(ready, _READY_POLL_S)
            self._iterate_all()
        except _OverError:
            pass
        except NotDoneError as error:
            self._fail_in_the_end(f"{self._when()} it {error}")
        return Outcome(
            plan=self._plan,
            measurement=self._measurement(),
            instants=tuple(self._recorder.instants),
            finished_ms=epoch_ms(),
            output_tail=self._process.heard.tail,
        )

    def _iterate_all(self) -> None:
        firing = firing_of(
            self._order.trigger, self._process, self._plan.time_limit_s + 2 * GRACE_S
        )
        try:
            self._at.stage, self._at.began_s = Stage.ITERATING, monotonic_s()
            due = self._sampled()
            while self._at.ending is None:
                self._iterate(firing)
                if self._at.completed >= due or self._at.asked_s is not None:
                    due = self._sampled()
        finally:
            firing.close()
            self._notes += firing.remarks()

    def _iterate(self, firing: Firing) -> None:
        firing.fire()
        self._until(firing.is_done, firing.poll_s)
        self._at.completed += 1
        self._at.elapsed_s = monotonic_s() - self._at.began_s

    def _until(self, is_done: Callable[[], bool], poll_s: float) -> None:
        """Listen to the program until something is done, and keep the limits meanwhile.

        Raises:
            NotDoneError: if it never will be.
            _OverError: if the program has ended, or a limit has ended the run.
        """
        while not is_done():
            try:
                self._process.listen(poll_s)
            except BrokenPipeError:
                raise NotDoneError(endings.CLOSED_STDIN) from None
            self._look_around()
            if is_done():
                return
            self._require_running()

    def _look_around(self) -> None:
        """Keep the limits, and show how the run stands; not at every turn of a quick program."""
        now = monotonic_s()
        if now - self._limits_s >= _LIMITS_EVERY_S:
            self._limits_s = now
            self._keep_limits()
            self._show()

    def _require_running(self) -> None:
        if self._process.exit_code() is not None:
            self._fail_as_ended()
            raise _OverError

    def _sampled(self) -> int:
        """Take a sample; return after how many iterations the next is due."""
        began_s = monotonic_s()
        self._process.reap()
        look = self._process.tree.read()
        if look is None:
            self._fail_as_ended()
            raise _OverError
        self._at.rss_bytes = look.rss_bytes
        if not self._recorder.instants:
            self._is_python = runs_python(self._process.tree.members())
        self._recorder.add(self._at.completed, epoch_ms(), _reading(look))
        self._at.sampling_s += monotonic_s() - began_s
        if self._at.asked_s is not None:
            return 0
        self._look_around()
        return self._paced()

    def _paced(self) -> int:
        while True:
            step = self._pacer.step(
                self._at.completed,
                self._at.elapsed_s,
                self._measurement,
                sampling_s=self._at.sampling_s,
                samples=len(self._recorder.instants),
            )
            if not step.inspects:  # there are no containers to look at from outside
                self._at.ending = step.ending
                return step.next_sample

    def _keep_limits(self) -> None:
        """Ask for an end, or end the run at once, as the limits say.

        Raises:
            _OverError: if it is over at once.
        """
        self._at.rss_bytes = self._process.tree.rss_bytes() or self._at.rss_bytes
        standing = self._standing()
        ending = limits.limit_reached(self._plan, standing)
        if ending is not None and self._at.asked_s is None:
            self._at.asked_s, self._at.ending = monotonic_s(), ending
        fatal = limits.kill_for(self._plan, standing)
        if fatal is None:
            return
        if fatal is Ending.FAILED:
            self._fail(self._hung())
        if fatal is Ending.MEMORY_LIMIT:
            self._notes.append(endings.outgrown(self._plan, self._when(), standing.growth_bytes))
        self._at.ending = fatal
        raise _OverError

    def _standing(self) -> limits.Standing:
        now, at = monotonic_s(), self._at
        baseline = self._recorder.first(Signal.RSS)
        grown = 0 if baseline is None or at.rss_bytes is None else at.rss_bytes - baseline
        return limits.Standing(
            stage=at.stage,
            in_stage_s=now - at.began_s,
            growth_bytes=grown,
            interrupted=self._interrupted.is_set(),
            since_asked_s=None if at.asked_s is None else now - at.asked_s,
        )

    def _hung(self) -> str:
        trigger = self._order.trigger
        if self._at.stage is Stage.STARTING:
            return endings.never_ready(trigger, limits.preparation_limit_s(self._plan))
        return endings.hung(self._plan, trigger, self._at.completed)

    def _when(self) -> str:
        return endings.when(self._at.stage, self._at.completed)

    def _fail_in_the_end(self, sentence: str) -> None:
        """Say how a program ended, if it did: that is why it did not answer."""
        deadline_s = monotonic_s() + _END_S
        while self._process.exit_code() is None and monotonic_s() < deadline_s:
            self._process.listen(POLL_S)
        if self._process.exit_code() is None:
            self._fail(sentence)
        else:
            self._fail_as_ended()

    def _fail_as_ended(self) -> None:
        self._process.drain()  # its last words
        left = len(self._process.tree.members() - {self._process.pid})
        self._fail(endings.ended(self._process.exit_code() or 0, self._when(), left))

    def _fail(self, sentence: str) -> None:
        self._at.failure = self._at.failure or sentence
        self._at.ending = Ending.FAILED

    def _measurement(self) -> Measurement:
        return Measurement(
            series=self._recorder.series(),
            iterations=self._at.completed,
            ending=self._at.ending or Ending.SURE,
            elapsed_s=self._at.elapsed_s,
            failure=self._at.failure,
            from_outside=FromOutside(is_python=self._is_python),
            notes=tuple(self._notes),
        )

    def _show(self) -> None:
        now = monotonic_s()
        if now - self._shown_s < _SHOW_EVERY_S:
            return
        self._shown_s = now
        self._observe(
            Progress(
                target=self._plan.target,
                phase=self._at.stage.name.lower(),
                iterations=self._at.completed,
                most_iterations=self._plan.iterations,
                elapsed_s=self._at.elapsed_s,
                time_limit_s=self._plan.time_limit_s,
                rss_bytes=self._recorder.values(Signal.RSS),
                provisional=self._pacer.provisional,
            )
        )


def _reading(look: Outside) -> dict[Signal, int]:
    seen = {
        Signal.RSS: look.rss_bytes,
        Signal.DESCRIPTORS: look.descriptors,
        Signal.THREADS: look.threads,
        Signal.CHILDREN: len(look.children),
    }
    return {signal: value for signal, value in seen.items() if value is not None}
