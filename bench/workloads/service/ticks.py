"""Simulated time: the market tick alone, and whole days of the service."""

from __future__ import annotations

from collections.abc import AsyncIterator

import leakcheck
from bench.workloads.service.stage import Iteration, staged

__all__ = ["market_tick", "service_day"]

_TICK_SECONDS = 180
_TICKS_IN_FIVE_DAYS = 5 * 24 * 3600 // _TICK_SECONDS


@leakcheck.workload(time_limit=120)  # a slow machine needs more than a minute to be sure
async def market_tick() -> AsyncIterator[Iteration]:
    """One three-minute tick of the scheduler, and nothing else: no report falls due in any run."""
    async with staged(report_seconds=10 * 365 * 24 * 3600) as stage:

        async def one_tick() -> None:
            await stage.time.advance(_TICK_SECONDS)

        yield one_tick


@leakcheck.workload(exact_iterations=_TICKS_IN_FIVE_DAYS, threshold="64B", time_limit=120)
async def service_day() -> AsyncIterator[Iteration]:
    """One three-minute tick, and each hour the report that falls due: 2,400 are five days."""
    async with staged(fills_store=True) as stage:

        async def one_tick() -> None:
            await stage.time.advance(_TICK_SECONDS)

        yield one_tick
