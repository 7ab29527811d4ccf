"""How often to collect cycles? `python -m bench.collections_cost` measures a day at each setting.

Each setting runs a simulated day (480 ticks, 24 reports, two requests a tick) in a process of its
own. What it prints is the table in docs/operations/README.md.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import subprocess
import sys

from bench.workloads.service.client import connected
from system.api.app import create_app
from system.api.server import serving
from system.memory.heap import heap_in_use_bytes
from system.memory.pauses import GENERATIONS
from system.service import running_service
from system.settings import Settings
from system.simulation import TimeDriver, simulated_time

_SETTINGS_SECONDS = (None, 24 * 3600, 3600, 180)
_TICK_SECONDS = 180
_TICKS_A_DAY = 480


async def _day(settings: Settings) -> dict[str, float]:
    with simulated_time() as clock:
        async with (
            running_service(settings, clock=clock) as service,
            serving(create_app(service=service)) as port,
            connected(port) as client,
        ):
            driver = TimeDriver(clock, service.timetable)
            highest = 0
            for _ in range(_TICKS_A_DAY):
                await driver.advance(_TICK_SECONDS)
                for path in ("/api/market-indices", "/health"):
                    await client.get(path)
                highest = max(highest, heap_in_use_bytes() or 0)
            pauses = [service.pauses.seconds(generation) for generation in range(GENERATIONS)]
            full = service.pauses.cumulative(GENERATIONS - 1)[-1]
            before = heap_in_use_bytes() or 0
            found = gc.collect()
            return {
                "full_collections": full,
                "pauses_ms": 1000 * sum(pauses),
                "full_pause_ms": 1000 * pauses[-1] / full if full else 0.0,
                "highest_heap_mb": highest / 1e6,
                "freed_at_the_end_kb": (before - (heap_in_use_bytes() or 0)) / 1e3,
                "objects_freed_at_the_end": found,
            }


def _measured(seconds: int | None) -> dict[str, float]:
    """A day at that setting, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.collections_cost", "one"],
        env={**os.environ, "COLLECT_SECONDS": str(seconds or "")},
        capture_output=True,
        text=True,
        check=True,
    )
    day: dict[str, float] = json.loads(done.stdout)
    return day


def main() -> None:
    """Measure every setting, or the one that the environment names."""
    if sys.argv[1:] == ["one"]:
        logging.disable(logging.WARNING)
        settings = Settings.from_env(os.environ)
        sys.stdout.write(json.dumps(asyncio.run(_day(settings))))
        return
    for number, seconds in enumerate(_SETTINGS_SECONDS):
        day = _measured(seconds)
        if number == 0:
            sys.stdout.write("| `COLLECT_SECONDS` | " + " | ".join(day) + " |\n")
            sys.stdout.write("|---|" + "---|" * len(day) + "\n")
        values = " | ".join(f"{value:.1f}" for value in day.values())
        sys.stdout.write(f"| {seconds or 'not set'} | {values} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
