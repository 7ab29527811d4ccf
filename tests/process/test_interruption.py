"""Ctrl-C and SIGTERM: exit code 130, what was measured is kept, and no child is left."""

import signal
import time
from collections.abc import Callable

import psutil
import pytest

from leakcheck.model.measurement import Ending
from tests.process.command import Desk, Running, workload
from tests.process.workloads import UNDER_WAY

NONE = ("--profiler", "none", "--time-limit", "900")
"""With a time limit that no test waits for: what ends a run here is the interrupt."""


def await_(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def await_under_way(running: Running) -> list[psutil.Process]:
    """Return the command's descendants once the workload says that it is under way."""
    await_((running.desk.folder / UNDER_WAY).exists)
    return psutil.Process(running.popen.pid).children(recursive=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_its_record_and_leaves_no_child(
    desk: Desk, number: signal.Signals
) -> None:
    running = desk.start(*NONE, "--json", "v.json", workload("is_slow_with_company"))
    assert len(await_under_way(running)) == 2
    running.popen.send_signal(number)
    ran = running.end()

    assert ran.code == 130
    assert ran.left == []
    assert ran.temporary == []
    assert "Traceback" not in ran.err
    assert ran.err.splitlines()[-1].startswith("leakcheck: interrupted; what was measured is in")
    assert ran.record.measurement.ending is Ending.INTERRUPTED
    assert ran.record.measurement.iterations >= 19
    assert ran.record.judgement.verdict == "INCONCLUSIVE"
    assert desk.json("v.json")["verdicts"][0]["record"] == ran.record.id


def test_an_interrupt_does_not_wait_for_an_iteration_that_hangs(desk: Desk) -> None:
    running = desk.start(*NONE, workload("hangs_from_the_start"))
    await_under_way(running)
    running.popen.send_signal(signal.SIGINT)
    ran = running.end()

    assert ran.code == 130
    assert ran.left == []
    assert ran.record.measurement.ending is Ending.INTERRUPTED
    assert ran.record.measurement.iterations == 0
    assert ran.record.judgement.verdict == "ERROR"


def test_an_interrupt_while_targets_are_resolved_runs_nothing(desk: Desk) -> None:
    desk.write("hanging.py", f"import time\nopen({UNDER_WAY!r}, 'w').close()\ntime.sleep(600)")
    running = desk.start(*NONE, workload("nothing"), "hanging.py:tick")
    await_under_way(running)
    running.popen.send_signal(signal.SIGINT)
    ran = running.end()

    assert ran.code == 130
    assert ran.left == []
    assert ran.temporary == []
    assert ran.records == []
    assert "Traceback" not in ran.err


def test_an_interrupt_keeps_those_that_have_ended_and_begins_no_other(desk: Desk) -> None:
    targets = [
        workload("raises_at_once"),
        workload("is_slow"),
        workload("is_slow") + "_with_company",
    ]
    running = desk.start(*NONE, *targets)
    await_under_way(running)
    running.popen.send_signal(signal.SIGINT)
    ran = running.end()

    assert ran.code == 130
    assert ran.left == []
    assert {one.plan.target for one in ran.records} == set(targets[:2])
    assert ran.out.splitlines()[-1] == "1 ERROR, 1 INCONCLUSIVE"


def test_a_command_that_is_killed_takes_its_child_along(desk: Desk) -> None:
    running = desk.start(*NONE, workload("is_slow"))
    (child,) = await_under_way(running)
    running.popen.kill()
    running.popen.communicate()

    await_(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_reading_a_large_capture_can_be_interrupted(desk: Desk) -> None:
    desk.write("jobs.py", "def tick():\n    several = [bytes(700) for _ in range(600)]\n")
    running = desk.start("--exact-iterations", "4000", "jobs.py:tick")
    reading = running.processes
    await_(lambda: _only_reads([" ".join(one.cmdline()) for one in reading()]))
    running.popen.send_signal(signal.SIGINT)
    ran = running.end()

    assert ran.code == 130
    assert ran.left == []
    assert ran.record.measurement.iterations == 4000
    assert ran.record.measurement.notes == ("no call sites: reading the capture was interrupted",)
    assert "Traceback" not in ran.err


def _only_reads(commands: list[str]) -> bool:
    """Return whether the reader is there and the measured child, beside which it starts, is not."""
    reads = any("readout" in command for command in commands)
    return reads and not any("child.main" in command for command in commands)
