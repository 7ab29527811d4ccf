"""The checker is checked: known leaks are found at their line, and nothing is found in nothing.

Each of these fails when the harness goes blind or sees ghosts; `nox -s controls` runs the
same workloads for longer and against brute-force counts.
"""

import inspect
from pathlib import Path

import pytest

from bench.controls import CONTROLS, MODULE, blamed, measured_rate, problems
from bench.workloads import controls as workloads
from leakcheck.check import Checked, Settings, check
from leakcheck.model.options import Options
from leakcheck.model.plan import Profiler
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Verdict

ITERATIONS = 2_400
PATIENCE_S = 900
"""What ends these runs is their number of iterations, however busy the machine is."""
FEW_CHUNKS = 256
"""Bytes: what a run without any growth may differ by between two readings of the heap."""
A_STRAY_BLOCK = 4_096
"""Bytes: what the interpreter may take once for itself in the later half of a run."""
BY_NAME = {control.name: control for control in CONTROLS}
LEAKS = [name for name in BY_NAME if name.startswith("leak_")]
WITH_LINE = [name for name in LEAKS if BY_NAME[name].has_line]
SIZES = {"leak_16": 16, "leak_64": 64, "leak_1024": 1024}
CODEC = """
import json
DOCUMENT = {"name": "x" * 50, "numbers": list(range(50)), "more": [{"a": None}] * 10}
def tick():
    json.loads(json.dumps(DOCUMENT))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Checked]:
    """Return every control, run for 2,400 iterations."""
    exact = Settings(
        out=tmp_path_factory.mktemp("controls"),
        jobs=2,
        commanded=Options(exact_iterations=ITERATIONS, time_limit_s=PATIENCE_S),
    )
    all_of = check([control.target for control in CONTROLS], exact)
    return {one.record.plan.target.removeprefix(f"{MODULE}:"): one for one in all_of}


def growth(checked: Checked, signal: Signal) -> float:
    """Return the plain growth an iteration over the later half of the run."""
    series = checked.record.measurement.series[signal]
    middle = len(series) - 1 - sum(n > ITERATIONS // 2 for n in series.iterations)
    risen = series.values[-1] - series.values[middle]
    return risen / (series.iterations[-1] - series.iterations[middle])


@pytest.mark.parametrize("name", LEAKS)
def test_a_known_leak_is_found(found: dict[str, Checked], name: str) -> None:
    judgement = found[name].record.judgement

    assert judgement.verdict is Verdict.LEAK, judgement.reason
    assert judgement.iterations == ITERATIONS
    assert BY_NAME[name].diagnosis in (None, *judgement.diagnosis)


@pytest.mark.parametrize("name", WITH_LINE)
def test_a_known_leak_is_found_at_its_line(found: dict[str, Checked], name: str) -> None:
    lines, first = inspect.getsourcelines(getattr(workloads, name))
    (frame, *_) = [
        frame
        for frame in found[name].record.judgement.sites[0].stack
        if frame.file == workloads.__file__
    ]

    assert blamed(found[name], BY_NAME[name])
    assert frame.line == first + len(lines) - 1


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_the_rate_is_that_of_the_object_with_all_it_costs(
    found: dict[str, Checked], name: str, size: int
) -> None:
    rate = measured_rate(BY_NAME[name], found[name])

    assert size + 33 <= rate <= size + 33 + 16 + 16  # its header, its chunk, its slot in the list
    assert rate == pytest.approx(growth(found[name], Signal.HEAP), rel=0.05)


def test_one_object_an_iteration_is_counted_as_one(found: dict[str, Checked]) -> None:
    site = found["leak_64"].record.judgement.sites[0]

    assert site.objects_per_iteration == pytest.approx(1, rel=0.02)


@pytest.mark.parametrize(
    ("name", "signal"), [("leak_descriptor", Signal.DESCRIPTORS), ("leak_task", Signal.TASKS)]
)
def test_counts_are_exact(found: dict[str, Checked], name: str, signal: Signal) -> None:
    series = found[name].record.measurement.series[signal]

    assert series.values[-1] - series.values[0] == ITERATIONS


def test_nothing_is_found_in_nothing(found: dict[str, Checked]) -> None:
    record = found["empty"].record

    assert record.judgement.verdict is Verdict.CLEAN, record.judgement.reason
    assert record.judgement.sites == ()
    assert abs(growth(found["empty"], Signal.HEAP)) < FEW_CHUNKS / ITERATIONS


def test_a_control_that_is_not_as_expected_is_told(found: dict[str, Checked]) -> None:
    """A control that cannot fail would prove nothing."""
    counted = {
        str(signal): measured_rate(BY_NAME["leak_64"], found["leak_64"]) for signal in Signal
    }
    doubled = {signal: 2 * rate for signal, rate in counted.items()}

    assert list(problems(BY_NAME["leak_64"], found["leak_64"], counted)) == []
    assert "found a rate" in next(problems(BY_NAME["leak_64"], found["leak_64"], doubled))
    assert "wanted CLEAN" in next(problems(BY_NAME["empty"], found["leak_64"], counted))
    assert "wanted LEAK" in next(problems(BY_NAME["leak_64"], found["empty"], counted))


@pytest.mark.parametrize("profiler", Profiler)
def test_memray_adds_nothing_to_the_heap_of_what_it_watches(
    tmp_path: Path, profiler: Profiler
) -> None:
    file = tmp_path / "codec.py"
    file.write_text(CODEC, encoding="utf-8")
    options = Options(exact_iterations=ITERATIONS, profiler=profiler, time_limit_s=PATIENCE_S)
    (one,) = check([f"{file}:tick"], Settings(out=tmp_path / "out", commanded=options))

    assert one.record.judgement.verdict is not Verdict.LEAK, one.record.judgement.reason
    assert one.record.judgement.sites == ()
    assert abs(growth(one, Signal.HEAP)) < A_STRAY_BLOCK / (ITERATIONS / 2)
