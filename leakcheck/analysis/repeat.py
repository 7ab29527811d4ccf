"""The command that runs a workload again as a record has it."""

import shlex
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from leakcheck.analysis.masking import masked
from leakcheck.analysis.places import shown_file
from leakcheck.model.plan import (
    DEFAULT_COUNT_THRESHOLD,
    DEFAULT_ITERATIONS,
    DEFAULT_PROGRAM_THRESHOLD_BYTES,
    DEFAULT_THRESHOLD_BYTES,
    DEFAULT_TIME_LIMIT_S,
    Plan,
    Profiler,
)
from leakcheck.model.route import route_of
from leakcheck.model.units import written_size

_MOST_MEMORY_BYTES: Final = 2 << 30
_ROUND_BYTES: Final = (1 << 20, 1_000_000)


def repeat_command(plan: Plan, *, project: PurePath | None, own_python: PurePath | None) -> str:
    """Return the command line for a shell that stands in `project`, without secrets.

    Only what differs from the defaults is in it; of a program, what its record has of its
    words. `own_python` runs leakcheck itself, and is
    where a workload runs by default; None where that is not known.

    >>> plan = Plan(target="jobs.py:tick", python=PurePath("/app/.venv/bin/python"),
    ...     iterations=4000, exact=True)
    >>> repeat_command(plan, project=PurePath("/app"), own_python=None)
    'leakcheck run jobs.py:tick --exact-iterations 4000 --python .venv/bin/python'
    """
    if plan.program:
        return shlex.join(["leakcheck", "exec", *_length(plan), *_limits(plan), *plan.program])
    options = [*_length(plan), *_limits(plan)]
    if plan.python != own_python:
        options += ["--python", *masked([_runnable(_seen_from(project, str(plan.python)))])]
    return shlex.join(["leakcheck", *_what(plan.target, project), *options])


def _what(target: str, project: PurePath | None) -> tuple[str, ...]:
    """Return command and target; of a route what the target says of it, which has no secrets."""
    route = route_of(target)
    if route is None:
        return ("run", *masked([_seen_from(project, target)]))
    application = _seen_from(project, route.application)
    return (str(route.protocol), *masked([application]), "--request", route.request)


def _length(plan: Plan) -> Iterator[str]:
    if plan.exact:
        yield from ("--exact-iterations", str(plan.iterations))
    elif plan.iterations != DEFAULT_ITERATIONS:
        yield from ("--iterations", str(plan.iterations))
    if plan.time_limit_s != DEFAULT_TIME_LIMIT_S:
        yield from ("--time-limit", _number(plan.time_limit_s))
    if _is_chosen(plan.memory_limit_bytes):
        yield from ("--memory-limit", written_size(plan.memory_limit_bytes))


def _limits(plan: Plan) -> Iterator[str]:
    limits = plan.thresholds
    usual = DEFAULT_PROGRAM_THRESHOLD_BYTES if plan.program else DEFAULT_THRESHOLD_BYTES
    if limits.bytes_per_iteration != usual:
        yield from ("--threshold", written_size(limits.bytes_per_iteration))
    if limits.counts_per_iteration != DEFAULT_COUNT_THRESHOLD:
        yield from ("--count-threshold", _number(limits.counts_per_iteration))
    if plan.profiler is not Profiler.MEMRAY and not plan.program:
        yield from ("--profiler", str(plan.profiler))
    if plan.keep_capture:
        yield "--keep-capture"
    if plan.native:
        yield "--native"


def _is_chosen(memory_limit_bytes: int) -> bool:
    """Return whether somebody chose this limit: by default it is a part of what was free.

    That is never a round number, but for the most that it can be.
    """
    is_round = any(memory_limit_bytes % factor == 0 for factor in _ROUND_BYTES)
    return is_round and memory_limit_bytes != _MOST_MEMORY_BYTES


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")  # a mark may give a whole number, which has no .0


def _seen_from(project: PurePath | None, file: str) -> str:
    return file if project is None else shown_file(file, project)


def _runnable(file: str) -> str:
    """Return a program that a shell would not look for on PATH."""
    return file if "/" in file else f"./{file}"
