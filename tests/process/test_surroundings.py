"""The workload's own world: its loop, its environment, its clock, its limits."""

import pytest

from leakcheck.model.measurement import Ending
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import PROVEN_SIGNALS, Signal
from tests.process.command import QUICK, Desk, Ran, workload

ASYNC = (
    "async_nothing",
    "async_leak",
    "schedules_callbacks",
    "leaves_tasks",
    "serves",
    "plain_step_in_a_loop",
    "leaks_sockets",
)


@pytest.fixture(scope="module")
def run_together(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RunRecord]:
    desk = Desk(folder=tmp_path_factory.mktemp("async"))
    ran = desk.run(*QUICK, "--jobs", "2", *map(workload, ASYNC))
    return {record.plan.target.rpartition(":")[2]: record for record in ran.records}


def grown(record: RunRecord, signal: Signal) -> int:
    """Return by how much a signal grew over the last 200 of 300 iterations."""
    values = record.measurement.series[signal].values
    return values[-1] - values[100]


@pytest.mark.parametrize("name", ASYNC)
def test_it_is_measured_with_every_probe_proved(
    run_together: dict[str, RunRecord], name: str
) -> None:
    measurement = run_together[name].measurement

    assert measurement.iterations == 300
    assert measurement.failure is None
    assert measurement.notes == ()
    assert measurement.probes.verified == PROVEN_SIGNALS


@pytest.mark.parametrize("name", ["async_nothing", "schedules_callbacks", "plain_step_in_a_loop"])
def test_callbacks_do_not_pile_up(run_together: dict[str, RunRecord], name: str) -> None:
    # One whole number above 256, which is an object of its own, and nothing for each iteration.
    assert grown(run_together[name], Signal.HEAP) <= 64


def test_tasks_that_stay_are_counted_one_by_one(run_together: dict[str, RunRecord]) -> None:
    assert grown(run_together["leaves_tasks"], Signal.TASKS) == 200
    assert "tasks" in run_together["leaves_tasks"].judgement.diagnosis


def test_sockets_that_stay_are_counted_one_by_one(run_together: dict[str, RunRecord]) -> None:
    assert grown(run_together["leaks_sockets"], Signal.DESCRIPTORS) == 200


def test_a_server_set_up_in_the_same_loop_answers_every_iteration(
    run_together: dict[str, RunRecord],
) -> None:
    record = run_together["serves"]

    assert grown(record, Signal.DESCRIPTORS) == 0
    assert set(record.measurement.series[Signal.TASKS].values) == {2}  # ours, and the server's


def test_time_that_stands_still_for_the_workload_does_not_for_the_run(desk: Desk) -> None:
    desk.write(
        "jobs.py",
        "import time, leakcheck, time_machine\n"
        "KEPT = []\n"
        "def step():\n"
        "    assert time.time() == 0\n"
        "    KEPT.append(bytes(64))\n"
        "@leakcheck.workload\n"
        "def tick():\n"
        "    with time_machine.travel(0, tick=False):\n"
        "        yield step\n",
    )
    ran = desk.run("--exact-iterations", "2100", "jobs.py:tick")
    table = ran.record.measurement.sites

    assert ran.code == 1, ran.out
    assert ran.record.judgement.sites[0].line == 5
    assert table is not None
    assert table.marks[0] < 1050
    assert table.marks[-1] == 2100
    assert len(set(table.marks)) > 10  # spread over the run, as its real time was
    assert 0 < ran.record.measurement.elapsed_s < 60  # seconds, not the age of an epoch


@pytest.mark.parametrize("tunables", [None, "glibc.malloc.arena_max=2"])
def test_what_the_harness_needs_of_the_environment_is_not_the_workloads(
    desk: Desk, tunables: str | None
) -> None:
    variables = {"MINE": "kept", "COVERAGE_FILE": "x"}
    if tunables is not None:
        variables["GLIBC_TUNABLES"] = tunables
    desk.write(
        "jobs.py",
        "import os\n"
        "def tick():\n"
        "    assert 'PYTHONMALLOC' not in os.environ\n"
        "    assert 'COVERAGE_FILE' not in os.environ\n"
        f"    assert os.environ.get('GLIBC_TUNABLES', '').startswith({tunables or ''!r})\n"
        f"    assert bool(os.environ.get('GLIBC_TUNABLES')) is {tunables is not None}\n"
        "    assert os.environ['MINE'] == 'kept'\n",
    )
    ran = desk.run(*QUICK, "jobs.py:tick", variables=variables)

    assert ran.code == 3, ran.err
    assert ran.record.measurement.probes.verified == PROVEN_SIGNALS


@pytest.mark.parametrize(
    ("name", "megabytes"), [("grows_by_megabytes", 1), ("grows_by_four_megabytes", 4)]
)
def test_growth_beyond_the_memory_limit_ends_the_run_and_is_a_leak(
    desk: Desk, name: str, megabytes: int
) -> None:
    ran = desk.run("--memory-limit", "64MiB", workload(name))
    record = ran.record

    assert ran.code == 1, ran.out
    assert record.measurement.ending is Ending.MEMORY_LIMIT
    assert 48 < megabytes * record.measurement.iterations < 80
    assert record.measurement.notes == ()
    assert record.judgement.sites[0].function == name


@pytest.mark.parametrize("profiler", ["memray", "none"])
def test_growth_within_one_iteration_is_ended_too_and_said(desk: Desk, profiler: str) -> None:
    arguments = ("--profiler", profiler, "--memory-limit", "32MiB")
    ran = desk.run(*arguments, workload("grows_within_an_iteration"))
    measurement = ran.record.measurement
    (note,) = measurement.notes

    assert measurement.ending is Ending.MEMORY_LIMIT
    assert measurement.iterations == 19
    assert note.startswith("was killed at iteration 20: it had grown by ")
    assert ("call sites lack" in note) is (profiler == "memray")
    assert f"note: {note}" in ran.out


def test_a_profiler_of_the_workloads_is_named(desk: Desk) -> None:
    ran = desk.run("--exact-iterations", "400", workload("sets_a_profiler"))

    assert "note: the workload set a profiler of its own: call sites are lost" in ran.out
    assert ran.record.judgement.verdict != "CLEAN"


def test_the_time_limit_ends_a_run_between_two_iterations(desk: Desk) -> None:
    ran = desk.run("--profiler", "none", "--time-limit", "1", workload("is_slow"))
    measurement = ran.record.measurement

    assert measurement.ending is Ending.TIME_LIMIT
    assert measurement.elapsed_s >= 1
    assert measurement.failure is None  # it was not killed: it ended by itself
    assert measurement.series[Signal.HEAP].iterations[-1] == measurement.iterations
    assert ran.code in (0, 3)


@pytest.fixture(scope="module")
def without_profiler(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    desk = Desk(folder=tmp_path_factory.mktemp("plain"))
    return desk.run("--profiler", "none", "--exact-iterations", "2100", workload("leak"))


def test_without_a_profiler_a_leak_is_found_and_the_missing_line_explained(
    without_profiler: Ran,
) -> None:
    assert without_profiler.code == 1
    assert without_profiler.record.measurement.sites is None
    assert "no call sites: memray did not record this run" in without_profiler.out
