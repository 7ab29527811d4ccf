"""A day of one release, as Prometheus would see it: the metrics after each tick. Run as a file.

In a process of its own, whose memory is the service's and nobody else's, so it keeps nothing: it
prints a JSON object a tick, of each sample's name with its labels, and its value.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import warnings
from dataclasses import replace

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from system.api.metrics import metrics_text
from system.memory.policy import policy_for
from system.memory.watch import resident_bytes
from system.service import running_service
from system.settings import Settings
from system.simulation import TimeDriver, simulated_time

_TICK_SECONDS = 180
_HEAD_ROOM_BYTES = 100 * 2**20


async def _record(release: str, ticks: int) -> None:
    settings = Settings(release=release, policy=policy_for(release))
    # The limit is near, or a day would not be enough to come to it.
    settings = replace(settings, memory_limit_bytes=resident_bytes() + _HEAD_ROOM_BYTES)
    # The older releases leave watching to their successor; its estimate is looked at in all three.
    settings = replace(settings, policy=replace(settings.policy, watches_memory=True))
    with simulated_time() as clock:
        async with running_service(settings, clock=clock) as service:
            driver = TimeDriver(clock, service.timetable)
            for _ in range(ticks):
                await driver.advance(_TICK_SECONDS)
                sys.stdout.write(json.dumps(_samples(metrics_text(service).decode())) + "\n")


def _samples(text: str) -> dict[str, float]:
    return {
        _series(sample): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _series(sample: Sample) -> str:
    labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
    return f"{sample.name}{{{labels}}}"


def main() -> None:
    """Record the release and the number of ticks that the command line names."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")  # the first release leaves its clients of Redis unclosed
    asyncio.run(_record(sys.argv[1], int(sys.argv[2])))


if __name__ == "__main__":
    main()
