"""The parent itself: many runs in one process, and failures at odd moments, leave nothing."""

import gc
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from leakcheck.check import Checked, Settings, check
from leakcheck.model.errors import RecordError, TargetError, UsageError, WorkloadError
from leakcheck.model.options import Options
from leakcheck.model.plan import Plan, Profiler
from leakcheck.record.store import RecordStore
from leakcheck.run import limits, supervise
from leakcheck.run.child.slots import Slot
from leakcheck.run.outcome import Progress
from leakcheck.run.process import ChildProcess
from tests.process.command import workload

NOTHING = workload("nothing")


def settings(out: Path, iterations: int = 20) -> Settings:
    return Settings(
        out=out, commanded=Options(profiler=Profiler.NONE, exact_iterations=iterations), jobs=2
    )


def holdings() -> set[object]:
    """Return the descriptors, threads and children of this process, other tests' among them.

    Not the children's own children: the servers of other tests start and end some at any time.
    """
    gc.collect()  # what other tests have dropped is gone now, and not in the middle of this one
    descriptors = {f"descriptor {entry.name}" for entry in Path("/proc/self/fd").iterdir()}
    return {*descriptors, *threading.enumerate(), *psutil.Process().children()}


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@contextmanager
def nothing_left(temporary: Path) -> Iterator[None]:
    before = holdings()
    yield
    assert holdings() <= before
    assert list(temporary.iterdir()) == []


def test_twenty_runs_leave_no_descriptor_thread_child_or_folder(
    tmp_path: Path, temporary: Path
) -> None:
    check([NOTHING], settings(tmp_path / "out"))
    with nothing_left(temporary):
        for _ in range(5):
            check(
                [NOTHING, workload("raises_at_once"), workload("is_killed"), workload("leak")],
                settings(tmp_path / "out"),
            )


def test_targets_that_cannot_be_used_leave_nothing(tmp_path: Path, temporary: Path) -> None:
    with nothing_left(temporary):
        for targets in (["nowhere.py:tick"], [NOTHING, "nowhere.py:tick"]):
            with pytest.raises(TargetError):
                check(targets, settings(tmp_path / "out"))
    assert RecordStore(tmp_path / "out").ids() == ()


def test_a_record_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        msg = "full"
        raise RecordError(msg)

    monkeypatch.setattr(RecordStore, "save", refuse)
    with nothing_left(temporary), pytest.raises(RecordError, match="full"):
        check([NOTHING], settings(tmp_path / "out"))
    assert list((tmp_path / "out").glob("2*")) == []


def test_an_observer_that_raises_leaves_nothing(tmp_path: Path, temporary: Path) -> None:
    def refuse(_: Progress) -> None:
        msg = "seen enough"
        raise LookupError(msg)

    with nothing_left(temporary), pytest.raises(LookupError, match="seen enough"):
        check([NOTHING], settings(tmp_path / "out"), observe=refuse)


def test_an_interpreter_that_vanishes_leaves_nothing(tmp_path: Path, temporary: Path) -> None:
    (temporary / "bridge").mkdir()
    before = holdings()
    with pytest.raises(WorkloadError, match="could not be started"):
        ChildProcess(tmp_path / "python", temporary / "bridge", {}, {})

    assert holdings() <= before


def a_second_once(hangs: Path) -> Callable[[Plan], float]:
    """Return a limit of preparations that is one second as soon as the workload says it hangs.

    Until then it is long: an interpreter that starts slowly is not what is to be ended.
    """
    return lambda _: 1.0 if hangs.exists() else 300.0


def test_an_import_that_hangs_is_ended_and_is_wrong_usage(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "preparation_limit_s", a_second_once(tmp_path / "hangs"))
    file = tmp_path / "hanging.py"
    text = f"import time\nopen({str(tmp_path / 'hangs')!r}, 'w').close()\ntime.sleep(600)\n"
    file.write_text(text, encoding="utf-8")
    quick = Options(profiler=Profiler.NONE, time_limit_s=0.5)
    with nothing_left(temporary), pytest.raises(UsageError) as refused:
        check([f"{file}:tick"], Settings(out=tmp_path / "out", commanded=quick))

    assert str(refused.value).endswith("was killed while it was imported: it took more than 1 s")


def test_a_set_up_that_hangs_is_ended_and_measured_nothing(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "preparation_limit_s", a_second_once(tmp_path / "hangs"))
    file = tmp_path / "hanging.py"
    text = (
        "import time, leakcheck\n@leakcheck.workload\ndef tick():\n"
        f"    open({str(tmp_path / 'hangs')!r}, 'w').close()\n    time.sleep(600)\n    yield\n"
    )
    file.write_text(text, encoding="utf-8")
    quick = Options(profiler=Profiler.NONE, time_limit_s=0.5)
    with nothing_left(temporary):
        (found,) = check([f"{file}:tick"], Settings(out=tmp_path / "out", commanded=quick))

    assert found.record.judgement.reason == "was killed in its set-up: it took more than 1 s"


def test_a_child_killed_between_two_reads_is_told_by_its_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = supervise.Supervisor._read

    def kill_and_read(self: Any) -> Any:
        if self._slots[Slot.ITERATIONS] == 7:
            os.kill(self._child.pid, 9)
        return read(self)

    monkeypatch.setattr(supervise.Supervisor, "_read", kill_and_read)
    (found,) = check([NOTHING], settings(tmp_path / "out"))

    assert found.record.judgement.reason.startswith("was killed by SIGKILL at iteration 8 (it held")
    assert found.record.measurement.iterations == 7


def test_a_child_that_has_ended_keeps_its_id_until_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing: list[bool] = []
    close = ChildProcess.close

    def look_and_close(self: ChildProcess) -> None:
        self.await_exit_code(120)
        closing.append(psutil.pid_exists(self.pid))
        close(self)
        closing.append(psutil.pid_exists(self.pid))

    monkeypatch.setattr(ChildProcess, "close", look_and_close)
    check([workload("ends_itself")], settings(tmp_path / "out"))

    assert closing == [True, False]


def test_what_is_done_is_told_as_soon_as_it_is(tmp_path: Path) -> None:
    done: list[Checked] = []
    found = check([NOTHING, workload("leak")], settings(tmp_path / "out"), done=done.append)

    assert sorted(one.folder for one in done) == sorted(one.folder for one in found)
    assert [one.record.plan.target for one in found] == [NOTHING, workload("leak")]


def test_stopping_before_the_beginning_runs_nothing(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()

    assert check([NOTHING, workload("leak")], settings(tmp_path / "out"), interrupted=stop) == []
    assert RecordStore(tmp_path / "out").ids() == ()
