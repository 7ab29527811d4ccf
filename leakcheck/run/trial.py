"""Trying out a place: a short run of an empty workload, and what it showed."""

import os
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from leakcheck.model.errors import LeakcheckError, UsageError
from leakcheck.model.health import Place, Trial
from leakcheck.model.measurement import Ending, Measurement
from leakcheck.model.plan import Plan, Profiler
from leakcheck.probes.allocator import mapped_allocators, preloaded
from leakcheck.probes.cgroup import container_limit
from leakcheck.probes.machine import machine_memory
from leakcheck.probes.outside import descendants
from leakcheck.run.interpreter import examine
from leakcheck.run.launch import Launch
from leakcheck.run.outcome import Progress

_EMPTY: Final = "os:getpid"
"""A function of no arguments that every interpreter has and that keeps nothing."""
_ITERATIONS: Final = 50
_TIME_LIMIT_S: Final = 10.0


def try_out(python: Path, variables: Mapping[str, str]) -> Place:
    """Return what there is around the interpreter `python` and what can be measured in it.

    `variables` are the environment that a child would start from.

    Raises:
        UsageError: if it is no interpreter, or one that nothing can be measured in.
    """
    interpreter = examine(python, Profiler.NONE)
    complaint = _complaint(python)
    memory = machine_memory()
    return Place(
        interpreter=python,
        python=interpreter.python,
        memray=interpreter.memray,
        memray_complaint=complaint,
        libc=interpreter.libc,
        preloaded=preloaded(variables),
        limit=container_limit(),
        total_bytes=memory.total_bytes,
        available_bytes=memory.available_bytes,
        trial=_trial(python, variables, Profiler.NONE if complaint else Profiler.MEMRAY),
    )


def _complaint(python: Path) -> str | None:
    try:
        examine(python, Profiler.MEMRAY)
    except UsageError as error:
        return str(error)
    return None


@dataclass(slots=True)
class _Watch:
    """What is seen from outside while the child runs; `others` are the children we had before."""

    sees_children: bool = False
    allocators: set[str] = field(default_factory=set)
    others: frozenset[int] = field(default_factory=lambda: frozenset(descendants(os.getpid())))

    def look(self, _: Progress) -> None:
        for pid in set(descendants(os.getpid())) - self.others:
            self.sees_children = True
            self.allocators |= mapped_allocators(pid)


def _trial(python: Path, variables: Mapping[str, str], profiler: Profiler) -> Trial:
    plan = Plan(
        target=_EMPTY,
        python=python,
        iterations=_ITERATIONS,
        exact=True,
        time_limit_s=_TIME_LIMIT_S,
        profiler=profiler,
    )
    watch = _Watch()
    launch = Launch(variables=variables, observe=watch.look, interrupted=threading.Event())
    with tempfile.TemporaryDirectory(prefix="leakcheck-") as folder:
        try:
            measurement = launch.run(plan, lambda _: plan, Path(folder)).measurement
        except LeakcheckError as error:
            return Trial(failure=str(error))
    return Trial(
        probes=measurement.probes,
        read=frozenset(measurement.series),
        sees_children=watch.sees_children,
        allocators=tuple(sorted(watch.allocators)),
        not_recorded=_not_recorded(measurement) if profiler is Profiler.MEMRAY else None,
        failure=_failure(measurement),
    )


def _not_recorded(measurement: Measurement) -> str | None:
    if measurement.capture_stopped is not None:
        return measurement.capture_stopped
    if measurement.sites is None:
        return "; ".join(measurement.notes) or "its capture could not be read"
    return None


def _failure(measurement: Measurement) -> str | None:
    if measurement.ending is Ending.FAILED:
        return measurement.failure or "it failed"
    return None if measurement.ending is Ending.EXACT else f"it ended by its {measurement.ending}"
