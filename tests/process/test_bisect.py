"""`leakcheck bisect` from a command to its answer, with real runs; nothing comes from a network."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from leakcheck.cli import main
from tests.process.bisect_desk import desk, repository
from tests.process.releases import CLEAN, LEAKY, QUIET, write_wheel

__all__ = ["desk", "repository"]
Printed = pytest.CaptureFixture[str]


def test_lines_are_named_with_a_memray_that_is_not_installed_there(
    desk: Path, capsys: Printed
) -> None:
    write_wheel(desk / "wheels", "1.0.0", CLEAN)
    write_wheel(desk / "wheels", "1.1.0", LEAKY)
    offline = (
        "--package",
        "shop",
        "--find-links",
        "wheels",
        "--no-index",
        "--versions",
        "1.0.0,1.1.0",
    )
    code = main(["bisect", "jobs.py:tick", *offline, "--good", "1.0.0", "--time-limit", "900"])
    lines = capsys.readouterr().out.splitlines()

    assert code == 0
    assert "   .../shop/__init__.py:5 remember()" in lines[0]
    assert not list((desk.parent / "caches").glob("**/environments/*/lib*/*/site-packages/memray"))


@pytest.mark.usefixtures("repository")
def test_the_first_commit_that_leaks_is_found(capsys: Printed) -> None:
    assert main(["bisect", "jobs.py:tick", *QUIET, "--good", "v3~1", "--bad", "v5"]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert lines[0].startswith("LEAK ")
    assert [line for line in lines if "UNTESTABLE" in line and "no_such_module" in line]
    assert [line for line in lines if '"Change 5" (' in line and " is CLEAN), 4 steps" in line]


@pytest.mark.usefixtures("repository")
def test_an_interrupted_bisection_leaves_no_process_and_goes_on_where_it_was(
    capsys: Printed,
) -> None:
    command = [sys.executable, "-m", "leakcheck", "bisect", "jobs.py:tick", *QUIET, "--good", "v0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        children = psutil.Process(running.pid).children(recursive=True)
        running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=300)

    assert running.returncode == 130
    assert b"leakcheck: interrupted; the same command goes on where it was" in said
    gone_by = time.monotonic() + 60
    while any(map(_runs, children)) and time.monotonic() < gone_by:
        time.sleep(0.05)
    assert not any(map(_runs, children))
    assert main(["bisect", "jobs.py:tick", *QUIET, "--good", "v6"]) == 2
    assert "(measured before)" in capsys.readouterr().out.splitlines()[0]


def _runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
