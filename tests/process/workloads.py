"""Workloads that behave in every way but well. Each is run in a child, never in the tests."""

import asyncio
import gc
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any

import leakcheck

COUNT = 0
KEPT: list[Any] = []
UNDER_WAY = "under-way"
"""A file that a workload makes where it runs, for tests that have to wait for it."""


def _count() -> int:
    global COUNT  # noqa: PLW0603 -- the state of a workload
    COUNT += 1
    return COUNT


def _say_under_way() -> None:
    os.close(os.open(UNDER_WAY, os.O_CREAT | os.O_WRONLY))


def nothing() -> None:
    """Do nothing."""


def leak() -> None:
    KEPT.append(bytes(64))


@leakcheck.workload
def raises_in_set_up() -> Iterator[Callable[[], None]]:
    if not KEPT:
        msg = "no database"
        raise ConnectionError(msg)
    yield nothing


@leakcheck.workload
def yields_nothing() -> Iterator[None]:
    yield


@leakcheck.workload
def never_yields() -> Iterator[None]:
    yield from ()


@leakcheck.workload
def yields_twice() -> Iterator[Callable[[], None]]:
    yield nothing
    yield nothing


def raises_at_once() -> None:
    msg = "a secret: 1234"
    raise ValueError(msg)


def raises_at_700() -> None:
    if _count() == 700:
        msg = "at 700"
        raise ValueError(msg)


def raises_what_cannot_be_shown() -> None:
    class Mute(Exception):  # noqa: N818
        def __str__(self) -> str:
            raise RuntimeError

    raise Mute


def raises_at_length() -> None:
    raise ValueError("x" * 5_000_000)


def never_returns() -> None:
    if _count() == 5:
        time.sleep(600)


def ends_itself() -> None:
    if _count() == 5:
        os._exit(0)


def exits() -> None:
    if _count() == 5:
        sys.exit(3)


def is_killed() -> None:
    if _count() == 5:
        os.kill(os.getpid(), signal.SIGKILL)


def crashes() -> None:
    if _count() == 5:
        os.kill(os.getpid(), signal.SIGSEGV)


def returns_an_awaitable() -> Any:
    return _later()


async def _later() -> None:
    """Never awaited."""


def prints_megabytes() -> None:
    print("y" * 9_999)  # noqa: T201


def prints_escapes_and_fails() -> None:
    print("\x1b[2Jbad \x07 words")  # noqa: T201
    raise ValueError


def changes_directory() -> None:
    os.chdir("/")


def closes_all_descriptors() -> None:
    if _count() == 5:
        os.closerange(0, 4_096)


def closes_all_descriptors_and_goes_on() -> None:
    if _count() == 5:
        os.closerange(3, 4_096)
        for number in range(40):
            path = f"mine-{number}.txt"
            KEPT.append(os.open(path, os.O_CREAT | os.O_RDWR))


def writes_to_strange_pipes() -> None:
    if _count() == 5:
        for descriptor in range(3, 200):
            with suppress(OSError):
                if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                    os.write(descriptor, b"\xff" * 64)


def replaces_standard_output() -> None:
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def forks() -> None:
    if _count() % 10 == 0:
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)


@leakcheck.workload
def forks_in_set_up() -> Iterator[Callable[[], None]]:
    KEPT.append(os.fork())
    yield nothing


def starts_processes_that_stay() -> None:
    if _count() <= 3:
        KEPT.append(subprocess.Popen(["sleep", "600"], start_new_session=True))


def makes_cycles_without_a_collector() -> None:
    gc.disable()
    cycle: list[Any] = [bytes(200)]
    cycle.append(cycle)


def makes_cycles() -> None:
    cycle: list[Any] = [bytes(200)]
    cycle.append(cycle)


def sets_a_profiler() -> None:
    sys.setprofile(lambda *_: None)
    KEPT.append(bytes(64))


def grows_by_megabytes() -> None:
    KEPT.append(b"\x01" * (1 << 20))


def grows_by_four_megabytes() -> None:
    KEPT.append(b"\x01" * (4 << 20))


def grows_within_an_iteration() -> None:
    if _count() == 20:
        while True:
            KEPT.append(b"\x01" * (1 << 20))
            time.sleep(0.005)  # so that a parent that gets no turn for a second finds a machine yet


@leakcheck.workload
def raises_in_tear_down() -> Iterator[Callable[[], None]]:
    yield nothing
    msg = "cannot let go"
    raise OSError(msg)


@leakcheck.workload
def crashes_in_tear_down() -> Iterator[Callable[[], None]]:
    yield nothing
    os.kill(os.getpid(), signal.SIGSEGV)


@leakcheck.workload
def hangs_in_tear_down() -> Iterator[Callable[[], None]]:
    yield nothing
    time.sleep(600)


def is_slow() -> None:
    time.sleep(0.01)
    if _count() == 20:
        _say_under_way()


@leakcheck.workload
def is_slow_with_company() -> Iterator[Callable[[], None]]:
    """Have a process of its own, in a session of its own, as long as it runs."""
    KEPT.append(subprocess.Popen(["sleep", "600"], start_new_session=True))
    yield is_slow


def hangs_from_the_start() -> None:
    _say_under_way()
    time.sleep(600)


@leakcheck.workload(exact_iterations=40, threshold="1KiB", time_limit=7)
def has_options() -> None:
    KEPT.append(bytes(100))


@leakcheck.workload(threshold="much")
def has_a_bad_threshold() -> None:
    """Never run."""


_MANY: Any = "many"


@leakcheck.workload(iterations=_MANY)
def has_bad_iterations() -> None:
    """Never run."""


# -- asynchronous ----------------------------------------------------------------------------


async def async_nothing() -> None:
    """Do nothing and never wait."""


async def async_leak() -> None:
    await asyncio.sleep(0)
    KEPT.append(bytes(64))


async def schedules_callbacks() -> None:
    asyncio.get_running_loop().call_soon(nothing)


async def leaves_tasks() -> None:
    KEPT.append(asyncio.create_task(asyncio.Event().wait()))


@leakcheck.workload
async def serves() -> AsyncIterator[Callable[[], Any]]:
    """Set up a server in the same loop, and talk to it."""
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())

    async def ask() -> None:
        writer.write(b"ping\n")
        assert await reader.readline() == b"ping\n"

    await ask()  # from now on the server has its task for this connection
    yield ask
    writer.close()
    server.close()
    print("torn down")  # noqa: T201


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        writer.write(line)
    writer.close()


@leakcheck.workload
async def plain_step_in_a_loop() -> AsyncIterator[Callable[[], None]]:
    loop = asyncio.get_running_loop()

    def step() -> None:
        loop.call_soon(nothing)

    yield step


@leakcheck.workload
async def async_raises_in_set_up() -> AsyncIterator[Callable[[], None]]:
    if not KEPT:
        raise ConnectionError
    yield nothing


async def async_raises() -> None:
    raise ValueError


# -- surroundings ----------------------------------------------------------------------------


def leaks_sockets() -> None:
    KEPT.append(socket.socket())


def fills_the_capture() -> None:
    KEPT.append(bytes(64))
    several = [bytes(700) for _ in range(60)]
    del several


def fills_the_capture_and_keeps_nothing() -> None:
    several = [bytes(700) for _ in range(60)]
    del several
