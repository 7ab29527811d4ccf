"""Programs are bounded in time and in what they print, and nothing of them is left."""

import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from leakcheck.bisecting.programs import Ended, last_line, ran
from leakcheck.bisecting.steps import UntestableError


def python(source: str, *, limit_s: float = 60, ticks: list[int] | None = None) -> Ended:
    def tick() -> None:
        if ticks is not None:
            ticks.append(1)

    return ran([sys.executable, "-c", source], tick=tick, limit_s=limit_s, variables=os.environ)


def test_what_was_printed_and_how_it_ended_come_back() -> None:
    ticks: list[int] = []
    ended = python(
        "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)", ticks=ticks
    )

    assert (ended.code, ended.out, ended.err) == (3, b"out\n", b"err\n")
    assert ticks


def test_of_complaints_only_the_end_is_kept() -> None:
    ended = python("import sys\nfor n in range(40_000): print('line', n, file=sys.stderr)")

    assert len(ended.err) <= 1 << 16
    assert last_line(ended.err) == "line 39999"


def test_a_program_that_prints_without_end_is_ended() -> None:
    with pytest.raises(UntestableError, match="it printed more than 32 MiB"):
        python("while True: print('x' * 100_000)")


def test_a_program_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    source = (
        "import os, subprocess, sys, time\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{other.pid}}')\n"
        "time.sleep(600)\n"
    )
    with pytest.raises(UntestableError, match="it took too long"):
        python(source, limit_s=3)

    gone_by = time.monotonic() + 60
    while any(map(_runs, pids.read_text().split())) and time.monotonic() < gone_by:
        time.sleep(0.05)
    assert not any(map(_runs, pids.read_text().split()))


def _runs(pid: str) -> bool:
    try:
        return psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_what_a_program_leaves_behind_does_not_hold_it_up() -> None:
    source = (
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('done')\n"
    )
    assert python(source).out == b"done\n"


def test_a_program_that_is_not_there_is_told() -> None:
    with pytest.raises(UntestableError, match=r"no/such could not be started \(No such file"):
        ran(["no/such"], tick=lambda: None, limit_s=1, variables={})


def test_the_last_line_is_printable_and_bounded() -> None:
    assert last_line(b"a\n\x1b[31mred" + b"x" * 1_000).startswith("?[31mredx")
    assert len(last_line(b"x" * 1_000)) == 300
    assert last_line(b"\n \n") == "it said nothing"
