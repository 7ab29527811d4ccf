"""What is read of processes and containers, from outside."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from leakcheck.model.errors import UsageError
from leakcheck.probes.cgroup import group_limit_bytes
from leakcheck.watch import GroupSource, PidfileSource, ProcessSource, Watch, WatchError, process
from leakcheck.watch.crew import SETTLED, Crew
from leakcheck.watch.group import memory_in
from leakcheck.watch.limits import limit_of_process, own_limits
from leakcheck.watch.sources import start_of

MIB = 1 << 20
SLEEPS = "import time; x = b'x' * (16 << 20); print(flush=True); time.sleep(600)"
PARENT = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {SLEEPS!r}], stdout=subprocess.PIPE)
child.stdout.readline()
print(flush=True)
try:
    sys.stdin.read()
finally:
    child.kill(), child.wait()
"""


@pytest.fixture
def parent() -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as one:
        assert one.stdout is not None
        one.stdout.readline()
        yield one
        assert one.stdin is not None
        one.stdin.close()


def test_a_process_is_read_with_all_below_it(parent: subprocess.Popen[bytes]) -> None:
    source = ProcessSource(parent.pid)
    reading = source.read(5.0)

    assert reading is not None
    assert reading.at_s == 5.0
    assert reading.memory_bytes > 16 * MIB
    assert reading.children == 1
    assert reading.threads is not None
    assert reading.threads >= 2
    assert reading.descriptors is not None
    assert reading.descriptors >= 6
    assert reading.life == f"{parent.pid}:{start_of(parent.pid)}:0"
    assert source.limit_bytes()


def test_a_process_that_ends_is_not_mistaken_for_the_next_one_of_its_id(
    parent: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = ProcessSource(parent.pid)
    monkeypatch.setattr(process, "start_of", lambda _: 1)

    assert source.read(1.0) is None
    assert not source.may_return


def test_a_process_that_is_not_there_is_said_to_be_missing() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()

    with pytest.raises(WatchError, match=f"{ended.pid}: found no such process, wanted the id"):
        ProcessSource(ended.pid)


def test_a_zombie_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as zombie:
        ends = time.monotonic() + 60
        while start_of(zombie.pid) is not None and time.monotonic() < ends:
            time.sleep(0.01)
        assert start_of(zombie.pid) is None


def test_a_pidfile_is_followed_from_one_process_to_the_next(
    tmp_path: Path, parent: subprocess.Popen[bytes]
) -> None:
    file = tmp_path / "shop.pid"
    source = PidfileSource(file)
    assert source.read(1.0) is None
    assert source.limit_bytes() is None

    lives = []
    for at_s, pid in enumerate((parent.pid, os.getpid())):
        file.write_text(f"{pid}\n", encoding="ascii")
        source = source if at_s == 0 else PidfileSource(file)
        reading = source.read(float(at_s))
        assert reading is not None
        lives.append(reading.life)
    assert len(set(lives)) == 2

    file.write_text("", encoding="ascii")
    assert PidfileSource(file).read(1.0) is None


@pytest.mark.parametrize("text", ["shop", "-1", "0", "12 13", "\x1b[31m"])
def test_a_pidfile_with_something_else_in_it_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "shop.pid"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(WatchError, match="wanted a process id"):
        PidfileSource(file)
    with pytest.raises(WatchError, match="Is a directory"):
        PidfileSource(tmp_path)


def test_workers_that_are_all_replaced_begin_a_life_and_passing_children_do_not() -> None:
    crew = Crew()
    for number in range(100):
        assert crew.update({1000 + number}) == 0  # a subprocess at each reading
    for _ in range(SETTLED):
        crew.update({1, 2})
    assert crew.update({1, 3}) == 0  # one worker is recycled
    for _ in range(SETTLED):
        crew.update({1, 3})
    assert crew.update({4, 5}) == 1  # a deployment replaces them all


def group(folder: Path, stat: str, *pids: int, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.stat").write_text(stat, encoding="ascii")
    (folder / "cgroup.procs").write_text("".join(f"{pid}\n" for pid in pids), encoding="ascii")
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="ascii")
    return folder


@pytest.mark.parametrize(
    ("stat", "limit_file"),
    [
        ("anon 8192\nfile 99\nshmem 4096\n", "memory.max"),
        ("rss 1\ntotal_rss 8192\ntotal_shmem 4096\n", "memory.limit_in_bytes"),
    ],
)
def test_a_container_is_read_with_what_is_below_it(
    stat: str, limit_file: str, tmp_path: Path, parent: subprocess.Popen[bytes]
) -> None:
    top = group(tmp_path / "pod", stat, os.getpid())
    group(top / "app", "anon 1\n", parent.pid)
    (top / limit_file).write_text("536870912\n", encoding="ascii")
    source = GroupSource(top)
    reading = source.read(1.0)

    assert reading is not None
    assert reading.memory_bytes == 12_288
    assert reading.children == 1
    assert reading.life == f"{os.getpid()}:{start_of(os.getpid())}:0"
    assert source.limit_bytes() == 512 * MIB
    assert group_limit_bytes(top / "app") == 512 * MIB
    assert source.may_return


def test_an_empty_container_does_not_run_and_one_that_is_none_is_refused(tmp_path: Path) -> None:
    empty = group(tmp_path / "empty", "anon 0\n")

    assert GroupSource(empty).read(1.0) is None
    source = GroupSource(empty)
    (empty / "memory.stat").unlink()
    assert source.read(1.0) is None
    with pytest.raises(UsageError, match=r"--cgroup: found no memory\.stat and cgroup\.procs in"):
        GroupSource(tmp_path)
    assert memory_in(b"") is None
    assert memory_in(b"anon x\nanon\n\xff 1\n") is None


def test_the_limits_of_a_process_are_those_of_memory(tmp_path: Path) -> None:
    file = tmp_path / "limits"
    file.write_text(
        "Limit                     Soft Limit           Hard Limit           Units\n"
        "Max data size             1073741824           unlimited            bytes\n"
        "Max open files            1024                 4096                 files\n"
        "Max address space         unlimited            unlimited            bytes\n",
        encoding="ascii",
    )

    assert own_limits(file) == [1 << 30]
    assert own_limits(tmp_path / "nowhere") == []
    assert limit_of_process(os.getpid())


def test_a_service_watches_itself_in_a_thread() -> None:
    with Watch(interval_s=0.01) as watch:
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            standing = watch.standing
            if standing is not None and standing.readings > 3:
                break
            time.sleep(0.01)

    assert watch.error is None
    assert watch.standing is not None
    assert watch.standing.readings > 3
    assert watch.standing.memory_bytes > MIB
    assert "leakcheck_watch_up 1" in watch.metrics_text()


def test_a_clock_that_is_set_back_stops_nothing() -> None:
    times = iter([100.0, 50.0, 60.0])
    watch = Watch(clock=lambda: next(times))
    for _ in range(3):
        watch.take()

    assert watch.standing is not None
    assert watch.standing.readings == 3


def test_importing_a_watch_loads_nothing_but_the_standard_library_and_little_of_ours() -> None:
    script = (
        "import sys; import leakcheck.watch; first = {n for n in sys.modules if 'leakcheck' in n}\n"
        "from leakcheck.watch import Watch; Watch().sample()\n"
        "print(*sorted(first)); print(*{n.partition('.')[0] for n in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    first, roots = done.stdout.splitlines()

    assert first.split() == [
        "leakcheck",
        "leakcheck._version",
        "leakcheck.watch",
        "leakcheck.workload",
    ]
    assert not {"memray", "psutil", "rich", "asyncio", "statistics"} & set(roots.split())
