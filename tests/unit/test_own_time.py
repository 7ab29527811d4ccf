"""A child's own time: what its neighbours take is not counted, and what it takes itself is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.model.plan import Plan
from leakcheck.probes.waiting import Turns, WaitingProbe, throttle_file, waited_here_s
from leakcheck.run.child.slots import Stage
from leakcheck.run.endings import stretched
from leakcheck.run.limits import Standing, limit_reached
from leakcheck.run.own_time import LONGEST_STRETCH, OwnTime, own_seconds

SECONDS = st.floats(min_value=0, max_value=1e6)


class Fed:
    """A probe that says what it was told to."""

    def __init__(self) -> None:
        self.turns = Turns()

    def read(self) -> Turns:
        return self.turns


@given(clock_s=SECONDS, ran_s=SECONDS, waited_s=SECONDS)
def test_own_time_is_between_a_fifth_of_the_clocks_and_all_of_it(
    clock_s: float, ran_s: float, waited_s: float
) -> None:
    own_s = own_seconds(clock_s, ran_s=ran_s, waited_s=waited_s)

    assert clock_s / LONGEST_STRETCH <= own_s <= clock_s


@given(ran_s=SECONDS, slept_s=SECONDS, share=st.floats(min_value=0.25, max_value=1))
def test_what_one_thread_runs_and_sleeps_is_counted_whatever_it_waited(
    ran_s: float, slept_s: float, share: float
) -> None:
    waited_s = ran_s / share - ran_s

    own_s = own_seconds(ran_s + slept_s + waited_s, ran_s=ran_s, waited_s=waited_s)

    assert own_s == pytest.approx(ran_s + slept_s, rel=1e-6, abs=1e-6)


@given(threads=st.integers(1, 64), processors=st.integers(1, 8), clock_s=SECONDS)
def test_threads_that_wait_for_each_other_get_no_more_time(
    threads: int, processors: int, clock_s: float
) -> None:
    busy = min(threads, processors)
    waited_s = clock_s * (1 - busy / threads)

    assert own_seconds(clock_s, ran_s=busy * clock_s, waited_s=waited_s) == clock_s


@given(
    st.lists(
        st.tuples(
            st.floats(min_value=0, max_value=10),
            st.floats(min_value=0, max_value=10),
            st.floats(min_value=0, max_value=10),
        ),
        max_size=30,
    )
)
def test_own_time_never_runs_backwards(steps: list[tuple[float, float, float]]) -> None:
    probe, now_s, before_s = Fed(), 100.0, 0.0
    own = OwnTime(probe, now_s)
    for step_s, ran_s, waited_s in steps:
        now_s += step_s
        probe.turns = Turns(
            ran_s=probe.turns.ran_s + ran_s, waited_s=probe.turns.waited_s + waited_s
        )
        own_s = own.seconds(now_s)
        assert before_s <= own_s <= now_s - 100.0
        before_s = own_s


def test_a_stage_begins_anew() -> None:
    probe = Fed()
    own = OwnTime(probe, 0.0)
    probe.turns = Turns(ran_s=1.0, waited_s=9.0)
    assert own.seconds(10.0) == 2.0

    own.restart(10.0)
    probe.turns = Turns(ran_s=3.0, waited_s=11.0)

    assert own.seconds(14.0) == 2.0
    assert own.share(14.0) == 0.5


def test_an_answer_that_comes_late_for_want_of_a_processor_is_no_time_of_the_childs() -> None:
    waited = iter([1.0, 4.0, 9.0])
    own = OwnTime(Fed(), 0.0, lambda: next(waited))

    own.end_turn(is_answered=True)
    own.end_turn(is_answered=False)  # then the child was at work
    assert own.seconds(10.0) == 7.0

    own.restart(10.0)
    assert own.seconds(14.0) == 4.0


def test_a_thread_knows_how_long_it_waited_itself() -> None:
    assert 0 <= waited_here_s() <= waited_here_s()


def test_nobody_waits_longer_for_a_time_limit_than_five_times_of_it() -> None:
    probe, plan = Fed(), Plan(target="jobs.py:tick", python=Path("python"), time_limit_s=60)
    own = OwnTime(probe, 0.0)
    probe.turns = Turns(waited_s=1e9)

    before = Standing(stage=Stage.ITERATING, in_stage_s=own.seconds(299.0))
    assert limit_reached(plan, before) is None
    assert own.is_stretched(299.0)
    after = Standing(stage=Stage.ITERATING, in_stage_s=own.seconds(300.0))
    assert limit_reached(plan, after) is not None
    assert "the time limit of 60 s ended the run after 300 s" in stretched(plan)


def test_an_undisturbed_child_is_not_stretched() -> None:
    own = OwnTime(Fed(), 0.0)

    assert not own.is_stretched(0.0)
    assert not own.is_stretched(60.0)
    assert own.share(0.0) == 1.0


def test_the_kernel_counts_what_a_busy_process_ran() -> None:
    busy = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True)\nwhile True: pass"], stdout=subprocess.PIPE
    )
    try:
        assert busy.stdout is not None
        busy.stdout.readline()
        probe = WaitingProbe(busy.pid)
        while (turns := probe.read()).ran_s < 0.2:
            pass
        assert turns.waited_s >= 0
    finally:
        busy.kill()
        busy.communicate()
    assert probe.read().ran_s >= turns.ran_s  # it has ended: what it had stays


def test_each_thread_is_followed_and_the_one_held_up_most_counts(tmp_path: Path) -> None:
    def say(thread: int, ran: int, waited: int) -> None:
        folder = tmp_path / "7" / "task" / str(thread)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "schedstat").write_text(f"{ran} {waited} 3\n", encoding="ascii")

    say(7, 10**9, 10**9)
    probe = WaitingProbe(7, proc=tmp_path)
    say(7, 2 * 10**9, 2 * 10**9)
    say(8, 10**9, 4 * 10**9)  # it was started since

    assert probe.read() == Turns(ran_s=2.0, waited_s=4.0)
    assert probe.read() == Turns(ran_s=2.0, waited_s=4.0)


@pytest.mark.parametrize("text", ["", "no numbers here", "1"])
def test_a_damaged_account_counts_nothing(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "7" / "task" / "7"
    folder.mkdir(parents=True)
    (folder / "schedstat").write_text(text, encoding="ascii")

    assert WaitingProbe(7, proc=tmp_path).read().waited_s >= 0


@pytest.mark.parametrize(
    ("place", "group"),
    [
        ("shop/cpu.stat", "0::/shop"),
        ("cpu.stat", "0::/of/another/namespace"),
        ("cpu/shop/cpu.stat", "3:cpu,cpuacct:/shop"),
    ],
)
def test_a_throttled_group_is_found(tmp_path: Path, place: str, group: str) -> None:
    own = tmp_path / "own"
    own.write_text(f"{group}\n", encoding="ascii")
    file = tmp_path / "root" / place
    file.parent.mkdir(parents=True)
    file.write_text("nr_throttled 3\nthrottled_usec 1500000\n", encoding="ascii")

    assert throttle_file(tmp_path / "root", own) == file


def test_without_accounts_of_threads_throttling_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "cpu.stat"
    file.write_text("throttled_usec 1500000\n", encoding="ascii")
    monkeypatch.setattr("leakcheck.probes.waiting.throttle_file", lambda: file)
    probe = WaitingProbe(os.getpid(), proc=tmp_path / "nowhere")
    file.write_text("throttled_usec 4000000\n", encoding="ascii")

    assert probe.read() == Turns(waited_s=2.5)


def test_where_nothing_is_told_nobody_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert throttle_file(tmp_path, tmp_path / "nowhere") is None
    monkeypatch.setattr("leakcheck.probes.waiting.throttle_file", lambda: None)

    assert WaitingProbe(os.getpid(), proc=tmp_path).read() == Turns()
