"""The JSON that pytest-benchmark writes, as a run: strict about what is read of it.

Its format is pytest-benchmark's own, from 4 on; what is not needed is not looked at.
"""

import json
from collections.abc import Iterator
from typing import Final

from bench.history.facts import Commit, Figure, Kind, Machine, Metric, Result, Run, digest
from bench.history.reading import amount, kept_text, moment, optional
from leakcheck.model.errors import RecordError
from leakcheck.record.fields import Field

ROUGH_BELOW_S: Final = 1.0
"""Who allows a benchmark less time wants rough figures: they are a series of their own."""
ROUGH: Final = "rough"
IN_EXTRA_INFO: Final = {"peak_bytes": Metric.PEAK, "allocations": Metric.ALLOCATIONS}
"""What a benchmark records of its memory, and where; see bench/memory.py."""
PACKAGES: Final = "packages"
"""Where the versions of packages stand in `machine_info`."""

Members = dict[str, Field]


def run_of(text: str | bytes) -> Run:
    """Return the run that a benchmark file holds.

    Raises:
        RecordError: if the text is no JSON, no benchmark file, or damaged.
    """
    file = Field("benchmark file", _document(text))
    members = _some(file, "machine_info", "commit_info", "benchmarks", "datetime", "version")
    machine_info = _some(members["machine_info"], "system", "machine", "python_version")
    benchmarks = members["benchmarks"].items()
    if not benchmarks:
        members["benchmarks"].refuse("a benchmark or more")
    run = Run(
        source="",
        kind=Kind.BENCHMARK,
        started_at=moment(members["datetime"]),
        commit=_commit(members["commit_info"]),
        machine=_machine(members["machine_info"], machine_info),
        condition=ROUGH if any(map(_is_rough, benchmarks)) else "",
        versions=dict(_versions(members, machine_info)),
        results=_results(benchmarks),
    )
    return _with_source(run)


def _with_source(run: Run) -> Run:
    """Return `run` under a source made of what is kept of it: two files may hold one run."""
    kept = [
        run.started_at.isoformat(),
        None if run.commit is None else [run.commit.id, run.commit.is_dirty],
        run.machine.key,
        sorted((one.subject, one.figures[Metric.TIME].value) for one in run.results),
    ]
    return Run(
        source=f"{Kind.BENCHMARK}:{digest(kept)}",
        kind=run.kind,
        started_at=run.started_at,
        commit=run.commit,
        machine=run.machine,
        condition=run.condition,
        versions=run.versions,
        results=run.results,
    )


def _document(text: str | bytes) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        msg = "found a text nested too deep, wanted a benchmark file"
    except ValueError as error:
        msg = f"found text that is no JSON ({error}), wanted a benchmark file"
    raise RecordError(msg)


def _some(field: Field, *names: str) -> Members:
    """Return the members of an object that must have `names`, and may have others."""
    members = field.members()
    for name in names:
        if name not in members:
            msg = f"{field.name}.{name}: found nothing, wanted a value"
            raise RecordError(msg)
    return members


def _commit(field: Field) -> Commit | None:
    """Return the commit, or None where the folder was in no repository."""
    members = field.members()
    found = optional(members, field, "id")
    if found.value is None or found.value == "unversioned":
        return None
    at, branch = (optional(members, field, name) for name in ("time", "branch"))
    return Commit(
        id=kept_text(found),
        committed_at=at.optional(moment),
        branch=branch.optional(kept_text) or "",
        is_dirty=bool(optional(members, field, "dirty").optional(Field.flag)),
    )


def _machine(field: Field, members: Members) -> Machine:
    """Return the kind of machine: what makes times comparable, without the host's name."""
    cpu = optional(members, field, "cpu")
    cpu_members = {} if cpu.value is None else cpu.members()
    brand = optional(cpu_members, cpu, "brand_raw").optional(kept_text)
    count = optional(cpu_members, cpu, "count").optional(Field.count)
    implementation = optional(members, field, "python_implementation").optional(kept_text)
    python = kept_text(members["python_version"])
    return Machine(
        facts={
            "system": kept_text(members["system"]),
            "machine": kept_text(members["machine"]),
            "cpu": brand or "",
            "cpus": "" if count is None else f"{count} CPUs",
            "python": f"{implementation or 'Python'} {'.'.join(python.split('.')[:2])}",
        }
    )


def _versions(members: Members, machine_info: Members) -> Iterator[tuple[str, str]]:
    yield "python", kept_text(machine_info["python_version"])
    yield "pytest-benchmark", kept_text(members["version"])
    release = machine_info.get("release")
    if release is not None:
        yield "kernel", kept_text(release)
    packages = machine_info.get(PACKAGES)
    for name, version in () if packages is None else packages.members().items():
        yield kept_text(Field(version.name, name)), kept_text(version)


def _is_rough(field: Field) -> bool:
    options = field.members().get("options")
    longest = None if options is None else options.members().get("max_time")
    return longest is not None and amount(longest) < ROUGH_BELOW_S


def _results(benchmarks: tuple[Field, ...]) -> tuple[Result, ...]:
    found: dict[str, Result] = {}
    for one in benchmarks:
        result = _result(one)
        if result.subject in found:
            one.refuse(f"{result.subject} once only")
        found[result.subject] = result
    return tuple(found.values())


def _result(field: Field) -> Result:
    members = _some(field, "fullname", "stats")
    stats = _some(members["stats"], "median", "q1", "q3")
    median, low, high = (amount(stats[name]) for name in ("median", "q1", "q3"))
    figures = {Metric.TIME: Figure(value=median, low=low, high=high)}
    extra = optional(members, field, "extra_info")
    extra_members = {} if extra.value is None else extra.members()
    for name, metric in IN_EXTRA_INFO.items():
        number = optional(extra_members, extra, name).optional(amount)
        if number is not None:
            figures[metric] = Figure(value=number)
    return Result(subject=kept_text(members["fullname"]), figures=figures)
