"""Options, configuration and outputs that cannot be used, and the layers of those that can."""

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from leakcheck.cli import main
from tests.process.command import QUICK, Desk, Here, Ran, workload

NOTHING = workload("nothing")
WRONG = {
    ("--threshold", "much"): "--threshold: found 'much', wanted a size above 0, such as 4B or 1KiB",
    ("--threshold", "5XB"): "--threshold: found '5XB', wanted a size above 0, such as 4B",
    ("--threshold", "0"): "--threshold: found '0', wanted a size above 0",
    ("--memory-limit", "-1"): "--memory-limit: found '-1', wanted a size of 1B or more",
    ("--memory-limit", "0.2B"): "--memory-limit: found '0.2B', wanted a size of 1B or more",
    ("--count-threshold", "nan"): "--count-threshold: found nan, wanted more than 0 an iteration",
    ("--time-limit", "inf"): "--time-limit: found inf, wanted more than 0 seconds, and an end",
    ("--time-limit", "0"): "--time-limit: found 0.0, wanted more than 0 seconds",
    ("--iterations", "0"): "--iterations: found 0, wanted 1 or more",
    ("--jobs", "0"): "--jobs: found 0, wanted 1 or more",
    ("--json", "nowhere/v.json"): "--json: nowhere/v.json cannot be written (No such file",
    ("--json", "."): "--json: . cannot be written (Is a directory), wanted a file",
    ("--junit", "x" * 300): "cannot be written (File name too long)",
    ("--out", "a-file"): "a-file: cannot be used for run records (File exists), wanted a folder",
    ("--out", "a-file/in"): "a-file/in: cannot be used for run records (Not a directory)",
    ("--out", "/proc/none"): "/proc/none: cannot be used for run records (No such file",
}


