"""What the harness itself costs: a sample, a checked iteration, a judgement, the start of a child.

The ratios of a checked iteration are in `extra_info`, each of its CPU to that of the same iteration
in the same prepared environment (every allocation to malloc, no cache a thread) and nothing else in
the process. `ratio_without_profiler` and `ratio_under_memray` are of a run of 10,000 iterations
with its samples, whose number is beside them: a longer run has fewer of them an iteration.
`ratio_default_allocator` is of no harness and Python's own allocator. What counts as the cost of an
iteration is told in bench/workloads/costs.py; reading the capture back is no part of it.
"""

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.checked import PROJECT, run_checked, start_child
from bench.workloads import costs
from leakcheck.analysis.decision import judge
from leakcheck.model.plan import Profiler, Thresholds
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Verdict
from leakcheck.probes import collector
from leakcheck.probes.heap import heap_probe
from leakcheck.probes.outside import OutsideProbe
from leakcheck.run.bridge import bridge
from leakcheck.run.child.channel import Channel
from leakcheck.run.child.sampling import Sampler
from leakcheck.run.child.slots import GO, PAGE_BYTES, SAMPLE, Slot
from leakcheck.run.conversation import Conversation
from leakcheck.run.environment import child_environment
from leakcheck.run.process import ChildProcess
from tests.unit.traces import measured, noise, page_walk

ROUNDS: Final = 2
STARTS: Final = 5
ANSWERS: Final = 4 << 20
LONG_RUN: Final = 80_000
"""As many iterations as give 1,300 samples."""
_BARE: Final = """
import sys
from bench.workloads import costs

for step in getattr(costs, sys.argv[1])():
    for _ in range(costs.ITERATIONS):
        step()
"""


def _channel_that_answers(folder: Path) -> Channel:
    """Return a channel whose answers are already there: what it costs to ask, not to wait.

    Its two descriptors stay open, as it lives as long as its process.
    """
    page, answers = folder / "page", folder / "answers"
    page.write_bytes(bytes(PAGE_BYTES))
    answers.write_bytes(GO * ANSWERS)
    up, down = os.open(os.devnull, os.O_WRONLY), os.open(answers, os.O_RDONLY)
    return Channel(str(page), up, down)


@pytest.mark.parametrize("counts_objects", [False, True], ids=["plain", "counting-objects"])
def bench_sample_in_the_child(
    benchmark: BenchmarkFixture, tmp_path: Path, *, counts_objects: bool
) -> None:
    """Take a sample, as the child does, with all that was there before set aside."""
    channel = _channel_that_answers(tmp_path)
    channel.slots[Slot.READ_OBJECTS] = counts_objects
    sampler = Sampler(channel, heap_probe())
    collector.settle()
    try:
        assert benchmark(sampler.sample)
    finally:
        gc.unfreeze()


def bench_look_from_outside(benchmark: BenchmarkFixture) -> None:
    """Read a process from outside, as the parent does at each sample."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as watched:
        try:
            assert benchmark(OutsideProbe(watched.pid).read) is not None
        finally:
            watched.kill()


@pytest.mark.elsewhere
@pytest.mark.parametrize("workload", ["json_round_trip", "checksum"])
def bench_checked_iterations(
    benchmark: BenchmarkFixture, tmp_path: Path, workload: str, *, is_rough: bool
) -> None:
    """Run a workload under memray; `extra_info` tells what that adds to an iteration's CPU."""
    cost_file = tmp_path / "cost"
    variables = {**os.environ, costs.COST_FILE: str(cost_file)}
    prepared, _ = child_environment(variables)
    target = f"bench.workloads.costs:{workload}"
    found: dict[str, list[float]] = {}

    def note(name: str, run: Callable[[], object]) -> None:
        samples = run()
        found.setdefault(name, []).append(float(cost_file.read_text(encoding="utf-8")))
        if samples is not None:
            benchmark.extra_info[f"samples_{name}"] = samples

    def others() -> None:
        note("default_allocator", lambda: _run_bare(workload, variables))
        note("prepared", lambda: _run_bare(workload, prepared))
        note("without_profiler", lambda: _run_checked(target, variables, None))

    def under_memray() -> None:
        note("under_memray", lambda: _run_checked(target, variables, tmp_path / "capture"))

    # Round by round beside each other, and the least of each: what else a machine does only adds.
    rounds = 1 if is_rough else ROUNDS
    benchmark.pedantic(under_memray, setup=others, rounds=rounds)  # type: ignore[no-untyped-call]
    least = {name: min(values) for name, values in found.items()}
    base_ns = least.pop("prepared")
    benchmark.extra_info["prepared_ns"] = round(base_ns)
    for name, cost_ns in least.items():
        benchmark.extra_info[f"ratio_{name}"] = round(cost_ns / base_ns, 3)


def _run_bare(workload: str, environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", _BARE, workload]
    subprocess.run(command, check=True, env=environment, cwd=PROJECT)  # noqa: S603


def _run_checked(target: str, variables: dict[str, str], capture: Path | None) -> int:
    """Run a workload as a check does, up to the closing of its capture; return the samples."""
    with bridge() as way_in:
        outcome = run_checked(target, way_in, costs.ITERATIONS, variables, capture)
    return len(outcome.measurement.series[Signal.RSS])


def bench_judge(benchmark: BenchmarkFixture) -> None:
    """Judge a long run: 1,300 samples of seven signals, two of which are noisy."""
    curves = {Signal.HEAP: noise(1, 500), Signal.RSS: page_walk(1, LONG_RUN)}
    measurement = measured(LONG_RUN, curves)
    (number,) = {len(series) for series in measurement.series.values()}
    assert number == pytest.approx(1_300, rel=0.05)
    benchmark.extra_info["samples"] = number

    assert benchmark(judge, measurement, Thresholds()).verdict is Verdict.CLEAN


@pytest.mark.parametrize("profiler", Profiler)
def bench_start_of_a_child(benchmark: BenchmarkFixture, tmp_path: Path, profiler: Profiler) -> None:
    """Start a child and have it prove its probes, load and settle, up to the first iteration."""
    capture = tmp_path / "capture" if profiler is Profiler.MEMRAY else None
    started: list[ChildProcess] = []

    def start() -> None:
        child = start_child("bench.workloads.controls:empty", way_in, os.environ, capture)
        started.append(child)
        talk = Conversation(child)
        while (message := talk.next(1.0)) is None or message.kind != SAMPLE:
            if message is not None:
                child.say(GO)
        talk.close()

    with bridge() as way_in:
        benchmark.pedantic(  # type: ignore[no-untyped-call]
            start, teardown=lambda: started.pop().close(), rounds=STARTS, warmup_rounds=1
        )
