"""Supervising one child from its start to its end: sampling it, limiting it, ending it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from leakcheck.analysis.decision import judge, seems_to_grow
from leakcheck.model.containers import Census
from leakcheck.model.errors import DeclinedError, TargetError
from leakcheck.model.inventory import Inventory
from leakcheck.model.measurement import Ending, Idle, Measurement
from leakcheck.model.origins import Origins
from leakcheck.model.plan import Plan, Profiler
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Verdict
from leakcheck.probes.outside import OutsideProbe
from leakcheck.probes.waiting import WaitingProbe
from leakcheck.run import endings, limits
from leakcheck.run.census import read_census
from leakcheck.run.child.slots import (
    CENSUS,
    FAILED,
    FINISHED,
    GO,
    INSPECT,
    LOADED,
    PROVING,
    QUIT,
    SAMPLE,
    Slot,
    Stage,
)
from leakcheck.run.conversation import ChildEndedError, Conversation, Message
from leakcheck.run.inventory import read_inventory
from leakcheck.run.origins import read_origins
from leakcheck.run.outcome import Outcome, Progress
from leakcheck.run.own_time import OwnTime
from leakcheck.run.pacing import Pacer
from leakcheck.run.process import ChildProcess, epoch_ms, monotonic_s
from leakcheck.run.proving import prove
from leakcheck.run.recorder import Recorder, reading
from leakcheck.run.surroundings import Surroundings

_POLL_S: Final = 0.05
_SHOW_EVERY_S: Final = 0.1
_END_S: Final = 2.0
IDLE_S: Final = 1.5
"""How long a leaking process is left alone at the end: a backlog drains by the second."""


class Supervisor:
    """One run of one child; `run` is to be called once."""

    def __init__(self, plan: Plan, child: ChildProcess, around: Surroundings) -> None:
        self._plan = plan
        self._child = child
        self._slots = child.slots
        self._around = around
        self._talk = Conversation(child)
        self._outside = OutsideProbe(child.pid, whole_tree=around.whole_tree)
        self._recorder = Recorder()
        self._pacer = Pacer(plan)
        self._proofs: list[dict[Signal, int]] = []
        self._stage = Stage.STARTING
        self._own_time = OwnTime(WaitingProbe(child.pid), monotonic_s())
        self._elapsed_s = 0.0
        self._shown_s = 0.0
        self._rss_bytes: int | None = None
        self._asked_s: float | None = None
        self._complained_s: float | None = None
        self._ending: Ending | None = None
        self._failure: str | None = None
        self._traceback: tuple[str, ...] = ()
        self._collectable_bytes = 0
        self._census: Census | None = None
        self._idle: Idle | None = None
        self._inventory: Inventory | None = None
        self._origins: Origins | None = None
        self._remarks: tuple[str, ...] = ()
        self._before_pause: dict[Signal, int] = {}
        self._notes: list[str] = []
        self._finished_ms: int | None = None
        self._answers: dict[bytes, Callable[[Message], None]] = {
            PROVING: self._on_proving,
            LOADED: self._on_loaded,
            SAMPLE: self._on_sample,
            CENSUS: self._on_census,
            FAILED: self._on_failed,
            FINISHED: self._on_finished,
        }

    def run(self) -> Outcome:
        """Return the outcome, once the child and all that it started have ended.

        Raises:
            TargetError: if the workload could not be loaded: then nothing was measured.
        """
        try:
            while self._failure is None and self._finished_ms is None and self._turn():
                pass
            self._let_go()
        except ChildEndedError:
            self._explain_end()
        finally:
            outcome = self._outcome()
            self._talk.close()
            self._child.close()
        return outcome

    def _turn(self) -> bool:
        """Hear the child or watch it; return whether the run goes on."""
        message = self._talk.next(_POLL_S)
        self._note_stage()
        if message is not None:
            self._answer(message)
        else:
            self._rss_bytes = self._outside.rss_bytes() or self._rss_bytes
        self._own_time.end_turn(is_answered=message is not None)
        self._show()
        self._heed_complaint()
        return self._keep_limits() and not (self._around.only_load and self._ending)

    def _heed_complaint(self) -> None:
        """Fail a child that does not say itself what it was told, since it is busy with itself."""
        complaint = self._around.complaint()
        if not complaint:
            return
        now = monotonic_s()
        self._complained_s = self._complained_s or now
        if now - self._complained_s > _END_S:
            self._fail(complaint)

    def _answer(self, message: Message) -> None:
        answer = self._answers.get(message.kind)
        if answer is None:
            self._fail(endings.GARBLED)
        else:
            answer(message)

    def _note_stage(self) -> None:
        stage = Stage(self._slots[Slot.STAGE])
        if stage is not self._stage:
            self._stage = stage
            self._own_time.restart(monotonic_s())
        if stage is Stage.ITERATING:
            self._elapsed_s = self._own_time.seconds(monotonic_s())

    def _on_proving(self, _: Message) -> None:
        self._proofs.append(self._read())
        self._child.say(GO)

    def _on_loaded(self, message: Message) -> None:
        self._plan = self._around.refine(message.content["options"])
        if self._around.only_load:
            self._ending = Ending.SURE
            return
        self._pacer = Pacer(self._plan)
        self._slots[Slot.READ_OBJECTS] = 1
        self._child.say(GO)

    def _on_sample(self, _: Message) -> None:
        self._recorder.add(self._slots[Slot.ITERATIONS], epoch_ms(), self._read())
        if self._slots[Slot.STOP]:
            self._quit()
            return
        self._go_on()

    def _on_sample_before_pause(self, _: Message) -> None:
        self._before_pause = self._read()
        self._slots[Slot.IDLE_MS] = int(1000 * IDLE_S)
        self._answers[SAMPLE] = self._on_sample_after_pause
        self._child.say(GO)

    def _on_sample_after_pause(self, _: Message) -> None:
        before, after = self._before_pause, self._read()
        drained = {signal: before[signal] - after[signal] for signal in before if signal in after}
        self._idle = Idle(seconds=IDLE_S, drained=drained)
        self._quit()

    def _quit(self) -> None:
        """Have the child finish; with a census where something grows and there was none.

        Then the last sample has been taken: whatever a census costs, it is not measured.
        """
        found = judge(self._measurement(), self._plan.thresholds)
        grows = seems_to_grow(found, self._plan.thresholds)
        is_waited_for = not self._around.interrupted.is_set()
        self._slots[Slot.LAST_CENSUS] = grows and self._census is None and is_waited_for
        self._child.say(QUIT)

    def _on_census(self, message: Message) -> None:
        completed = self._slots[Slot.ITERATIONS]
        began = self._census.ended if self._census else completed
        self._note_census(message.content, began)
        self._go_on()

    def _note_census(self, content: Mapping[str, Any], began: int) -> None:
        self._census = read_census(content, began, self._slots[Slot.ITERATIONS])
        if self._census is None and content["remark"] not in ("", *self._notes):
            self._notes.append(content["remark"])

    def _go_on(self) -> None:
        """Have the child make a census, go on to the next sample, or end."""
        completed = self._slots[Slot.ITERATIONS]
        step = self._pacer.step(
            completed,
            self._elapsed_s,
            self._measurement,
            sampling_s=self._slots[Slot.SAMPLING_NS] / 1e9 * self._own_time.share(monotonic_s()),
            samples=len(self._recorder.instants),
        )
        if step.inspects:
            self._child.say(INSPECT)
            return
        if step.ending is not None:
            self._ending = step.ending
            self._pause() if self._may_drain() else self._quit()
            return
        self._slots[Slot.NEXT_SAMPLE] = step.next_sample
        self._slots[Slot.READ_OBJECTS] = self._recorder.wants_objects()
        self._slots[Slot.WATCH] |= self._recorder.piles_up()
        self._child.say(GO)

    def _may_drain(self) -> bool:
        """Return whether something leaks that threads or an event loop may yet give back."""
        judgement = self._pacer.provisional
        own = 1 + (self._plan.profiler is Profiler.MEMRAY)
        threads = self._recorder.last(Signal.THREADS) or 0
        is_busy = threads > own or self._slots[Slot.HAS_LOOP]
        return judgement is not None and judgement.verdict is Verdict.LEAK and bool(is_busy)

    def _pause(self) -> None:
        self._slots[Slot.IDLE_MS] = 1
        self._answers[SAMPLE] = self._on_sample_before_pause
        self._child.say(GO)

    def _on_failed(self, message: Message) -> None:
        content = message.content
        self._traceback = tuple(content["traceback"])
        if content["word"]:
            raise DeclinedError(self._plan.target, word=content["word"], reason=content["text"])
        if content["stage"] == Stage.LOADING.name:
            raise TargetError(endings.cannot_load(self._plan.target, content))
        self._fail(endings.raised(content, self._slots))

    def _on_finished(self, message: Message) -> None:
        self._collectable_bytes = message.content["collectable_bytes"]
        self._inventory, self._remarks = read_inventory(message.content)
        self._origins = read_origins(message.content)
        if message.content["census"] is not None:
            self._note_census(message.content["census"], self._slots[Slot.ITERATIONS])
        self._finished_ms = epoch_ms()

    def _read(self) -> dict[Signal, int]:
        outside = self._outside.read()
        if outside is None:
            raise ChildEndedError
        self._rss_bytes = outside.rss_bytes
        self._child.remember(outside.children)
        if self._around.whole_tree and outside.rss_bytes is not None:
            completed = self._slots[Slot.ITERATIONS]
            self._recorder.note_below(completed, outside.rss_bytes, outside.below_bytes)
        return reading(self._slots, outside)

    def _keep_limits(self) -> bool:
        standing = self._standing()
        ending = limits.limit_reached(self._plan, standing)
        if ending is not None and self._asked_s is None:
            self._asked_s = monotonic_s()
            self._ending = self._ending or ending
            self._slots[Slot.STOP] = 1
            if ending is Ending.TIME_LIMIT and self._own_time.is_stretched(self._asked_s):
                self._notes.append(endings.stretched(self._plan))
        fatal = limits.kill_for(self._plan, standing)
        if fatal is None:
            return True
        if fatal is Ending.FAILED:
            self._fail(self._hung_sentence())
        if fatal is Ending.MEMORY_LIMIT:
            self._notes.append(endings.outgrown(self._plan, self._slots, standing.growth_bytes))
        self._ending = fatal
        return False

    def _standing(self) -> limits.Standing:
        now = monotonic_s()
        baseline = self._recorder.first(Signal.RSS)
        grown = 0 if baseline is None or self._rss_bytes is None else self._rss_bytes - baseline
        return limits.Standing(
            stage=self._stage,
            in_stage_s=self._own_time.seconds(now),
            growth_bytes=grown,
            capture_bytes=self._around.capture_bytes(),
            capture_limit_bytes=self._around.capture_limit_bytes,
            interrupted=self._around.interrupted.is_set(),
            since_asked_s=None if self._asked_s is None else now - self._asked_s,
        )

    def _hung_sentence(self) -> str:
        if self._stage is Stage.ITERATING:
            return endings.hung(self._plan, self._slots)
        sentence = endings.never_ready(self._slots, limits.preparation_limit_s(self._plan))
        if self._stage is Stage.LOADING:
            msg = f"{self._plan.target}: {sentence}"
            raise TargetError(msg)
        return sentence

    def _let_go(self) -> None:
        """Wait for the tear-down of a child that has finished its iterations."""
        if self._finished_ms is None:
            return
        self._note_stage()
        deadline_s = monotonic_s() + limits.TEAR_DOWN_LIMIT_S
        try:
            while monotonic_s() < deadline_s and not self._around.interrupted.is_set():
                message = self._talk.next(_POLL_S)
                if message is not None and message.kind == FAILED:
                    content = message.content
                    self._traceback = tuple(content["traceback"]) or (content["text"],)
                    self._notes.append(endings.raised(message.content, self._slots))
        except ChildEndedError:
            if self._child.exit_code() and not self._notes:
                self._notes.append(self._vanished())
            return
        self._notes.append(
            f"the tear-down was still running after {limits.TEAR_DOWN_LIMIT_S:g} s: killed"
        )

    def _explain_end(self) -> None:
        if self._stage in (Stage.STARTING, Stage.LOADING):
            tail = self._talk.output_tail.strip().splitlines()
            said = f": {tail[-1]}" if tail else ""
            doing = endings.when(self._slots)
            msg = f"{self._plan.target}: its process ended {doing}{said}"
            raise TargetError(msg)
        self._fail(self._vanished())

    def _vanished(self) -> str:
        code = self._child.await_exit_code(_END_S)
        if code is None:
            return f"could not be read any more {endings.when(self._slots)}, and was killed"
        return endings.vanished(
            self._plan, self._slots, code, self._rss_bytes, self._talk.output_tail
        )

    def _fail(self, sentence: str) -> None:
        self._failure = self._failure or sentence
        self._ending = Ending.FAILED

    def _measurement(self) -> Measurement:
        slots = self._slots
        changed = slots[Slot.PROFILER_CHANGED]
        below = self._recorder.told_below()
        lost = ("the workload set a profiler of its own: call sites are lost",) if changed else ()
        return Measurement(
            series=self._recorder.series(),
            iterations=slots[Slot.ITERATIONS],
            ending=self._ending or Ending.SURE,
            probes=prove(self._proofs),
            elapsed_s=self._elapsed_s,
            gc_enabled=bool(slots[Slot.GC_ENABLED]),
            collectable_bytes=self._collectable_bytes,
            failure=self._failure,
            census=self._census,
            idle=self._idle,
            inventory=self._inventory,
            origins=self._origins,
            notes=(*self._notes, *self._remarks, *lost, *([below] if below else ())),
        )

    def _outcome(self) -> Outcome:
        return Outcome(
            plan=self._plan,
            measurement=self._measurement(),
            instants=tuple(self._recorder.instants),
            finished_ms=self._finished_ms,
            traceback=self._traceback,
            output_tail=self._talk.output_tail,
        )

    def _show(self) -> None:
        now = monotonic_s()
        if now - self._shown_s < _SHOW_EVERY_S:
            return
        self._shown_s = now
        self._around.observe(
            Progress(
                target=self._plan.target,
                phase=self._stage.name.lower().replace("_", " "),
                iterations=self._slots[Slot.ITERATIONS],
                most_iterations=self._plan.iterations,
                elapsed_s=self._elapsed_s,
                time_limit_s=self._plan.time_limit_s,
                rss_bytes=self._recorder.values(Signal.RSS),
                provisional=self._pacer.provisional,
            )
        )
