"""How a verdict was reached, told from a record: what was run, seen, looked at and held against."""

from collections.abc import Iterator, Sequence
from typing import Final

from leakcheck.model.measurement import Ending, Measurement
from leakcheck.model.plan import MIN_CLEAN_ITERATIONS, Plan
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import Signal
from leakcheck.model.sites import SiteTable
from leakcheck.model.units import format_bytes, format_count, format_rate
from leakcheck.model.verdict import Judgement, Verdict

_ENDINGS: Final = {
    Ending.SURE: "It ended there because the answer was sure",
    Ending.ITERATIONS: "It ended there because more were not allowed",
    Ending.EXACT: "So many were asked for",
    Ending.TIME_LIMIT: "It ended there because its time was up",
    Ending.MEMORY_LIMIT: "It ended there because it had grown by as much as was allowed",
    Ending.CAPTURE_LIMIT: "It ended there because the capture of its allocations was full",
    Ending.INTERRUPTED: "It was interrupted there",
    Ending.FAILED: "It failed there",
}


def account(record: RunRecord) -> tuple[str, ...]:
    """Return how the verdict on a run was reached, in sentences, the verdict in the last one.

    >>> from pathlib import Path
    >>> from leakcheck.model.run_record import Machine
    >>> there = Machine(python="3.11.7", memray=None, libc="", platform="", cpu_count=2,
    ...     memory_bytes=0)
    >>> run = Measurement(series={}, iterations=0, ending=Ending.FAILED, failure="it raised")
    >>> account(RunRecord(id="", started_at="", leakcheck="", measurement=run, machine=there,
    ...     plan=Plan(target="jobs.py:tick", python=Path("python")),
    ...     judgement=Judgement(verdict=Verdict.ERROR, reason="it raised")))[-1]
    'So the verdict is ERROR: it raised.'
    """
    measurement, judgement = record.measurement, record.judgement
    sentences = [_ran(record), *_proved(measurement)]
    if judgement.verdict is not Verdict.ERROR:
        sentences += _looked(judgement)
        sentences += [_limits(record.plan), *_recorded(measurement, judgement), *_left(measurement)]
    return (*sentences, f"So the verdict is {judgement.verdict}: {_stopped(judgement.reason)}")


def _ran(record: RunRecord) -> str:
    measurement, plan = record.measurement, record.plan
    number = measurement.iterations
    times = "iteration" if number == 1 else "iterations"
    seen = measurement.from_outside is not None
    what = (
        "The program was seen from outside, with all that it started; it"
        if seen
        else ("A process of its own")
    )
    return (
        f"{what} ran {number:,} {times} in {measurement.elapsed_s:,.1f} s, of at "
        f"most {plan.iterations:,} and {format_count(plan.time_limit_s)} s. "
        f"{_stopped(_ENDINGS[measurement.ending])}"
    )


def _proved(measurement: Measurement) -> Iterator[str]:
    probes = measurement.probes
    if probes.verified:
        yield (
            "Before the first iteration that process kept and freed something of each kind, and "
            f"every reading had to show it: proved were {', '.join(probes.verified)}."
        )
    if probes.unavailable:
        blind = ", ".join(probes.unavailable)
        yield f"What it kept was not seen by {blind}: CLEAN needs all of them."


def _looked(judgement: Judgement) -> Iterator[str]:
    what = "Heap in use" if Signal.HEAP in judgement.trends else "Resident memory"
    if judgement.warm_up_iterations > 1:
        yield (
            f"{what} had settled after {judgement.warm_up_iterations:,} iterations: until "
            "then it is called the warm-up."
        )
    if judgement.looks:
        times = "iteration" if judgement.looks[-1] == 1 else "iterations"
        yield (
            f"The readings were looked at after {_enumerated(judgement.looks)} {times}. Each "
            "time growth was measured over the newest half, on the lowest reading of each block "
            "of iterations; its interval holds at 99 % for all looks together."
        )


def _limits(plan: Plan) -> str:
    limits = plan.thresholds
    return (
        "LEAK takes growth that is above the threshold even at the lower end of its interval and "
        "does not slow down; CLEAN takes an upper end below the threshold and "
        f"{MIN_CLEAN_ITERATIONS:,} iterations, or all that the time allowed. The threshold was "
        f"{format_rate(limits.bytes_per_iteration)} an iteration, and "
        f"{format_count(limits.counts_per_iteration)} for whatever is counted."
    )


def _recorded(measurement: Measurement, judgement: Judgement) -> Iterator[str]:
    if measurement.capture_stopped is not None:
        yield f"memray stopped recording allocations: {_stopped(measurement.capture_stopped)}"
    elif measurement.sites is None:
        yield "Nothing recorded where memory was allocated: the totals alone decided."
    else:
        yield _sites(measurement.sites, judgement)


def _sites(table: SiteTable, judgement: Judgement) -> str:
    times = f"at {len(table.marks):,} points of the run"
    grow = len(judgement.sites)
    found = f"Said to grow: {grow:,}" if grow else "None is said to grow"
    number = len(table.sites)
    followed = "one call site was" if number == 1 else f"{number:,} call sites were"
    return (
        f"memray recorded every allocation, and {followed} followed: what each keeps alive was "
        f"counted {times}. {found}."
    )


def _left(measurement: Measurement) -> Iterator[str]:
    idle = measurement.idle
    given = idle.drained.get(Signal.HEAP, 0) if idle else 0
    if idle and given > 0:
        yield (
            f"Left idle for {idle.seconds:.1f} s at the end, the process gave back "
            f"{format_bytes(given)} of heap in use."
        )
    if not measurement.gc_enabled:
        yield "The workload has Python's garbage collector switched off."


def _enumerated(numbers: Sequence[int]) -> str:
    """Return numbers as a sentence has them.

    >>> _enumerated([500, 1000, 2400])
    '500, 1,000 and 2,400'
    """
    *first, last = (f"{number:,}" for number in numbers)
    return f"{', '.join(first)} and {last}" if first else last


def _stopped(sentence: str) -> str:
    """Return a sentence with its full stop."""
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
