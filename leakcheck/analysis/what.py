"""What it is that leaks, where it is not bytes: which descriptors, threads, tasks, cycles."""

from collections.abc import Sequence
from typing import Final

from leakcheck.analysis.lines import line_of
from leakcheck.analysis.task_origins import coroutine_of, said_of
from leakcheck.model.inventory import Group, Inventory
from leakcheck.model.measurement import Measurement
from leakcheck.model.origins import Origins
from leakcheck.model.signals import Signal
from leakcheck.model.task_origin import TaskOrigin
from leakcheck.model.verdict import Diagnosis, Judgement, Verdict

_SIGNALS: Final = {
    Diagnosis.DESCRIPTORS: Signal.DESCRIPTORS,
    Diagnosis.THREADS: Signal.THREADS,
    Diagnosis.TASKS: Signal.TASKS,
}


def what_grows(measurement: Measurement, judgement: Judgement) -> tuple[str, ...]:
    """Return a line for each diagnosis of a LEAK of which the run knows what grew; none else.

    >>> from leakcheck.model.measurement import Ending
    >>> grown = Inventory(threads=(Group(what="work at jobs.py:3", number=40),))
    >>> run = Measurement(series={}, iterations=40, ending=Ending.SURE, inventory=grown)
    >>> leak = Judgement(verdict=Verdict.LEAK, reason="", diagnosis=(Diagnosis.THREADS,))
    >>> what_grows(run, leak)
    ('threads: 40 more: work at jobs.py:3 (40)',)
    """
    inventory = measurement.inventory
    if inventory is None or judgement.verdict is not Verdict.LEAK:
        return ()
    found = ((kind, _groups(inventory, kind)) for kind in judgement.diagnosis)
    return tuple(_line(measurement, kind, groups) for kind, groups in found if groups)


def _groups(inventory: Inventory, kind: Diagnosis) -> tuple[Group, ...]:
    groups = {
        Diagnosis.DESCRIPTORS: inventory.descriptors,
        Diagnosis.THREADS: inventory.threads,
        Diagnosis.TASKS: inventory.tasks,
        Diagnosis.UNCOLLECTED_CYCLES: inventory.cycles,
    }
    return groups.get(kind, ())


def _line(measurement: Measurement, kind: Diagnosis, groups: tuple[Group, ...]) -> str:
    known = sum(group.number for group in groups)
    total = max(known, _grown(measurement, kind))
    parts = [f"{one.what}{_made_at(measurement, kind, one)} ({one.number:,})" for one in groups]
    rest = [f"others ({total - known:,})"] if total > known else []
    return f"{kind}: {total:,} more: {', '.join([*parts, *rest])}"


def _made_at(measurement: Measurement, kind: Diagnosis, group: Group) -> str:
    """Return at which line the tasks or threads of a group were made, where that is known."""
    if kind is Diagnosis.TASKS:
        return _created(measurement.task_origins, group)
    return _started(measurement.origins, group) if kind is Diagnosis.THREADS else ""


def _created(origins: Sequence[TaskOrigin], group: Group) -> str:
    name = coroutine_of(group.what)
    return said_of(next((one for one in origins if one.coroutine == name), None))


def _started(origins: Origins | None, group: Group) -> str:
    for origin in origins.threads if origins else ():
        line = line_of(origin.stack)
        if origin.what == group.what and line is not None:
            return f", started at {line.file}:{line.line} {line.function}()"
    return ""


def _grown(measurement: Measurement, kind: Diagnosis) -> int:
    """Return how many more the samples counted: the groups are only the largest."""
    signal = _SIGNALS.get(kind)
    series = measurement.series.get(signal) if signal else None
    return series.values[-1] - series.values[0] if series and series.values else 0
