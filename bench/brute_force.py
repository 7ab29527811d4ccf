"""Counting by brute force: what a workload really costs, by nobody's statistics and no memray."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parent.parent
ITERATIONS: Final = 20_000
_SKIPPED: Final = 1_000
_PROGRAM: Final = """
import asyncio, gc, importlib, inspect, json, os, sys
from leakcheck.run.child.main import allow_descriptors
from leakcheck.probes.heap import heap_probe
from leakcheck.probes.tasks import count_tasks

module, name, skipped, iterations = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
step = getattr(importlib.import_module(module), name)
heap_bytes = heap_probe()
allow_descriptors()

def read():
    gc.collect()
    return heap_bytes(), len(os.listdir("/proc/self/fd")), count_tasks()

async def repeat(times):
    for _ in range(times):
        result = step()
        if inspect.isawaitable(result):
            await result
            await asyncio.sleep(0)

async def main():
    await repeat(skipped)
    first = read()
    await repeat(iterations)
    return [(last - start) / iterations for start, last in zip(first, read())]

if inspect.iscoroutinefunction(step):
    rates = asyncio.run(main())
else:
    for _ in range(skipped): step()
    first = read()
    for _ in range(iterations): step()
    rates = [(last - start) / iterations for start, last in zip(first, read())]
print(json.dumps(dict(zip(("heap", "descriptors", "tasks"), rates))))
os._exit(0)
"""


def count(target: str, iterations: int = ITERATIONS) -> dict[str, float]:
    """Return the growth an iteration of heap (bytes), descriptors and tasks.

    It is the difference between two readings, `iterations` apart and 1,000 after the start, in
    an interpreter of its own without memray. `target` is ``module:function``.
    """
    module, _, name = target.partition(":")
    environment = {
        **os.environ,
        "PYTHONMALLOC": "malloc",
        "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0",
    }
    answer = subprocess.run(  # noqa: S603 -- our own program, in our own interpreter
        [sys.executable, "-c", _PROGRAM, module, name, str(_SKIPPED), str(iterations)],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    rates: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return rates
