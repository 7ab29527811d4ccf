"""The figures at the top of a run, and where it took place."""

from collections.abc import Iterator

from leakcheck.model.briefing import Told
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import Signal
from leakcheck.model.units import format_bytes, format_count, format_rate
from leakcheck.model.verdict import Judgement, Verdict
from leakcheck_reports.words import counted, interval_text

Fact = tuple[str, str]


def key_facts(told: Told) -> Iterator[Fact]:
    """Yield what a reader wants to know first, beside the verdict and its reason."""
    judgement, measurement = told.record.judgement, told.record.measurement
    if judgement.growth is not None:
        yield "growth", interval_text(Signal.HEAP, judgement.growth)
    if judgement.diagnosis:
        yield "kind", ", ".join(judgement.diagnosis)
    yield from _explained(told)
    yield "threshold", _thresholds(told.record)
    yield from _detectable(judgement)
    seconds = f"{measurement.elapsed_s:,.1f} s"
    yield "length", f"{counted(measurement.iterations, 'iteration')} in {seconds}"


def place_facts(record: RunRecord) -> Iterator[Fact]:
    """Yield the machine, the versions and the seed: no name of a host or a user."""
    machine = record.machine
    yield "started", record.started_at
    yield "leakcheck", record.leakcheck
    yield "Python", machine.python
    yield "memray", machine.memray or "none"
    yield "C library", machine.libc
    yield "platform", machine.platform
    yield "processors", f"{machine.cpu_count:,}"
    yield "memory", format_bytes(machine.memory_bytes)
    limit = machine.container_limit_bytes
    yield "container's limit", "none" if limit is None else format_bytes(limit)
    yield "profiler", record.plan.profiler
    yield (
        "seed",
        "PYTHONHASHSEED=0 unless set otherwise; a workload's own are not recorded",
    )
    yield "record", record.id


def _explained(told: Told) -> Iterator[Fact]:
    share = told.explanation.share
    if share is None or told.record.judgement.verdict is not Verdict.LEAK:
        return
    number = sum(cause.lines for cause in told.explanation.causes if cause.sites)
    if number:
        yield "explained", f"{100 * share:.0f} % of the growth, by {counted(number, 'line')}"


def _thresholds(record: RunRecord) -> str:
    limits = record.plan.thresholds
    return (
        f"{format_rate(limits.bytes_per_iteration)} an iteration; "
        f"{format_count(limits.counts_per_iteration)} of what is counted"
    )


def _detectable(judgement: Judgement) -> Iterator[Fact]:
    least = judgement.smallest_detectable_bytes_per_iteration
    if least is not None:
        yield "finest", f"growth from {format_rate(least)} an iteration on would have shown"
