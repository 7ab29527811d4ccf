"""The truth about a case by brute force: long runs, plain counts, nobody's statistics.

`python -m bench.accuracy.truth TARGET CALLS` runs a case in this process and writes its readings
as JSON; `readings` does that in a fresh one. Neither memray nor a verdict has a part in it.
"""

import gc
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench.accuracy.peers.steps import Steps, opened
from bench.accuracy.process import ROOT
from bench.corpus.small.registry import SEED_VARIABLE

READINGS: Final = 60
LEAST_GROWTH: Final = {"heap": 4.0, "shared": 4.0, "descriptors": 0.001, "threads": 0.001}
"""What counts as growth: bytes a call, or so many a call; leakcheck's own thresholds."""

Readings = dict[str, list[int]]


def readings(target: str, *, calls: int, seed: int) -> Readings:
    """Return readings of every signal, `READINGS` of each at even distances, of a fresh process."""
    ended = subprocess.run(  # noqa: S603 -- this file
        [sys.executable, "-m", "bench.accuracy.truth", target, str(calls)],
        cwd=ROOT,
        env={
            **os.environ,
            SEED_VARIABLE: str(seed),
            "PYTHONHASHSEED": "0",
            "PYTHONMALLOC": "malloc",
            "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0",
        },
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: Readings = json.loads(ended.stdout.splitlines()[-1])
    return found


def growth_per_call(values: list[int], calls: int) -> float:
    """Return how far the highest of the last third lies above the highest of the middle third.

    A container that is full, and one that is emptied now and then, come to nothing.

    >>> growth_per_call([0, 5, 9, 9, 9, 9], calls=60), growth_per_call([0, 1, 2, 3, 4, 5], calls=6)
    (0.0, 1.0)
    """
    third = len(values) // 3
    return (max(values[-third:]) - max(values[third : 2 * third])) / (calls / 3)


def growing(found: Readings, calls: int) -> dict[str, float]:
    """Return the signals that grow by more than `LEAST_GROWTH`, and by how much a call."""
    rates = {signal: growth_per_call(values, calls) for signal, values in found.items()}
    return {signal: rate for signal, rate in rates.items() if rate > LEAST_GROWTH[signal]}


def shared_bytes() -> int:
    """Return the resident shared memory of this process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("RssShmem:"))
    return int(line.split()[1]) * 1024


def probes() -> dict[str, Callable[[], int]]:
    """Return what reads each signal of this process."""
    from leakcheck.probes.heap import heap_probe  # noqa: PLC0415 -- only the child reads

    heap_bytes = heap_probe()
    assert heap_bytes is not None, "this C library does not count its heap"
    return {
        "heap": heap_bytes,
        "shared": shared_bytes,
        "descriptors": lambda: len(os.listdir("/proc/self/fd")),  # noqa: PTH208 -- cheaper
        "threads": threading.active_count,
    }


def read_all(steps: Steps, calls: int) -> Readings:
    """Return the readings of a workload that is open in this process."""
    read = probes()
    found: Readings = {signal: [] for signal in read}
    collected = gc.isenabled()  # what a workload that turns it off leaves behind is its growth
    for _ in range(READINGS):
        for _ in range(calls // READINGS):
            steps.step()
        if collected:
            gc.collect()
        for signal, values in found.items():
            values.append(read[signal]())
    return found


if __name__ == "__main__":
    with opened(sys.argv[1]) as opened_steps:
        sys.stdout.write(json.dumps(read_all(opened_steps, int(sys.argv[2]))) + "\n")
        sys.stdout.flush()
        os._exit(0)  # what has leaked need not be torn down
