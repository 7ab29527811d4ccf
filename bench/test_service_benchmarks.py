"""What the service's main moves cost: a tick, a request, a save, a report. On embedded servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from pytest_benchmark.fixture import BenchmarkFixture

from bench.workloads.service import api_request, market_tick, report_cycle, save_database
from bench.workloads.service.stage import Iteration


def _measure(
    benchmark: BenchmarkFixture,
    workload: Callable[[], AsyncIterator[Iteration]],
    *,
    rounds: int,
) -> None:
    """Time the workload's iteration: as many rounds, after one to warm up."""
    with asyncio.Runner() as runner:
        steps = workload()

        async def next_step() -> Iteration | None:
            return await anext(steps, None)

        iterate = runner.run(next_step())
        assert iterate is not None

        async def once() -> None:
            await iterate()

        try:
            benchmark.pedantic(  # type: ignore[no-untyped-call]
                lambda: runner.run(once()), rounds=rounds, iterations=1, warmup_rounds=1
            )
        finally:
            assert runner.run(next_step()) is None


def test_a_market_tick(benchmark: BenchmarkFixture) -> None:
    """One three-minute tick."""
    _measure(benchmark, market_tick, rounds=50)


def test_two_requests(benchmark: BenchmarkFixture) -> None:
    """Market indices and health, over one connection."""
    _measure(benchmark, api_request, rounds=50)


def test_a_save(benchmark: BenchmarkFixture) -> None:
    """The save node alone, over a full-size state."""
    _measure(benchmark, save_database, rounds=10)


def test_a_report_from_fetch_to_commit(benchmark: BenchmarkFixture) -> None:
    """A full-size report."""
    _measure(benchmark, report_cycle, rounds=10)
