"""Reading a program from outside: all its processes as one, what it does, and what it is."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from leakcheck.probes.activity import activity, signals_of
from leakcheck.probes.outside import descendants
from leakcheck.probes.programs import runs_python
from leakcheck.probes.tree import TreeProbe
from leakcheck.run.program.adoption import adopting, reap

GONE = 1 << 22
"""No process has so large an id."""
FAMILY = (
    "import os, subprocess, sys, threading, time\n"
    "kept = bytearray(b'x') * 8_000_000\n"
    "file = os.open(os.devnull, os.O_RDONLY)\n"
    "subprocess.Popen(['sleep', '1000'])\n"
    "threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n"
    "if not os.fork(): time.sleep(1000)\n"
    "if not os.fork(): os._exit(0)\n"
    "print('ready', flush=True)\n"
    "time.sleep(1000)\n"
)


@contextmanager
def started(*words: str) -> Iterator[tuple["subprocess.Popen[str]", TreeProbe]]:
    """Start a program that says a line when it is ready; end it with all that it started."""
    others = descendants(os.getpid())
    popen = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True)
    tree = TreeProbe(popen.pid, adopter=os.getpid(), others=others)
    try:
        assert popen.stdout is not None
        assert popen.stdout.readline() == "ready\n"
        yield popen, tree
    finally:
        for pid in tree.members():
            os.kill(pid, signal.SIGKILL)
        popen.wait()
        if popen.stdout is not None:
            popen.stdout.close()


def await_(is_so: object) -> None:
    deadline_s = time.monotonic() + 60
    while not is_so():  # type: ignore[operator] # any question
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def alive_of(tree: TreeProbe) -> list[psutil.Process]:
    """Return the processes of a program but for those that have ended."""
    all_ = [psutil.Process(pid) for pid in tree.members()]
    return [one for one in all_ if one.status() != psutil.STATUS_ZOMBIE]


def test_a_program_is_seen_as_all_of_its_processes() -> None:
    with started(sys.executable, "-c", FAMILY) as (popen, tree):
        await_(lambda: (len(tree.members()), len(alive_of(tree))) == (4, 3))
        look = tree.read()
        alive = alive_of(tree)

        assert look is not None
        assert look.children == tree.members() - {popen.pid}
        assert look.threads == sum(one.num_threads() for one in alive)
        assert look.descriptors == sum(one.num_fds() for one in alive)
        assert look.rss_bytes == pytest.approx(tree.rss_bytes())
        assert (look.rss_bytes or 0) > 16_000_000  # kept twice: once by the fork
        assert runs_python(tree.members())


def test_a_program_that_has_ended_is_not_seen() -> None:
    with started("sh", "-c", "echo ready; exec sleep 0") as (popen, tree):
        await_(lambda: tree.read() is None)

        assert tree.rss_bytes() is None
        assert popen.wait() == 0
    assert not runs_python([GONE])
    assert signals_of(GONE) is None


def test_a_process_that_has_lost_its_parent_is_found_again() -> None:
    with adopting(), started("sh", "-c", "setsid sleep 1000 & echo ready; cat") as (_, tree):
        await_(lambda: len(tree.members()) >= 2)
    script = "(setsid sleep 1000 &) ; echo ready; exec sleep 1001"
    with adopting(), started("sh", "-c", script) as (popen, tree):
        await_(lambda: len(tree.members()) == 2)
        (orphan,) = tree.members() - {popen.pid}

        assert psutil.Process(orphan).ppid() == os.getpid()
        os.kill(orphan, signal.SIGKILL)
        await_(lambda: psutil.Process(orphan).status() == psutil.STATUS_ZOMBIE)
        reap(tree.members() - {popen.pid})
        assert tree.members() == {popen.pid}


def test_who_does_nothing_is_told_from_who_works() -> None:
    with started("sh", "-c", "echo ready; exec sleep 1000") as (popen, _):
        await_(lambda: psutil.Process(popen.pid).name() == "sleep")
        await_(lambda: activity([popen.pid]).is_asleep)

        assert activity([popen.pid]) == activity([popen.pid, GONE])
    with started("sh", "-c", "echo ready; while :; do :; done") as (popen, _):
        before = activity([popen.pid]).cpu_ns
        await_(lambda: activity([popen.pid]).cpu_ns > before)

        assert not activity([popen.pid]).is_asleep


def test_signals_that_wait_and_signals_that_are_handled_are_known() -> None:
    script = (
        "import signal, time\n"
        "signal.signal(signal.SIGUSR1, lambda *_: None)\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])\n"
        "print('ready', flush=True)\ntime.sleep(1000)\n"
    )
    with started(sys.executable, "-c", script) as (popen, _):
        before = signals_of(popen.pid)
        os.kill(popen.pid, signal.SIGUSR1)
        await_(lambda: (now := signals_of(popen.pid)) and signal.SIGUSR1 in now.pending)

        assert before is not None
        assert signal.SIGUSR1 in before.handled
        assert signal.SIGUSR2 not in before.handled
        assert before.pending == frozenset()
