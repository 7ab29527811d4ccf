"""Record the service's memory over simulated days: `python -m bench.watching.record_service FILE`.

`SYSTEM_RELEASE` chooses the release. A day takes seconds: what a watcher would read each three
minutes is written with the simulated time. The load follows the day: a request each tick at night
and thirty at noon.
"""

import argparse
import asyncio
import gzip
import math
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from bench.workloads.service.client import connected
from bench.workloads.service.stage import staged
from leakcheck.watch.journal_lines import HEADER, line_of
from leakcheck.watch.process import own_process
from leakcheck.watch.reading import Reading
from system.api.app import create_app
from system.api.server import serving

_TICK_S = 180
_TICKS_A_DAY = 24 * 3600 // _TICK_S
_MOST_REQUESTS = 30


async def readings(days: float) -> AsyncIterator[Reading]:
    """Yield one reading each tick of the service in use, by its own clock."""
    source = own_process()
    async with staged(fills_store=True) as stage:
        app = create_app(service=stage.service)
        async with serving(app) as port, connected(port) as client:
            for tick in range(int(days * _TICKS_A_DAY)):
                await stage.time.advance(_TICK_S)
                for _ in range(requests_at(tick)):
                    await client.ask("GET", "/api/market-indices")
                read = source.read(stage.service.adapters.clock.now().timestamp())
                if read is not None:
                    yield replace(read, life="0")


def requests_at(tick: int) -> int:
    """Return how many requests come in one tick: few at night, most at noon.

    >>> requests_at(0), requests_at(_TICKS_A_DAY // 2)
    (1, 30)
    """
    share = (1 - math.cos(tick / _TICKS_A_DAY * math.tau)) / 2
    return 1 + round(share * (_MOST_REQUESTS - 1))


async def record(file: Path, days: float) -> None:
    """Write the journal of so many days, compressed where the file's name ends in .gz."""
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "wt", encoding="utf-8") as lines:
        lines.write(f"{HEADER}\n")
        async for reading in readings(days):
            lines.write(f"{line_of(reading)}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Record as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m bench.watching.record_service")
    parser.add_argument("file", type=Path, metavar="FILE", help="the journal to write")
    parser.add_argument("--days", type=float, default=10.0, help="simulated (default 10)")
    given = parser.parse_args(arguments)
    asyncio.run(record(given.file, given.days))
    return 0


if __name__ == "__main__":
    sys.exit(main())
