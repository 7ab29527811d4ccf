"""What release 1.1.0 was tested by, as such tests are: few rounds, and bounds of whole megabytes.

It runs against the release in SYSTEM_RELEASE, the current one by default. The audit runs it against
1.0.0 and 1.1.0 and says whether it can tell them apart; nothing else rests on it.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest.mock import AsyncMock

from system.memory.watch import resident_bytes
from system.model import ReportKind, RunStatus
from system.ports import ReportStore
from system.service import Service, running_service
from system.settings import Settings
from system.simulation import SimulatedTime, TimeDriver, simulated_time
from system.workflow.save import SaveDatabase
from tests.system.doubles import FrozenClock

MIB = 1 << 20
FETCHES = 10
REPORTS = 5
SHORTENED_HOURS = 3
BOUND = 50 * MIB
"""What a test of this kind allows: the notes name no bound."""


def settings() -> Settings:
    return Settings.from_env(os.environ)


@asynccontextmanager
async def service_in_simulated_time() -> AsyncIterator[tuple[Service, SimulatedTime]]:
    with simulated_time() as clock:
        async with running_service(settings(), clock=clock) as service:
            yield service, clock


def collected_resident_bytes() -> int:
    gc.collect()
    return resident_bytes()


def test_ten_consecutive_index_fetches_stay_within_the_bound() -> None:
    async def scenario() -> int:
        async with service_in_simulated_time() as (service, _):
            before = collected_resident_bytes()
            for _ in range(FETCHES):
                await service.indices.tick()
                assert await service.indices.get_market_indices() is not None
            return collected_resident_bytes() - before

    assert asyncio.run(scenario()) < BOUND


def test_a_save_against_a_mock_saves_once() -> None:
    async def scenario() -> None:
        async with service_in_simulated_time() as (service, _):
            store = AsyncMock(spec=ReportStore)
            save = SaveDatabase(
                store,
                FrozenClock(),
                service.retention,
                attempts=3,
                first_backoff_seconds=0.5,
            )
            run = service.registry.open(ReportKind.MANUAL)
            run.state.html_content = "x" * MIB
            await save(run.state)
            assert store.save.await_count == 1
            assert len(store.save.await_args.args[0].html_content) == MIB

    asyncio.run(scenario())


def test_cycles_of_allocation_are_given_back() -> None:
    before = collected_resident_bytes()
    for _ in range(10):
        blocks = [bytearray(MIB) for _ in range(10)]
        assert len(blocks) == 10
        del blocks

    assert collected_resident_bytes() - before < BOUND


def test_memory_statistics_can_be_read() -> None:
    async def scenario() -> int:
        async with service_in_simulated_time() as (service, _):
            return service.memory.take().resident_bytes

    reading_bytes = asyncio.run(scenario())
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    # The system counts either in batches: they need not agree to the page.
    assert 0 < reading_bytes <= 1.05 * peak_bytes


def test_the_trend_over_several_reports_stays_within_the_bound() -> None:
    async def scenario() -> list[int]:
        readings = []
        async with service_in_simulated_time() as (service, _):
            for _ in range(REPORTS):
                facts = await service.reports.create_manual_report()
                assert facts.status is RunStatus.SAVED
                readings.append(collected_resident_bytes())
        return readings

    readings = asyncio.run(scenario())
    assert readings[-1] - readings[0] < BOUND


def test_a_shortened_simulation_of_the_schedulers_stays_within_the_bound() -> None:
    async def scenario() -> tuple[int, int]:
        async with service_in_simulated_time() as (service, clock):
            driver = TimeDriver(clock, service.timetable)
            before = collected_resident_bytes()
            await driver.advance(SHORTENED_HOURS * 3600)
            return collected_resident_bytes() - before, await service.adapters.store.count()

    grown, reports = asyncio.run(scenario())
    assert reports == SHORTENED_HOURS
    assert grown < BOUND
