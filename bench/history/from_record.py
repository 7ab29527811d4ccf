"""A run record as a run of the history: growth, peak and time of its workload, and the verdict."""

from collections.abc import Iterator
from datetime import datetime

from bench.history.facts import Commit, Figure, Kind, Machine, Metric, Result, Run
from bench.history.reading import storable
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import Signal


def source_of_record(record_id: str) -> str:
    """Return the source of the run that the record of this id becomes.

    >>> source_of_record("20261123T120000Z-tick-1a2b3c")
    'record:20261123T120000Z-tick-1a2b3c'
    """
    return f"{Kind.RECORD}:{record_id}"


def run_of(record: RunRecord, commit: Commit | None) -> Run:
    """Return the run that `record` is; a record says nothing of its `commit`."""
    return Run(
        source=source_of_record(record.id),
        kind=Kind.RECORD,
        started_at=datetime.fromisoformat(record.started_at),
        commit=commit,
        machine=_machine(record),
        condition=_condition(record),
        versions={
            "leakcheck": storable(record.leakcheck),
            "python": storable(record.machine.python),
            "memray": storable(record.machine.memray or "none"),
            "libc": storable(record.machine.libc),
            "platform": storable(record.machine.platform),
        },
        results=(Result(subject=storable(record.plan.target), figures=dict(_figures(record))),),
        verdict=str(record.judgement.verdict),
        reason=storable(record.judgement.reason),
    )


def _machine(record: RunRecord) -> Machine:
    """Return the kind of machine: a new kernel or a patch of Python makes none, but is told."""
    machine = record.machine
    release, _, implementation = machine.python.partition(" ")
    parts = machine.platform.partition("-with-")[0].split("-")  # the kernel's release is between
    return Machine(
        facts={
            "system": storable(parts[0]),
            "machine": storable(parts[-1]),
            "cpus": f"{machine.cpu_count} CPUs",
            "memory": f"{machine.memory_bytes / (1 << 30):.0f} GiB",
            "python": storable(
                f"Python {'.'.join(release.split('.')[:2])} {implementation}".strip()
            ),
        }
    )


def _condition(record: RunRecord) -> str:
    exact = ", exact" if record.plan.exact else ""
    return f"{record.plan.profiler}{exact}"


def _figures(record: RunRecord) -> Iterator[tuple[Metric, Figure]]:
    measurement, growth = record.measurement, record.judgement.growth
    if measurement.iterations and measurement.elapsed_s > 0:
        yield Metric.TIME, Figure(value=measurement.elapsed_s / measurement.iterations)
    rss = measurement.series.get(Signal.RSS)
    if rss is not None and rss.values and max(rss.values) >= 0:
        yield Metric.PEAK, Figure(value=float(max(rss.values)))
    if growth is not None:
        yield Metric.GROWTH, Figure(value=growth.estimate, low=growth.low, high=growth.high)