@pytest.mark.parametrize(("arguments", "complaint"), WRONG.items(), ids=" ".join)
def test_an_option_that_cannot_be_used_is_told_in_one_line(
    here: Here, arguments: tuple[str, str], complaint: str
) -> None:
    here.desk.write("a-file", "")

    assert complaint in here.refused("--profiler", "none", *arguments, NOTHING)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--tresholds", "4B"], "unrecognized arguments: --tresholds"),
        (["--profiler", "cprofile"], "invalid choice: 'cprofile'"),
        (["--iterations", "many"], "invalid int value: 'many'"),
        (["--iterations", "5", "--exact-iterations", "5"], "not allowed with argument"),
    ],
)
def test_argparse_refuses_with_2(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", *arguments, NOTHING])

    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


CONFIGURED = {
    "treshold = '4B'": "has no key 'treshold' (did you mean 'threshold'?), wanted one of iterati",
    "zzz = 1": "[tool.leakcheck] has no key 'zzz', wanted one of iterations, exact-iterations",
    "iterations = '9'": "[tool.leakcheck] iterations = '9', wanted a whole number",
    "iterations = true": "[tool.leakcheck] iterations = True, wanted a whole number",
    "time-limit = 'long'": "time-limit = 'long', wanted a whole number or a number",
    "warn-only = 1": "[tool.leakcheck] warn-only = 1, wanted true or false",
    "profiler = 'perf'": "[tool.leakcheck] profiler = 'perf', wanted memray or none",
    "threshold = '4 apples'": "[tool.leakcheck] threshold = '4 apples', wanted a size above 0",
    "iterations = ": "cannot be read as TOML",
    "python = 'no-such-python'": "python = 'no-such-python': found no such program, wanted an",
}


@pytest.mark.parametrize(("line", "complaint"), CONFIGURED.items())
def test_a_bad_value_in_the_configuration_names_file_key_and_what_is_wanted(
    here: Here, line: str, complaint: str
) -> None:
    here.desk.write("pyproject.toml", f"[tool.leakcheck]\n{line}\n")

    assert complaint in here.refused(NOTHING)


def test_a_configuration_that_is_no_table_is_told(here: Here) -> None:
    here.desk.write("pyproject.toml", "[tool]\nleakcheck = 5")

    assert "tool.leakcheck = 5, wanted a table: [tool.leakcheck]" in here.refused(NOTHING)


@pytest.fixture(scope="module")
def layered(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(folder=tmp_path_factory.mktemp("layered"))
    desk.write(
        "pyproject.toml",
        '[tool.leakcheck]\nprofiler = "none"\nthreshold = "9B"\ncount-threshold = 0.5\n'
        'exact-iterations = 30\nmemory-limit = "1GiB"\njson = "v.json"\n'
        "allow-inconclusive = true\n",
    )
    (desk.folder / "below").mkdir()
    return desk


def test_the_configuration_holds_where_neither_mark_nor_command_says_more(layered: Desk) -> None:
    ran = Desk(folder=layered.folder / "below", always=()).run(NOTHING)
    plan = ran.record.plan

    assert ran.code == 0  # inconclusive, and allowed to be
    assert layered.json("v.json")["verdicts"][0]["record"] == ran.record.id
    assert (plan.profiler, plan.iterations, plan.exact) == ("none", 30, True)
    assert plan.memory_limit_bytes == 1 << 30
    assert plan.thresholds.bytes_per_iteration == 9
    assert plan.thresholds.counts_per_iteration == 0.5


def test_a_mark_wins_over_the_configuration_and_the_command_over_both(layered: Desk) -> None:
    (layered.folder / "two").mkdir()
    (layered.folder / "three").mkdir()
    marked = Desk(folder=layered.folder / "two", always=()).run(workload("has_options")).record.plan
    arguments = ("--iterations", "50", "--threshold", "2KiB", workload("has_options"))
    commanded = Desk(folder=layered.folder / "three", always=()).run(*arguments).record.plan

    assert (marked.iterations, marked.exact, marked.time_limit_s) == (40, True, 7)
    assert marked.thresholds.bytes_per_iteration == 1024
    assert (commanded.iterations, commanded.exact, commanded.time_limit_s) == (50, False, 7)
    assert commanded.thresholds.bytes_per_iteration == 2048
    assert commanded.thresholds.counts_per_iteration == 0.5


# -- verdicts, exit codes and documents ------------------------------------------------------


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Ran]:
    desk = Desk(folder=tmp_path_factory.mktemp("mixed"))
    names = ("leak", "nothing", "raises_at_once")
    ran = desk.run(
        "--exact-iterations", "2100", "--json", "v.json", "--junit", "v.xml", *map(workload, names)
    )
    return desk, ran


def test_a_leak_comes_before_an_error(mixed: tuple[Desk, Ran]) -> None:
    ran = mixed[1]

    assert ran.code == 1
    assert ran.out.splitlines()[-1] == "1 LEAK, 1 ERROR, 1 CLEAN"


def test_the_json_is_as_scripts_expect_it(mixed: tuple[Desk, Ran]) -> None:
    document = mixed[0].json("v.json")
    leak, clean, error = document["verdicts"]

    assert document["schema_version"] == 1
    assert [one["verdict"] for one in document["verdicts"]] == ["LEAK", "CLEAN", "ERROR"]
    assert leak["workload"] == workload("leak")
    assert leak["diagnosis"] == ["python-objects"]
    assert set(leak["growth_bytes_per_iteration"]) == {"estimate", "low", "high", "confidence"}
    assert 110 < leak["growth_bytes_per_iteration"]["estimate"] < 130
    assert leak["threshold_bytes_per_iteration"] == 4.0
    assert leak["iterations"] == 2100
    assert set(leak["signals"]) >= {"rss", "heap", "descriptors", "threads", "tasks"}
    assert leak["signals"]["rss"]["unit"] == "bytes"
    assert leak["sites"][0]["function"] == "leak"
    assert leak["sites"][0]["file"].endswith("workloads.py")
    assert leak["sites"][0]["stack"][0].endswith(f"workloads.py:{leak['sites'][0]['line']} leak")
    assert clean["sites"] == error["sites"] == []
    assert error["growth_bytes_per_iteration"] is None
    assert error["reason"].startswith("raised ValueError at iteration 1")
    for one in document["verdicts"]:
        assert (mixed[0].store.out / one["record"] / "record.json").is_file()
        assert one["reason"]
        assert isinstance(one["held_by"], list)


def test_the_junit_has_a_case_a_workload(mixed: tuple[Desk, Ran]) -> None:
    suite = ET.parse(mixed[0].folder / "v.xml").getroot()[0]  # noqa: S314 -- our own

    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")


def test_the_pages_lie_beside_the_record_and_the_capture_does_not(mixed: tuple[Desk, Ran]) -> None:
    (leak,) = [one for one in mixed[1].records if one.plan.target.endswith(":leak")]
    files = {path.name for path in (mixed[0].store.out / leak.id).iterdir()}

    assert files == {"record.json", "growth.html", "flamegraph.html", "leaks.html"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--warn-only", "leak"), 0),
        (("--allow-inconclusive", "nothing"), 0),
        (("--allow-inconclusive", "leak"), 1),
        (("--warn-only", "raises_at_once"), 4),
    ],
)
def test_what_is_forgiven_is_forgiven_and_nothing_else(
    desk: Desk, arguments: tuple[str, str], code: int
) -> None:
    assert desk.run(*QUICK, arguments[0], workload(arguments[1])).code == code


