"""The service while a real server is killed, refuses, comes back, or has no room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, select
from sqlalchemy.ext.asyncio import AsyncEngine

from system.adapters.databases import create_engine
from system.adapters.sql_store import SqlReportStore
from system.adapters.tables import ReportRow
from system.errors import AlreadySavedError, CacheUnavailableError, StoreUnavailableError
from system.model import Report, ReportKind, RunStatus, Turn
from system.ports import ReportStore
from system.service import Adapters, Service, running_service
from system.settings import Settings, async_url
from system.simulation import TimeDriver, simulated_time
from system.sizes import TINY
from tests.system.servers import RealServer

_SMALL = Settings(sizes=TINY, redis_backoff_seconds=0.01)
_PATIENT = replace(_SMALL, save_attempts=12, first_backoff_seconds=0.05)


def _ticks_done(service: Service) -> dict[str, int]:
    counts = service.tally.of("job")
    return {outcome: number for job, outcome, number in counts if job == "market-tick"}


@pytest.mark.servers
def test_a_redis_restarted_in_mid_run_costs_no_tick(mortal_redis: RealServer) -> None:
    async def scenario() -> dict[str, int]:
        settings = replace(_SMALL, redis_url=mortal_redis.url)
        with simulated_time() as clock:
            async with running_service(settings, clock=clock) as service:
                driver = TimeDriver(clock, service.timetable)
                await driver.advance(3 * 180)
                mortal_redis.kill()
                mortal_redis.start()  # with nothing in it: no data, no scripts, no locks
                await driver.advance(3 * 180)
                assert await service.indices.get_market_indices() is not None
                assert service.adapters.cache.connection_count() == 1
                return _ticks_done(service)

    assert asyncio.run(scenario()) == {"done": 6, "failed": 0, "left": 0}


@pytest.mark.servers
def test_a_redis_that_refuses_costs_its_ticks_and_not_a_report(mortal_redis: RealServer) -> None:
    async def scenario() -> dict[str, int]:
        settings = replace(_SMALL, redis_url=mortal_redis.url)
        with simulated_time() as clock:
            async with running_service(settings, clock=clock) as service:
                driver = TimeDriver(clock, service.timetable)
                mortal_redis.kill()
                await driver.advance(3600)
                with pytest.raises(CacheUnavailableError):
                    await service.indices.get_market_indices()
                assert await service.adapters.store.count() == 1
                assert service.adapters.cache.connection_count() <= 2
                mortal_redis.start()
                await driver.advance(180)
                return _ticks_done(service)

    assert asyncio.run(scenario()) == {"done": 1, "failed": 20, "left": 0}


def test_a_service_starts_without_redis_and_without_quotes() -> None:
    async def scenario() -> RunStatus:
        nowhere = replace(
            _SMALL, redis_url="redis://127.0.0.1:1/0", quotes_url="http://127.0.0.1:1"
        )
        async with running_service(nowhere) as service:
            return (await service.reports.create_manual_report()).status

    assert asyncio.run(scenario()) is RunStatus.FAILED


@asynccontextmanager
async def _store_in(
    server: RealServer,
) -> AsyncIterator[tuple[AsyncEngine, SqlReportStore, Settings]]:
    url = async_url(server.url) or ""
    engine = create_engine(url)
    store = SqlReportStore(engine, limit=50)
    try:
        yield engine, store, replace(_PATIENT, database_url=url)
    finally:
        await store.aclose()


async def _stored_ids(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return list(await connection.scalars(select(ReportRow.report_id)))


@pytest.mark.servers
@pytest.mark.slow
def test_a_postgres_killed_between_two_saves_loses_and_doubles_nothing(
    mortal_postgres: RealServer,
) -> None:
    async def scenario() -> None:
        async with (
            _store_in(mortal_postgres) as (engine, _store, settings),
            running_service(settings) as service,
        ):
            saved = [(await service.reports.create_manual_report()).run_id for _ in range(3)]
            mortal_postgres.kill()
            under_way = asyncio.create_task(service.reports.create_manual_report())
            await asyncio.sleep(0.2)
            await asyncio.to_thread(mortal_postgres.start)
            facts = await under_way
            assert facts.status is RunStatus.SAVED
            assert sorted(await _stored_ids(engine)) == sorted([*saved, facts.run_id])
            assert service.adapters.check_outs is not None
            assert service.adapters.check_outs.now == 0

    asyncio.run(scenario())


@pytest.mark.servers
@pytest.mark.slow
def test_a_postgres_killed_in_the_middle_of_a_save_loses_and_doubles_nothing(
    mortal_postgres: RealServer,
) -> None:
    async def scenario() -> None:
        async with _store_in(mortal_postgres) as (engine, store, settings):
            armed, killed = asyncio.Event(), asyncio.Event()
            _kill_after_an_insertion(engine, mortal_postgres, armed, killed)

            def adapt(adapters: Adapters) -> Adapters:
                return replace(adapters, store=store)

            async with running_service(settings, adapt=adapt) as service:
                first = await service.reports.create_manual_report()
                armed.set()
                under_way = asyncio.create_task(service.reports.create_manual_report())
                await killed.wait()
                await asyncio.to_thread(mortal_postgres.start)
                facts = await under_way
                assert (first.status, facts.status) == (RunStatus.SAVED, RunStatus.SAVED)
                assert sorted(await _stored_ids(engine)) == sorted([first.run_id, facts.run_id])

    asyncio.run(scenario())


def _kill_after_an_insertion(
    engine: AsyncEngine, server: RealServer, armed: asyncio.Event, killed: asyncio.Event
) -> None:
    """Have the server die under the first save whose report is inserted, once ``armed`` is set."""

    def executed(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO reports") and armed.is_set() and not killed.is_set():
            server.kill()
            killed.set()

    event.listen(engine.sync_engine, "after_cursor_execute", executed)


class _Unanswered:
    """A store whose first commits happen, and nobody is told."""

    def __init__(self, store: ReportStore, times: int) -> None:
        self._store = store
        self._times = times
        self.get, self.count, self.aclose = store.get, store.count, store.aclose

    async def save(self, report: Report) -> None:
        await self._store.save(report)
        if self._times:
            self._times -= 1
            msg = "the connection was lost during the commit"
            raise StoreUnavailableError(msg)


def test_a_save_whose_answer_was_lost_is_not_done_twice() -> None:
    async def scenario() -> tuple[RunStatus, int]:
        def adapt(adapters: Adapters) -> Adapters:
            return replace(adapters, store=_Unanswered(adapters.store, 2))

        settings = replace(_SMALL, first_backoff_seconds=0.01)
        async with running_service(settings, adapt=adapt) as service:
            facts = await service.reports.create_manual_report()
            return facts.status, await service.adapters.store.count()

    assert asyncio.run(scenario()) == (RunStatus.SAVED, 1)


def _report(report_id: str, turn: Turn | None = None) -> Report:
    with simulated_time() as clock:
        now = clock.now()
    return Report(
        report_id=report_id,
        kind=ReportKind.AUTO,
        created_at=now,
        title="",
        html_content="<p>",
        css_content="",
        js_content="",
        html_content_en="",
        js_content_en="",
        turn=turn,
    )


def test_a_turn_has_one_report_and_only_its_own_instance_may_say_it_is_saved(
    tmp_path: Path,
) -> None:
    async def scenario() -> int:
        store = SqlReportStore(create_engine(f"sqlite+aiosqlite:///{tmp_path / 'a'}"), limit=50)
        await store.create_tables()
        turn = Turn(job="auto-report", slot=1)
        await store.save(_report("one", turn))
        await store.save(_report("one", turn))
        with pytest.raises(AlreadySavedError):
            await store.save(_report("two", turn))
        return await store.count()

    assert asyncio.run(scenario()) == 1


def test_a_full_disk_fails_reports_and_the_service_goes_on_with_what_it_has() -> None:
    async def scenario() -> None:
        settings = replace(
            _SMALL, database_max_bytes=512 * 1024, save_attempts=2, first_backoff_seconds=0.01
        )
        async with running_service(settings) as service:
            saved = []
            while (facts := await service.reports.create_manual_report()).status is RunStatus.SAVED:
                saved.append(facts.run_id)
            assert saved
            assert facts.error is not None
            assert "full" in facts.error
            for run_id in saved:
                assert await service.adapters.store.get(run_id) is not None
            await service.indices.tick()

    asyncio.run(scenario())
