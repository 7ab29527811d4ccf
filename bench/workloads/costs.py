"""Workloads that tell what their own iterations cost, to compare a checked run with a bare one."""

import json
import os
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import leakcheck

ITERATIONS: Final = 10_000
COST_FILE: Final = "LEAKCHECK_BENCH_COST_FILE"
"""The environment variable that names the file for the CPU nanoseconds of one iteration."""

_DOCUMENT: Final = {
    "title": "Marktbericht",
    "numbers": [n / 7 for n in range(24)],
    "quotes": [{"symbol": f"S{n}", "price": 100.0 + n, "listed": True} for n in range(8)],
}
_BLOCK: Final = bytes(range(256)) * 400


@leakcheck.workload(exact_iterations=ITERATIONS)
def json_round_trip() -> Iterator[Callable[[], None]]:
    """Write and read a small document: a hundred and more allocations."""

    def round_trip() -> None:
        json.loads(json.dumps(_DOCUMENT))

    yield from _timed(round_trip)


@leakcheck.workload(exact_iterations=ITERATIONS)
def checksum() -> Iterator[Callable[[], None]]:
    """Sum up a block of bytes: next to no allocation."""

    def sum_up() -> None:
        zlib.crc32(_BLOCK)

    yield from _timed(sum_up)


def _timed(work: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Yield `work` as an iteration, and write what one took when all are done.

    The CPU time of the process is read as the first iteration begins and as the last one ends.
    In it are all that this process does in between, on any thread: the iterations, the loop
    around them, memray's records of them, and the samples between them. Out of it are start-up,
    imports, set-up, the samples before the first and after the last iteration, the closing of
    the capture, and whatever another process does: the parent's side of each sample.
    """
    done = began_ns = ended_ns = 0

    def iteration() -> None:
        nonlocal done, began_ns, ended_ns
        if done == 0:
            began_ns = time.process_time_ns()
        work()
        done += 1
        if done == ITERATIONS:
            ended_ns = time.process_time_ns()

    yield iteration
    cost_ns = (ended_ns - began_ns) / ITERATIONS
    Path(os.environ[COST_FILE]).write_text(str(cost_ns), encoding="utf-8")
