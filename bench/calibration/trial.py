"""A trial: a scene run look by look, by the code that paces and judges a real run."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, repeat
from pathlib import Path
from typing import Final

from bench.calibration.scene import Curve, Holder, Scene
from leakcheck.analysis.decision import judge
from leakcheck.model.containers import Census, Container
from leakcheck.model.measurement import Ending, Measurement, Probes
from leakcheck.model.plan import Plan, Thresholds
from leakcheck.model.series import Series
from leakcheck.model.signals import PROVEN_SIGNALS, Signal
from leakcheck.model.sites import Frame, SiteSeries, SiteTable
from leakcheck.model.verdict import Judgement
from leakcheck.run.pacing import Pacer

PACE_S: Final = 50e-6
"""What a simulated iteration takes: one of a cheap workload."""
_MARKS_AN_OCTAVE: Final = 32
_PAGE: Final = 4096
_CHUNK: Final = 16
_AT_REST: Final = {
    Signal.HEAP: 5_000_000,
    Signal.RSS: 20 << 20,
    Signal.GC_OBJECTS: 100,
    Signal.DESCRIPTORS: 9,
    Signal.THREADS: 2,
    Signal.TASKS: 0,
    Signal.CHILDREN: 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a scene is run: as `leakcheck run` with these options would."""

    iterations: int = 20_000
    exact: bool = False
    threshold_bytes: float = 4.0

    @property
    def plan(self) -> Plan:
        """Return the plan of such a run."""
        return Plan(
            target="simulated:scene",
            python=Path("python"),
            iterations=self.iterations,
            exact=self.exact,
            thresholds=Thresholds(bytes_per_iteration=self.threshold_bytes),
        )


class Process:
    """A scene under way: gone through once, sampled where the pacing asks for it."""

    def __init__(self, scene: Scene) -> None:
        self._states = _states(scene)
        self._sizes = [one.size_bytes for one in scene.kept]
        self._points: dict[Signal, list[tuple[int, int]]] = {signal: [] for signal in _AT_REST}
        self._marks: list[tuple[int, tuple[float, ...], int]] = []
        self._holders = scene.holders
        self._entries: tuple[float, ...] = ()
        self._census: Census | None = None
        self._sizes_then: tuple[int, ...] = ()
        self.completed = -1

    def sample_at(self, iteration: int) -> None:
        """Go on until so many iterations are completed and read every signal."""
        state = next(islice(self._states, iteration - self.completed - 1, None))
        self.completed, self._entries = iteration, state.entries
        for signal, level in _AT_REST.items():
            value = level + state.get(signal, 0)
            self._points[signal].append((iteration, value))
        if iteration % max(1, (1 << iteration.bit_length()) // 2 // _MARKS_AN_OCTAVE) == 0:
            self._marks.append((iteration, state.kept, state.noise))

    def measurement(self, ending: Ending) -> Measurement:
        """Return all that was read so far, but for the call sites."""
        return Measurement(
            series={signal: Series.of(signal, one) for signal, one in self._points.items()},
            iterations=self.completed,
            ending=ending,
            probes=Probes(verified=PROVEN_SIGNALS),
            elapsed_s=self.completed * PACE_S,
            census=self._census,
        )

    def inspect(self) -> None:
        """Make a census of the containers, as the child of a real run would."""
        now = tuple(round(number) for number in self._entries)
        before = self._sizes_then or now
        told = zip(self._holders, before, now, strict=True)
        grown = [_container(*one) for one in told if one[2] > one[1]]
        began = self._census.ended if self._census else self.completed
        self._sizes_then = now
        self._census = Census(
            began=began,
            ended=self.completed,
            containers=tuple(sorted(grown, key=lambda one: -one.grown)),
        )

    def table(self) -> SiteTable:
        """Return the call sites: exact at each mark, as no temporary is alive there."""
        sites = tuple(
            SiteSeries(
                stack=(Frame(file="scene.py", line=line + 1, function="keep"),),
                allocator="malloc",
                live_bytes=tuple(round(kept[line] * size) for _, kept, _ in self._marks),
                live_objects=tuple(round(kept[line]) for _, kept, _ in self._marks),
            )
            for line, size in enumerate(self._sizes)
        )
        noise = tuple(noise for _, _, noise in self._marks)
        rest = SiteSeries(stack=(), allocator="", live_bytes=noise, live_objects=(0,) * len(noise))
        return SiteTable(
            marks=tuple(float(mark) for mark, _, _ in self._marks), sites=sites, remainder=rest
        )


def run(scene: Scene, trial: Trial) -> tuple[Judgement, Judgement]:
    """Return what a run of `scene` is judged at its end: by its totals, and with call sites."""
    measurement, thresholds = measured(scene, trial), trial.plan.thresholds
    return judge(replace(measurement, sites=None), thresholds), judge(measurement, thresholds)


def measured(scene: Scene, trial: Trial) -> Measurement:
    """Return all that a run of `scene` reads until it ends."""
    process, pacer, at = Process(scene), Pacer(trial.plan), 0
    process.sample_at(at)
    while True:
        step = pacer.step(at, at * PACE_S, lambda: process.measurement(Ending.ITERATIONS))
        if step.inspects:
            process.inspect()
            continue
        if step.ending is not None:
            return replace(process.measurement(step.ending), sites=process.table())
        at = step.next_sample
        process.sample_at(at)


def _container(holder: Holder, before: int, now: int) -> Container:
    ahead = holder.limit is not None and holder.limit > now
    return Container(
        kind="list",
        held_by=("scene.KEPT",),
        before=before,
        now=now,
        limits=(holder.limit,) if holder.limit is not None and ahead else (),
        shrinks=holder.shrinks,
    )


@dataclass(frozen=True, slots=True)
class _State:
    values: dict[Signal, int]
    kept: tuple[float, ...]
    entries: tuple[float, ...]
    noise: int

    def get(self, signal: Signal, default: int) -> int:
        return self.values.get(signal, default)


def _states(scene: Scene) -> Iterator[_State]:
    """Yield what can be read after each iteration.

    Heap is handed out in chunks. Resident memory follows the highest heap so far in pages:
    malloc keeps what it has, and what fits into it shows in no page.
    """
    still: Curve = repeat(0.0)
    highest = 0.0
    curves = zip(
        _together([one.objects for one in scene.kept]),
        _together([one.entries for one in scene.holders]),
        scene.noise or still,
        scene.rss_wander or still,
        scene.descriptors or still,
        strict=False,
    )
    sizes = [one.size_bytes for one in scene.kept]
    for kept, entries, noise, wander, descriptors in curves:
        objects = [round(number) for number in kept]
        heap = sum(number * size for number, size in zip(objects, sizes, strict=True)) + noise
        highest = max(highest, heap)
        yield _State(
            {
                Signal.HEAP: round(heap / _CHUNK) * _CHUNK,
                Signal.RSS: (int(highest) // _PAGE + int(wander) // _PAGE) * _PAGE,
                Signal.DESCRIPTORS: int(descriptors),
            },
            kept,
            entries,
            round(noise),
        )


def _together(curves: list[Curve]) -> Iterator[tuple[float, ...]]:
    return zip(*curves, strict=False) if curves else repeat(())
