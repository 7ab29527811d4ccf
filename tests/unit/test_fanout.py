import _thread
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.fanout import at_once

_PATIENCE_S = 120


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(min_value=0, max_value=3), max_size=8), st.integers(1, 5))
def test_results_come_in_the_order_of_the_items(waits: list[int], jobs: int) -> None:
    def do(wait: int) -> int:
        time.sleep(wait / 1000)
        return wait * 10

    found = at_once(waits, do, jobs=jobs, interrupted=threading.Event())

    assert found == [wait * 10 for wait in waits]


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_no_more_than_jobs_run_at_a_time(jobs: int) -> None:
    lock, running, most, together = threading.Lock(), 0, 0, threading.Event()

    def do(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == jobs:
                together.set()
        assert together.wait(_PATIENCE_S)
        time.sleep(0.02)  # time for one too many to begin
        with lock:
            running -= 1

    at_once(range(8), do, jobs=jobs, interrupted=threading.Event())

    assert most == jobs


def test_the_first_exception_stops_the_others_and_is_raised_when_they_have_ended() -> None:
    interrupted, ended, begun = threading.Event(), threading.Event(), []

    def do(item: int) -> None:
        begun.append(item)
        if item == 0:
            msg = "the first"
            raise LookupError(msg)
        assert interrupted.wait(_PATIENCE_S)
        ended.set()

    with pytest.raises(LookupError, match="the first"):
        at_once([0, 1, 2, 3, 4, 5], do, jobs=2, interrupted=interrupted)

    assert ended.is_set()
    assert len(begun) < 6


def test_ctrl_c_lets_those_under_way_end_and_begins_no_other() -> None:
    interrupted = threading.Event()

    def do(item: int) -> int:
        if item == 1:
            _thread.interrupt_main()
        if item:
            assert interrupted.wait(_PATIENCE_S)
        return item

    assert at_once([0, 1, 2, 3], do, jobs=1, interrupted=interrupted) == [0, 1, None, None]


def test_nothing_to_do_is_done_at_once() -> None:
    assert at_once([], str, jobs=4, interrupted=threading.Event()) == []
