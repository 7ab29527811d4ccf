"""What it costs a workload that its descriptors and threads are watched.

A watched process stays so: each figure is of a process of its own, prepared as a measured child is.
The nanoseconds of each call before and after are in `extra_info`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from leakcheck.run.environment import child_environment

PROJECT: Final = Path(__file__).parent.parent
ROUNDS: Final = 3
_CALLS: Final = """
import json, os, socket, sys, timeit
from leakcheck.probes.origins import Origins


def event_of_no_interest():
    id(sys)


def os_open():
    os.close(os.open(os.devnull, os.O_RDONLY))


def file():
    open(os.devnull).close()


def connected_pair():
    one, other = socket.socketpair()
    one.close()
    other.close()


def deep(call, depth=20):
    if depth:
        deep(call, depth - 1)
    else:
        call()


def cost_ns(call):
    return round(min(timeit.repeat(call, number=1_000, repeat=9)) * 1e6)


def os_open_under_twenty_frames():
    deep(os_open)


CALLS = (event_of_no_interest, os_open, os_open_under_twenty_frames, file, connected_pair)
before = [cost_ns(call) for call in CALLS]
Origins(memoryview(bytearray(8)).cast("Q")).watch()
after = [cost_ns(call) for call in CALLS]
print(json.dumps({call.__name__: pair for call, *pair in zip(CALLS, before, after)}))
"""


@pytest.mark.elsewhere
def bench_watched_calls(benchmark: BenchmarkFixture, *, is_rough: bool) -> None:
    """Call what opens something before and after watching begins."""
    environment, _ = child_environment(os.environ)
    found: list[dict[str, list[int]]] = []

    def run() -> None:
        command = [sys.executable, "-c", _CALLS]
        ran = subprocess.run(  # noqa: S603 -- this very interpreter
            command, check=True, env=environment, cwd=PROJECT, stdout=subprocess.PIPE
        )
        found.append(json.loads(ran.stdout))

    benchmark.pedantic(run, rounds=1 if is_rough else ROUNDS)  # type: ignore[no-untyped-call]
    for call in found[0]:
        least = [min(one[call][k] for one in found) for k in range(2)]
        benchmark.extra_info[f"{call}_ns"] = least
