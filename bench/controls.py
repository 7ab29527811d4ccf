"""The controls: the checker is checked on workloads whose verdict is known.

`python -m bench.controls` runs them all, compares each with its expected verdict, line and
brute-force rate, and exits with 1 when one of them is not as expected.
"""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import brute_force
from bench.workloads import controls as workloads
from leakcheck.check import Checked, Settings, check
from leakcheck.model.options import Options
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Diagnosis, Verdict

MODULE: Final = "bench.workloads.controls"
MOST_RATE_ERROR: Final = 0.05
MOST_EMPTY_GROWTH: Final = 0.05
EMPTY_ITERATIONS: Final = 100_000
JOBS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A workload of bench/workloads/controls.py and what must be said of it.

    `rate_of` is the signal whose rate is compared with the brute-force count; `has_line` is
    whether memray can see the allocation.
    """

    name: str
    verdict: Verdict = Verdict.LEAK
    rate_of: Signal = Signal.HEAP
    diagnosis: Diagnosis | None = None
    has_line: bool = True
    counted_iterations: int = brute_force.ITERATIONS

    @property
    def target(self) -> str:
        """Return the target as the command line has it."""
        return f"{MODULE}:{self.name}"


CONTROLS: Final = (
    Control(name="empty", verdict=Verdict.CLEAN, has_line=False),
    Control(name="leak_16", diagnosis=Diagnosis.PYTHON_OBJECTS),
    Control(name="leak_64", diagnosis=Diagnosis.PYTHON_OBJECTS),
    Control(name="leak_1024", diagnosis=Diagnosis.PYTHON_OBJECTS),
    Control(
        name="leak_descriptor",
        rate_of=Signal.DESCRIPTORS,
        diagnosis=Diagnosis.DESCRIPTORS,
        counted_iterations=2_000,  # many machines allow a process 4,096 at most
    ),
    Control(name="leak_task", rate_of=Signal.TASKS, diagnosis=Diagnosis.TASKS),
    Control(name="leak_strdup"),
    Control(name="leak_malloc", diagnosis=Diagnosis.NATIVE_HEAP, has_line=False),
)


def problems(control: Control, checked: Checked, counted: dict[str, float]) -> Iterator[str]:
    """Yield what is not as it must be, a sentence each."""
    judgement = checked.record.judgement
    if judgement.verdict is not control.verdict:
        yield f"found {judgement.verdict} ({judgement.reason}), wanted {control.verdict}"
        return
    if control.diagnosis is not None and control.diagnosis not in judgement.diagnosis:
        found = ", ".join(judgement.diagnosis) or "no diagnosis"
        yield f"found {found}, wanted {control.diagnosis}"
    rate, real = measured_rate(control, checked), counted[control.rate_of]
    if control.verdict is Verdict.CLEAN:
        if abs(rate) > MOST_EMPTY_GROWTH:
            yield f"found {rate:.3f} B an iteration, wanted 0 within {MOST_EMPTY_GROWTH} B"
    elif abs(rate - real) > MOST_RATE_ERROR * real:
        yield f"found a rate of {rate:.3f}, wanted {real:.3f} within {MOST_RATE_ERROR:.0%}"
    if blamed(checked, control) is not control.has_line:
        found = "its line" if not control.has_line else "another line or none"
        yield f"found {found} first, wanted {'its line' if control.has_line else 'none'}"


def measured_rate(control: Control, checked: Checked) -> float:
    """Return the growth an iteration that was measured for the control's signal."""
    return checked.record.judgement.trends[control.rate_of].growth.estimate


def blamed(checked: Checked, control: Control) -> bool:
    """Return whether the first call site's stack goes through the control's own function."""
    sites = checked.record.judgement.sites
    return bool(sites) and any(
        frame.function == control.name and frame.file == workloads.__file__
        for frame in sites[0].stack
    )


def run(out: Path) -> bool:
    """Run all controls, print a line each, and return whether all are as expected."""
    print(f"{len(CONTROLS)} controls, the rates beside brute-force counts over 20,000 iterations")
    empty, leaks = CONTROLS[0], CONTROLS[1:]
    exact = Settings(out=out, commanded=Options(exact_iterations=EMPTY_ITERATIONS))
    found = check([empty.target], exact)
    found += check([leak.target for leak in leaks], Settings(out=out, jobs=JOBS))
    good = True
    for control, checked in zip(CONTROLS, found, strict=True):
        counted = brute_force.count(control.target, control.counted_iterations)
        wrong = list(problems(control, checked, counted))
        good = good and not wrong
        verdict, iterations = checked.record.judgement.verdict, checked.record.judgement.iterations
        rates = f"{measured_rate(control, checked):10.3f} {counted[control.rate_of]:10.3f}"
        word = "as expected" if not wrong else "; ".join(wrong)
        print(
            f"{control.name:<16} {verdict:<6} {control.rate_of:<12}{rates} {iterations:>8,}  {word}"
        )
    print("all as expected" if good else "NOT as expected")
    return good


def main() -> int:
    """Return 0 when every control is as expected, else 1."""
    with tempfile.TemporaryDirectory(prefix="leakcheck-controls-") as folder:
        return 0 if run(Path(folder)) else 1


if __name__ == "__main__":
    sys.exit(main())
