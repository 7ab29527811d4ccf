"""The command that runs a workload again: what the shell reads back is the plan of the record."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.analysis.explanation import explain_record
from leakcheck.analysis.repeat import repeat_command
from leakcheck.cli.arguments import parse
from leakcheck.cli.running import Command
from leakcheck.model.explanation import Explanation
from leakcheck.model.plan import Plan, Profiler, Thresholds
from leakcheck.model.units import parse_size, written_size
from leakcheck.model.verdict import Verdict
from tests.unit.records import leak_record

HERE = Path.cwd()
TARGETS = ("jobs.py:tick", "shop.jobs:tick", "a folder/jobs.py:tick", "it's/jobs.py:tick")
positive = st.floats(min_value=1e-6, max_value=1e12)
chosen = st.integers(1, 1 << 20).map(lambda mib: mib << 20) | st.integers(1, 1 << 20).map(
    lambda mb: mb * 1_000_000
)
plans = st.builds(
    Plan,
    target=st.sampled_from(TARGETS),
    python=st.sampled_from([HERE / "a b/bin/python", HERE / "python", Path("/usr/bin/python3")]),
    iterations=st.integers(1, 1 << 40),
    exact=st.booleans(),
    time_limit_s=positive,
    memory_limit_bytes=st.just(2 << 30) | chosen,
    thresholds=st.builds(Thresholds, bytes_per_iteration=positive, counts_per_iteration=positive),
    profiler=st.sampled_from(Profiler),
    keep_capture=st.booleans(),
)


@given(plan=plans, known=st.booleans())
def test_what_is_repeated_is_the_same_plan(plan: Plan, *, known: bool) -> None:
    said = repeat_command(plan, project=HERE, own_python=plan.python if known else None)
    program, *words = shlex.split(said)
    command = parse(words).command

    assert program == "leakcheck"
    assert isinstance(command, Command)
    (target,) = command.targets
    python = plan.python if known else command.settings.python
    options = command.settings.commanded
    assert options.plan(target, python, memory_limit_bytes=2 << 30) == plan
    assert str(HERE) not in said


@given(positive)
def test_a_size_is_written_so_that_it_is_read_back_the_same(size: float) -> None:
    assert parse_size(written_size(size)) == size


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "leakcheck run jobs.py:tick"),
        ({"iterations": 4000, "exact": True}, "leakcheck run jobs.py:tick --exact-iterations 4000"),
        ({"memory_limit_bytes": 1_234_567_168}, "leakcheck run jobs.py:tick"),
        ({"memory_limit_bytes": 256 << 20}, "leakcheck run jobs.py:tick --memory-limit 256MiB"),
        (
            {"thresholds": Thresholds(bytes_per_iteration=64), "time_limit_s": 2.5},
            "leakcheck run jobs.py:tick --time-limit 2.5 --threshold 64B",
        ),
        ({"time_limit_s": 7}, "leakcheck run jobs.py:tick --time-limit 7"),
        ({"time_limit_s": 7.0}, "leakcheck run jobs.py:tick --time-limit 7"),
        ({"target": "a b.py:tick"}, "leakcheck run 'a b.py:tick'"),
        ({"target": "/app/jobs.py:tick"}, "leakcheck run jobs.py:tick"),
        ({"target": "/other/jobs.py:tick"}, "leakcheck run /other/jobs.py:tick"),
        ({"target": "redis://me:pw@h:tick"}, "leakcheck run 'redis://me:***@h:tick'"),
    ],
)
def test_only_what_differs_from_the_defaults_is_said(change: dict[str, object], said: str) -> None:
    plan = replace(leak_record().plan, **change)  # type: ignore[arg-type]

    assert repeat_command(plan, project=Path("/app"), own_python=plan.python) == said


def test_an_interpreter_of_another_project_is_named_as_it_is() -> None:
    said = repeat_command(leak_record().plan, project=Path("/app"), own_python=Path("/app/python"))

    assert said == "leakcheck run jobs.py:tick --python /usr/bin/python3"


@pytest.mark.parametrize("verdict", Verdict)
def test_what_is_settled_or_failed_need_not_be_repeated(verdict: Verdict) -> None:
    record = leak_record()
    record = replace(record, judgement=replace(record.judgement, verdict=verdict))
    found = explain_record(record)

    assert bool(found.repeat) == (verdict in {Verdict.LEAK, Verdict.INCONCLUSIVE})
    assert (replace(found, repeat="") == Explanation()) == (verdict is not Verdict.LEAK)
