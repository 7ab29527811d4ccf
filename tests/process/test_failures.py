"""Workloads that fail: each is told in one sentence, and every sample until then is kept."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Verdict
from tests.process.command import QUICK, Desk, Ran, samples_of, workload

FAILING = {
    "raises_in_set_up": r"raised ConnectionError in its set-up \(.*workloads.py:\d+ raises_in_s",
    "async_raises_in_set_up": r"raised ConnectionError in its set-up",
    "yields_nothing": r"the workload yielded nothing, wanted its iteration function",
    "never_yields": r"the workload yielded nothing, wanted its iteration function",
    "raises_at_once": r"raised ValueError at iteration 1 \(.*workloads.py:\d+ raises_at_once\)",
    "async_raises": r"raised ValueError at iteration 1 ",
    "raises_at_700": r"raised ValueError at iteration 700 \(",
    "raises_what_cannot_be_shown": r"raised Mute at iteration 1 ",
    "raises_at_length": r"raised ValueError at iteration 1 ",
    "returns_an_awaitable": r"returned an awaitable that nobody awaits, wanted an async function",
    "ends_itself": r"ended its own process at iteration 5, with exit code 0",
    "exits": r"raised SystemExit at iteration 5 ",
    "is_killed": r"was killed by SIGKILL at iteration 5 \(it held .*by another process",
    "crashes": r"was killed by SIGSEGV at iteration 5 ",
    "closes_all_descriptors": r"closed all descriptors at iteration 6, leakcheck's among them",
    "closes_all_descriptors_and_goes_on": r"closed all descriptors at iteration 6",
    "writes_to_strange_pipes": r"wrote into leakcheck's own descriptors",
    "prints_escapes_and_fails": r"raised ValueError at iteration 1 ",
}
COMPLETED = {  # iterations, and the fewest samples: of each up to 256, then every 2nd, 4th, ...
    "raises_at_700": (699, 431),
    "ends_itself": (4, 5),
    "exits": (4, 5),
    "is_killed": (4, 5),
    "crashes": (4, 5),
    "closes_all_descriptors": (5, 5),
    "closes_all_descriptors_and_goes_on": (5, 5),
}
UNDER_MEMRAY = ("raises_at_700", "is_killed", "closes_all_descriptors_and_goes_on")


@dataclass(frozen=True)
class Together:
    """Many workloads of one command, by name."""

    desk: Desk
    ran: Ran
    records: dict[str, RunRecord]

    def lines(self, name: str) -> list[str]:
        """Return what was printed of one workload, its row first."""
        lines = self.ran.out.splitlines()
        rows = [n for n, line in enumerate(lines) if not line.startswith(" ")]
        (at,) = [n for n in rows if re.search(rf":{name}(?!\w)", lines[n][:200])]
        end = next(n for n in range(at + 1, len(lines)) if not lines[n].startswith(" "))
        return [line.strip() for line in lines[at:end]]


def check_samples(name: str, record: RunRecord) -> None:
    """Check that every sample of a run that failed was kept; slow iterations give more."""
    completed, fewest = COMPLETED[name]
    iterations = record.measurement.series[Signal.HEAP].iterations

    assert record.measurement.iterations == completed
    assert samples_of(record) >= fewest
    assert iterations[0] == 0
    assert iterations[-1] >= completed - 4


def together(desk: Desk, *arguments: str, names: tuple[str, ...]) -> Together:
    ran = desk.run(*arguments, "--jobs", "2", *map(workload, names))
    return Together(
        desk, ran, {record.plan.target.rpartition(":")[2]: record for record in ran.records}
    )


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Together:
    desk = Desk(folder=tmp_path_factory.mktemp("failing"))
    return together(
        desk,
        "--profiler",
        "none",
        "--exact-iterations",
        "800",
        "--json",
        "verdicts.json",
        names=tuple(FAILING),
    )


@pytest.fixture(scope="module")
def failing_under_memray(tmp_path_factory: pytest.TempPathFactory) -> Together:
    desk = Desk(folder=tmp_path_factory.mktemp("memray"))
    return together(desk, "--exact-iterations", "800", names=UNDER_MEMRAY)


def test_a_command_whose_workloads_all_fail_ends_with_4(failing: Together) -> None:
    assert failing.ran.code == 4
    assert failing.ran.out.splitlines()[-1] == f"{len(FAILING)} ERROR"


@pytest.mark.parametrize(("name", "sentence"), FAILING.items())
def test_a_failure_is_told_in_one_sentence(failing: Together, name: str, sentence: str) -> None:
    row, reason, *rest = failing.lines(name)

    assert re.match(rf"ERROR\s.*{name}\s", row)
    assert re.search(sentence, reason)
    assert [line.split()[0] for line in rest] == ["probes", "record"]
    assert failing.records[name].judgement.verdict is Verdict.ERROR
    assert failing.records[name].measurement.failure == reason


@pytest.mark.parametrize("name", COMPLETED)
def test_a_failure_keeps_every_sample_until_then(failing: Together, name: str) -> None:
    record = failing.records[name]

    check_samples(name, record)


@pytest.mark.parametrize("name", UNDER_MEMRAY)
def test_under_memray_it_is_the_same(failing_under_memray: Together, name: str) -> None:
    record = failing_under_memray.records[name]

    assert re.search(FAILING[name], record.judgement.reason)
    check_samples(name, record)
    assert failing_under_memray.ran.code == 4


def test_what_a_workload_says_last_goes_to_the_terminal_and_into_no_record(
    failing: Together,
) -> None:
    files = [file for file in failing.desk.folder.rglob("*") if file.is_file()]

    assert "ValueError: a secret: 1234" in failing.ran.err
    assert any(file.name == "record.json" for file in files)
    assert not any(b"a secret" in file.read_bytes() for file in files)


def test_what_a_workload_prints_does_nothing_to_the_terminal(failing: Together) -> None:
    assert "?[2Jbad ? words" in failing.ran.err
    assert "\x1b" not in failing.ran.err + failing.ran.out


def test_a_long_message_of_an_exception_is_cut_short(failing: Together) -> None:
    assert "ValueError: xxxx" in failing.ran.err
    assert len(failing.ran.err) < 50_000


@pytest.mark.parametrize("fixture", ["failing", "failing_under_memray"])
def test_nothing_of_ours_is_written_into_files_that_a_workload_opens(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(fixture).desk.folder
    sizes = [file.stat().st_size for file in folder.glob("mine-*.txt")]

    assert sizes == [0] * 40


# -- odd, yet measured -----------------------------------------------------------------------

ODD = (
    "prints_megabytes",
    "changes_directory",
    "replaces_standard_output",
    "forks",
    "forks_in_set_up",
    "starts_processes_that_stay",
    "makes_cycles",
    "makes_cycles_without_a_collector",
    "yields_twice",
    "raises_in_tear_down",
    "crashes_in_tear_down",
)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Together:
    return together(Desk(folder=tmp_path_factory.mktemp("odd")), *QUICK, names=ODD)


@pytest.mark.parametrize("name", ODD)
def test_a_workload_that_behaves_oddly_is_measured_to_its_end(odd: Together, name: str) -> None:
    record = odd.records[name]

    assert record.measurement.iterations == 300
    assert record.measurement.failure is None
    assert samples_of(record) >= 1 + 256 + 22
    assert record.judgement.verdict is not Verdict.CLEAN  # 300 iterations are too few for it


def test_cycles_that_pile_up_without_a_collector_are_a_leak_and_named(odd: Together) -> None:
    judgement = odd.records["makes_cycles_without_a_collector"].judgement

    assert judgement.verdict is Verdict.LEAK
    assert judgement.diagnosis == ("uncollected-cycles",)
    assert not odd.records["makes_cycles_without_a_collector"].measurement.gc_enabled


def test_cycles_that_the_collector_would_take_are_no_growth(odd: Together) -> None:
    assert odd.records["makes_cycles"].judgement.verdict is Verdict.INCONCLUSIVE


def test_processes_that_a_workload_leaves_are_counted(odd: Together) -> None:
    series = odd.records["starts_processes_that_stay"].measurement.series

    assert [series[name].values[-1] for name in series if name == "children"] == [3]


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("yields_twice", "the workload yielded twice, wanted one yield"),
        ("raises_in_tear_down", "raised OSError in its tear-down ("),
        ("crashes_in_tear_down", "was killed by SIGSEGV in its tear-down"),
    ],
)
def test_a_tear_down_that_fails_is_noted_and_does_not_undo_the_measurement(
    odd: Together, name: str, note: str
) -> None:
    (said,) = odd.records[name].measurement.notes

    assert said.startswith(note)
    assert f"note: {said}" in odd.lines(name)


@pytest.mark.slow
def test_a_tear_down_that_hangs_is_given_ten_seconds(desk: Desk) -> None:
    ran = desk.run(*QUICK, workload("hangs_in_tear_down"))

    assert ran.code == 3
    assert ran.record.measurement.notes == ("the tear-down was still running after 10 s: killed",)


@pytest.mark.slow
def test_an_iteration_that_never_returns_is_killed_5_seconds_past_the_limit(desk: Desk) -> None:
    ran = desk.run("--profiler", "none", "--time-limit", "3", workload("never_returns"))

    assert ran.code == 4
    assert ran.record.judgement.reason == (
        "iteration 5 was still running 5 s past the time limit of 3 s, and was killed"
    )
    assert samples_of(ran.record) == 5
