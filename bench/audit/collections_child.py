"""What one `gc.collect()` takes: among so many objects, or in the service itself. Prints JSON."""

import asyncio
import gc
import json
import os
import sys
import time

from bench.workloads.service.stage import staged
from system.api.app import create_app
from system.sizes import TINY

_TIMES = 15
_TICKS = 60
_REPORTS = 20
_TICK_SECONDS = 180


def collections(objects: int) -> dict[str, object]:
    """Return the CPU seconds of collections in a process with so many objects of its own."""
    gc.collect()
    gc.freeze()  # those of the interpreter and its modules are not what is asked about
    kept = [[number] for number in range(objects - 1)]
    found = _timed()
    del kept
    return found


async def collections_in_service() -> dict[str, object]:
    """Return the same in the service, with its application, once it has worked for a while."""
    async with staged(sizes=TINY) as stage:
        application = create_app(service=stage.service)
        await stage.time.advance(_TICKS * _TICK_SECONDS)
        for _ in range(_REPORTS):
            await stage.service.reports.create_manual_report()
        found = _timed()
        del application
        return found


def _timed() -> dict[str, object]:
    gc.collect()
    taken = []
    for _ in range(_TIMES):
        began_s = time.process_time()
        gc.collect()
        taken.append(time.process_time() - began_s)
    return {"objects": len(gc.get_objects()), "cpu_s": taken}


if __name__ == "__main__":
    os.environ.setdefault("SYSTEM_RELEASE", "1.1.0")
    asked = int(sys.argv[1])
    answer = collections(asked) if asked else asyncio.run(collections_in_service())
    sys.stdout.write(json.dumps(answer))
