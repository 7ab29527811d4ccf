"""A time limit is a check's own time: a neighbour on its processor does not shorten it."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.process.command import Desk

BUSY = """
import time
import leakcheck

@leakcheck.workload(time_limit=2)
def busy():
    began = time.process_time()
    yield lambda: sum(range(20_000))
    with open("cpu.txt", "w") as file:
        file.write(str(time.process_time() - began))
"""


@pytest.fixture
def _one_processor_shared_with_a_hog() -> Iterator[None]:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})  # inherited by all that is started from here
    hog = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        hog.kill()
        hog.wait()
        os.sched_setaffinity(0, allowed)


@pytest.mark.usefixtures("_one_processor_shared_with_a_hog")
def test_two_seconds_are_two_of_the_processor_beside_a_neighbour(desk: Desk) -> None:
    desk = Desk(folder=desk.folder, always=())
    target = f"{desk.write('busy.py', BUSY)}:busy"

    ran = desk.run(target, "--profiler", "none", "--exact-iterations", "1000000")

    measurement = ran.record.measurement
    # Of the clock's two seconds a neighbour leaves one. No limit lasts more than five times, which
    # a note tells of where the processor has many more neighbours than this one.
    is_stretched = any("others kept the processors busy" in note for note in measurement.notes)
    assert is_stretched or float((desk.folder / "cpu.txt").read_text(encoding="ascii")) > 1.3
    assert measurement.elapsed_s >= 2.0
