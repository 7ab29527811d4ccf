"""The memory of a whole tree of processes, and what is said of the part below."""

import os
import subprocess
import sys

import pytest

from leakcheck.probes.outside import OutsideProbe, descendants, tree_rss
from leakcheck.run.recorder import Recorder

HOLDS = "import sys; kept = bytearray(b'1') * (8 << 20); print(flush=True); sys.stdin.read()"


def test_a_process_below_counts_only_where_the_whole_tree_is_wanted() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        alone, whole = (OutsideProbe(os.getpid(), whole_tree=tree).read() for tree in (False, True))
        assert child.pid in descendants(os.getpid())
        held = tree_rss([child.pid])
        polled = OutsideProbe(os.getpid(), whole_tree=True).rss_bytes()
        assert child.stdin is not None
        child.stdin.close()

    assert alone is not None
    assert whole is not None
    assert alone.below_bytes == 0
    assert held >= 8 << 20
    assert whole.below_bytes >= held
    assert (polled or 0) >= held


def test_a_process_that_has_ended_holds_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    assert tree_rss([child.pid]) == 0


def recorder(*below_bytes: int, own_bytes: int = 0) -> Recorder:
    found = Recorder()
    for iteration, size in enumerate(below_bytes):
        found.note_below(iteration, (10 << 20) + size + own_bytes * iteration, size)
    return found


def test_growth_below_is_said_where_most_of_it_is_there() -> None:
    said = recorder(0, 1 << 20, 2 << 20, 3 << 20, 4 << 20).told_below()

    assert "they held 2.0 MiB at half of the iterations, 4.0 MiB at the end" in said


@pytest.mark.parametrize(
    "one",
    [
        Recorder(),
        recorder(0),
        recorder(9 << 20, 9 << 20, 9 << 20),
        recorder(0, 1000, 2000, 3000),
        recorder(0, 1 << 20, 2 << 20, own_bytes=5 << 20),
    ],
    ids=["none", "one", "level", "little", "the-smaller-part"],
)
def test_nothing_is_said_where_most_of_it_is_elsewhere(one: Recorder) -> None:
    assert one.told_below() == ""
