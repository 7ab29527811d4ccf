"""The bounds of the process that reads a capture back."""

import signal
import subprocess
import sys
import time

import pytest

from leakcheck.run.child.bounds import TooLongError, at_most

FIRST = "from leakcheck.run.child.bounds import bound_memory; bound_memory(256 << 20); "


def test_what_takes_too_long_is_given_up() -> None:
    with pytest.raises(TooLongError), at_most(0.01):
        time.sleep(600)


def test_no_time_at_all_is_too_little() -> None:
    with pytest.raises(TooLongError), at_most(-5):
        time.sleep(600)


def test_what_is_done_in_time_is_left_alone_afterwards() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with at_most(600):
        pass

    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.parametrize(("mebibytes", "is_had"), [(64, True), (512, False)])
def test_a_process_gets_no_more_memory_than_it_may_have(mebibytes: int, *, is_had: bool) -> None:
    code = f"{FIRST}bytearray({mebibytes} << 20)"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)

    assert (done.returncode == 0) is is_had
    assert is_had or done.stderr.strip().endswith("MemoryError")
