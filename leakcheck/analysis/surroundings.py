"""What else differs between two runs, and what that may do to their numbers."""

from collections.abc import Iterator
from typing import Final

from leakcheck.model.run_record import RunRecord
from leakcheck.model.units import format_bytes, format_count, format_rate

_LONGER: Final = 2
"""So many times the iterations make a difference to what can be seen."""


def surroundings(before: RunRecord, after: RunRecord) -> Iterator[str]:
    """Yield a sentence for each difference that is not the workload's own."""
    old, new = before.machine, after.machine
    for name, a, b in (
        ("Python", old.python, new.python),
        ("memray", old.memray or "none", new.memray or "none"),
        ("the C library", old.libc, new.libc),
        ("the platform", old.platform, new.platform),
    ):
        if a != b:
            yield f"{name} differs: {a} and {b}; objects may differ in size."
    machines = [
        f"{one.cpu_count} processors, {format_bytes(one.memory_bytes)}" for one in (old, new)
    ]
    if machines[0] != machines[1]:
        yield f"The machines differ: {' and '.join(machines)}."
    yield from _lengths(before, after)
    yield from _plans(before, after)


def _lengths(before: RunRecord, after: RunRecord) -> Iterator[str]:
    lengths = [one.measurement.iterations for one in (before, after)]
    if max(lengths) >= _LONGER * max(min(lengths), 1):
        yield (
            f"The lengths differ: {lengths[0]:,} and {lengths[1]:,} iterations; what happens "
            "rarely may show in the longer run only."
        )


def _plans(before: RunRecord, after: RunRecord) -> Iterator[str]:
    old, new = before.plan, after.plan
    if old.target != new.target:
        yield f"The targets differ: {old.target} and {new.target}."
    if old.profiler != new.profiler:
        yield f"The profilers differ: {old.profiler} and {new.profiler}."
    if old.thresholds != new.thresholds:
        limits = [
            f"{format_rate(one.thresholds.bytes_per_iteration)} and "
            f"{format_count(one.thresholds.counts_per_iteration)}"
            for one in (old, new)
        ]
        yield f"The thresholds differ: {', then '.join(limits)}; the lower ones are used here."
    if before.leakcheck != after.leakcheck:
        yield f"leakcheck differs: {before.leakcheck} and {after.leakcheck}."
    if (before.measurement.sites is None) != (after.measurement.sites is None):
        yield "One of the two has no call sites: lines are not compared."
