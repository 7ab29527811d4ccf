"""Targets that cannot be used: exit code 2, one line that says why, and nothing was run."""

import os
from pathlib import Path

import pytest

from tests.process.command import QUICK, Desk, Here, workload

JOBS = """
from dataclasses import dataclass

def tick(): pass
def needs(one, *, two, three=3): pass
def generator(): yield tick
number = 5

class Job:
    def __call__(self): pass
    @staticmethod
    def step(): pass

job = Job()
"""
BAD = {
    "jobs.py": "'jobs.py' is no target: wanted package.module:name or path/to/file.py:name",
    ":tick": "':tick' is no target: wanted",
    "jobs.py:": "'jobs.py:' is no target: wanted",
    "nowhere.py:tick": "nowhere.py: found no such file, wanted path/to/file.py:name",
    "nowhere:tick": "nowhere: found no module 'nowhere', wanted one importable from here",
    "jobs.deep:tick": "jobs.deep: found no module 'jobs.deep', wanted",
    "jobs:tack": "jobs: found no 'tack' in it, wanted the name of a function",
    "jobs:Job.stop": "jobs: found no 'Job.stop' in it, wanted the name of a function",
    "jobs:number": "jobs:number: found int, wanted a function",
    "jobs:needs": "jobs:needs: found a function that needs arguments (one, two), wanted none",
    "jobs:generator": "found a generator function, wanted it marked with @leakcheck.workload",
    "raising.py:tick": "raising.py:tick: could not be imported: ValueError: not today two lines (",
    "importing.py:tick": "could not be imported: ModuleNotFoundError: No module named 'nowhere'",
    "broken.py:tick": "broken.py:tick: could not be imported: SyntaxError: ",
    "exiting.py:tick": "exiting.py:tick: could not be imported: SystemExit: 0 (",
    "dying.py:tick": "dying.py:tick: its process ended while it was imported: ?[1mlast words",
    "killed.py:tick": "killed.py:tick: its process ended while it was imported",
}
FILES = {
    "jobs.py": JOBS,
    "raising.py": 'raise ValueError("not today\\ntwo lines")',
    "importing.py": "import nowhere",
    "broken.py": "def tick(:",
    "exiting.py": "raise SystemExit(0)",
    "dying.py": 'import os\nprint("\\x1b[1mlast words", flush=True)\nos._exit(0)',
    "killed.py": "import os\nos.kill(os.getpid(), 9)",
}


@pytest.fixture
def furnished(desk: Desk) -> Desk:
    for name, text in FILES.items():
        desk.write(name, text)
    return desk


@pytest.mark.parametrize(("target", "complaint"), BAD.items())
def test_a_bad_target_is_told_in_one_line_and_nothing_runs(
    furnished: Desk, here: Here, target: str, complaint: str
) -> None:
    assert complaint in here.refused("--profiler", "none", target)
    assert list(furnished.store.out.glob("2*")) == []


@pytest.mark.parametrize("target", ["jobs:needs", "dying.py:tick", workload("has_bad_threshold")])
def test_a_bad_second_target_is_found_before_the_first_one_runs(
    furnished: Desk, here: Here, target: str
) -> None:
    here.refused(*QUICK, "jobs:tick", target)

    assert list(furnished.store.out.glob("2*")) == []


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("has_a_bad_threshold", "threshold in its mark: 'much' is no size: wanted a number and"),
        ("has_bad_iterations", "iterations='many' in its mark, wanted a whole number"),
    ],
)
def test_a_bad_value_in_a_mark_names_the_workload(here: Here, name: str, complaint: str) -> None:
    assert f"{name}: {complaint}" in here.refused("--profiler", "none", workload(name))


def test_a_capture_that_was_to_be_kept_is_not_kept_of_a_bad_target(furnished: Desk) -> None:
    ran = furnished.run("--keep-capture", "jobs:needs")

    assert ran.code == 2
    assert list(furnished.store.out.glob("2*")) == []


def test_odd_but_good_targets_are_measured(furnished: Desk) -> None:
    odd = [
        "jobs:Job.step",
        "jobs:job",
        "my jobs.v2.py:tick",
        "préparé/日本.py:tick",
        os.fsdecode(b"\xff\xfe.py:tick"),
        "reports:tick",
        "system.py:tick",
    ]
    (furnished.folder / "préparé").mkdir()
    for target in odd[2:]:
        name = target.removesuffix(":tick").removesuffix(".py") + ".py"
        furnished.write(name, "def tick(): pass")
    ran = furnished.run(*QUICK, "--jobs", "4", "--json", "v.json", "--junit", "v.xml", *odd)

    assert ran.code == 3, ran.err
    assert sorted(record.plan.target for record in ran.records) == sorted(odd)
    assert {record.measurement.iterations for record in ran.records} == {300}
    # Workloads end in any order, the document has them in the order of the command line.
    assert [one["workload"] for one in furnished.json("v.json")["verdicts"]] == odd
    assert "préparé/日本.py:tick" in ran.out
    assert "INCONCLUSIVE  ??.py:tick" in ran.out


def test_a_name_that_the_terminal_cannot_show_costs_no_verdict(desk: Desk) -> None:
    desk.write("日本.py", "def tick(): pass")
    ran = desk.run(*QUICK, "日本.py:tick", variables={"PYTHONIOENCODING": "ascii"})

    assert ran.code == 3
    assert r"\u65e5\u672c.py:tick" in ran.out


def test_a_target_given_twice_is_measured_once(furnished: Desk) -> None:
    ran = furnished.run(*QUICK, "jobs:tick", "jobs:tick")

    assert len(ran.records) == 1


def test_files_of_the_workload_are_found_from_where_the_command_runs(desk: Desk) -> None:
    (desk.folder / "jobs").mkdir()
    desk.write("shared.py", "def step(): pass")
    desk.write("jobs/beside.py", "")
    desk.write("jobs/daily.py", "import shared, beside\ntick = shared.step")

    assert desk.run(*QUICK, "jobs/daily.py:tick").code == 3
    assert desk.run(*QUICK, "jobs.daily:tick").code == 2  # from here, there is no `beside`
    assert Path("jobs/daily.py").exists() is False
