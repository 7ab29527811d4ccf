"""Counting by brute force, inside the environment of a pair: standard library and the workload.

`python brute.py FILE ITERATIONS` sets the workload up, runs it in five stretches of equal length,
leaves the first out as warm-up, and prints what grew in each of the others, by iteration, as JSON.
"""

import asyncio
import ctypes
import gc
import importlib.util
import inspect
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

_STRETCHES: Final = 5
_FIELDS: Final = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"


class _Mallinfo2(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in _FIELDS.split()]


def heap_in_use() -> Callable[[], int]:
    """Return a function that reads the bytes malloc has handed out."""
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = _Mallinfo2

    def read() -> int:
        info = mallinfo2()
        return int(info.uordblks + info.hblkhd)

    return read


def anonymous_rss() -> int:
    """Return the bytes of anonymous memory that are resident."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("RssAnon:")[2].split()[0]) * 1024


def look(heap: Callable[[], int]) -> dict[str, int]:
    """Return what the process holds now, after a collection."""
    gc.collect()
    return {
        "heap_bytes": heap(),
        "rss_bytes": anonymous_rss(),
        "descriptors": len(os.listdir("/proc/self/fd")),  # noqa: PTH208 -- Path.iterdir opens as many
        "threads": len(os.listdir("/proc/self/task")),  # noqa: PTH208
        "gc_objects": len(gc.get_objects()),
    }


def load(path: str) -> Callable[[], Any]:
    """Return the function `workload` of a file."""
    spec = importlib.util.spec_from_file_location("pair", path)
    if spec is None or spec.loader is None:
        msg = f"{path}: found a file that Python cannot load, wanted a .py file"
        raise ImportError(msg)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[[], Any] = module.workload
    return function


async def count(workload: Callable[[], Any], iterations: int) -> dict[str, Any]:
    """Return the growth of each kind, a list of one rate a stretch, and the pace."""
    heap = heap_in_use()
    generator = workload()
    is_async = inspect.isasyncgen(generator)
    step = await anext(generator) if is_async else next(generator)
    each = iterations // _STRETCHES
    looks, took_s = [], 0.0
    look(heap)  # what the first look itself leaves behind is not the workload's
    for _ in range(_STRETCHES):
        began_s = time.perf_counter()
        await repeat(step, each)
        took_s = time.perf_counter() - began_s
        looks.append(look(heap))
    rates = {
        name: [(after[name] - before[name]) / each for before, after in zip(looks, looks[1:])]  # noqa: B905, RUF007 -- one is shorter on purpose
        for name in looks[0]
    }
    return {"iterations": each * _STRETCHES, "microseconds": took_s / each * 1e6, **rates}


async def repeat(step: Callable[[], Any], times: int) -> None:
    """Run an iteration so many times."""
    for _ in range(times):
        result = step()
        if inspect.isawaitable(result):
            await result


def main() -> None:
    """Count, print, and leave without teardown: what was to be seen has been seen."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    result = asyncio.run(count(load(sys.argv[1]), int(sys.argv[2])))
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