def test_a_reader_that_leaves_does_not_change_the_exit_code(desk: Desk) -> None:
    running = desk.start(*QUICK, NOTHING)
    assert running.popen.stdout is not None
    running.popen.stdout.close()

    assert running.popen.wait(300) == 3
    assert running.popen.stderr is not None
    assert b"Traceback" not in running.popen.stderr.read()
    running.popen.stderr.close()


# -- disks that are full ---------------------------------------------------------------------


def _limited_to(size: int) -> Callable[[], None]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("name", ["fills_the_capture_and_keeps_nothing", "fills_the_capture"])
def test_a_capture_that_cannot_grow_is_said_and_is_never_clean(desk: Desk, name: str) -> None:
    arguments = ("--exact-iterations", "2500", workload(name))
    ran = desk.run(*arguments, before=_limited_to(600_000))
    record = ran.record

    assert record.measurement.iterations == 2500
    assert record.measurement.capture_stopped == (
        "the capture could not grow: a full disk, or a limit on the size of files"
    )
    assert "memray stopped recording" in ran.out
    assert "seen by memray" not in ran.out
    assert record.measurement.sites is None
    assert ran.code == (1 if name == "fills_the_capture" else 3)


def test_a_record_that_cannot_be_written_is_told_in_one_line(desk: Desk) -> None:
    ran = desk.run(*QUICK, NOTHING, before=_limited_to(9_000))

    assert ran.code == 4
    assert f"the run record cannot be written ({os.strerror(errno.EFBIG)})" in ran.complaint
    assert list(desk.store.out.glob("2*")) == []


def test_the_help_names_every_exit_code(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "leakcheck", "run", "--help"]
    text = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    for code in ("0 all CLEAN", "1 a LEAK", "2 wrong", "3 INCON", "4 a workload", "130 inter"):
        assert code in text


def test_a_working_folder_that_is_gone_is_told_in_one_line(here: Here) -> None:
    (here.desk.folder / "gone").mkdir()
    os.chdir(here.desk.folder / "gone")
    (here.desk.folder / "gone").rmdir()

    assert main(["run", NOTHING]) == 4
    assert here.capture.readouterr().err.startswith("leakcheck: the machine refused (")


def test_a_bug_of_ours_does_not_end_like_a_leak(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        msg = "a bug"
        raise LookupError(msg)

    monkeypatch.setattr(sys.modules["leakcheck.cli.running"], "check", fail)

    assert main(["run", NOTHING]) == 4
    assert "LookupError: a bug" in here.capture.readouterr().err
