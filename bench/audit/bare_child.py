"""A workload in a process of its own, as the service runs: started as a file, prints JSON.

No profiler, the interpreter's own allocator, and no collection but what the service itself does:
what leakcheck does to see growth would change what an iteration costs.
"""

import asyncio
import importlib
import json
import os
import sys
import time
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_DESCRIPTORS = "/proc/self/fd"


class _Blocks:
    """A value for each block of iterations, in arrays made beforehand."""

    def __init__(self, blocks: int) -> None:
        self.cpu_ns = array("q", [0]) * blocks
        self.descriptors = array("q", [0]) * blocks
        self.rss_bytes = array("q", [0]) * blocks
        self.done = 0

    def document(self, block_iterations: int) -> dict[str, object]:
        done = self.done
        return {
            "cpu_s": [ns / 1e9 / block_iterations for ns in self.cpu_ns[:done]],
            "most_descriptors": self.descriptors[:done].tolist(),
            "rss_bytes": self.rss_bytes[:done].tolist(),
        }


async def _measure(
    step: Callable[[], Awaitable[None]], blocks: int, block_iterations: int, limit_bytes: int
) -> dict[str, object]:
    found = _Blocks(blocks)
    start_bytes = _resident_bytes()
    _forget_peak()
    for block in range(blocks):
        for _ in range(block_iterations):
            began_ns = time.process_time_ns()
            await step()
            await asyncio.sleep(0)  # the loop has its turn, as in a server
            found.cpu_ns[block] += time.process_time_ns() - began_ns
            # S_ISREG and pathlib would cost more than a look: it is taken after each iteration.
            open_now = len(os.listdir(_DESCRIPTORS))  # noqa: PTH208
            found.descriptors[block] = max(found.descriptors[block], open_now)
        found.rss_bytes[block] = _resident_bytes()
        found.done = block + 1
        if found.rss_bytes[block] > start_bytes + limit_bytes:
            break
    peak = {"start_rss_bytes": start_bytes, "peak_rss_bytes": _peak_bytes()}
    return {**found.document(block_iterations), **peak}


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE


def _forget_peak() -> None:
    """Have the kernel note the highest resident memory anew, where it lets a process do so."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak_bytes() -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))


async def _main(target: str, warm_up: int, blocks: int, block_iterations: int, limit: int) -> None:
    module, _, name = target.partition(":")
    workload: AsyncIterator[Callable[[], Awaitable[None]]] = getattr(
        importlib.import_module(module), name
    )()
    step = await anext(workload)
    for _ in range(warm_up):
        await step()
    document = await _measure(step, blocks, block_iterations, limit)
    with suppress(StopAsyncIteration):
        await anext(workload)
    sys.stdout.write(json.dumps(document))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], *map(int, sys.argv[2:])))
