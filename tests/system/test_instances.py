"""Several instances of the service: each turn of a job is one's, and stopping loses nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from system.adapters.databases import create_engine
from system.adapters.redis_cache import PooledRedis
from system.adapters.redis_client import redis_client
from system.adapters.redis_lock import RedisJobLock
from system.adapters.sql_store import SqlReportStore
from system.adapters.tables import ReportRow
from system.errors import StaleTurnError
from system.model import Report, ReportKind, RunStatus, Turn
from system.service import Service, running_service
from system.settings import Settings
from system.simulation import SimulatedTime, simulated_time
from system.sizes import TINY
from tests.system.doubles import MemoryStore, service_with
from tests.system.servers import RealServer, free_port

_NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
_HOUR = timedelta(hours=1)


@asynccontextmanager
async def _lock_at(url: str) -> AsyncIterator[RedisJobLock]:
    async with redis_client(url, first_backoff_seconds=0.01) as redis:
        yield RedisJobLock(redis)


async def _claim(
    lock: RedisJobLock, slot: int, now: datetime = _NOON, job: str = "job"
) -> Turn | None:
    return await lock.claim(job, slot, now=now, lease_seconds=60)


@pytest.mark.servers
def test_a_turn_is_one_instances_and_tokens_grow(mortal_redis: RealServer) -> None:
    async def scenario() -> None:
        async with _lock_at(mortal_redis.url) as one, _lock_at(mortal_redis.url) as other:
            claims = await asyncio.gather(*(_claim(lock, 1) for lock in (one, other) * 10))
            (first,) = filter(None, claims)
            assert await _claim(other, 2) is None, "the job is still being run"
            await one.release(first, done=True)
            assert await _claim(other, 1) is None, "the turn is over"
            second = await _claim(other, 2)
            assert second is not None
            assert (second.token or 0) > (first.token or 0)

    asyncio.run(scenario())


@pytest.mark.servers
def test_a_turn_given_back_undone_may_be_claimed_again(mortal_redis: RealServer) -> None:
    async def scenario() -> None:
        async with _lock_at(mortal_redis.url) as lock:
            turn = await _claim(lock, 1)
            assert turn is not None
            await lock.release(turn, done=False)
            assert await _claim(lock, 1) is not None
            await lock.release(turn, done=True)  # the first claim has no say any more
            assert await _claim(lock, 2) is None

    asyncio.run(scenario())


@pytest.mark.servers
def test_who_dies_with_a_turn_keeps_the_job_until_the_lease_ends(mortal_redis: RealServer) -> None:
    async def scenario() -> None:
        async with _lock_at(mortal_redis.url) as lock:
            assert await _claim(lock, 1) is not None
            assert await _claim(lock, 2, _NOON + timedelta(seconds=59)) is None
            assert await _claim(lock, 2, _NOON + timedelta(seconds=60)) is not None

    asyncio.run(scenario())


@pytest.mark.servers
def test_a_redis_that_lost_its_data_still_gives_larger_tokens(mortal_redis: RealServer) -> None:
    async def scenario() -> None:
        async with _lock_at(mortal_redis.url) as lock:
            before = await _claim(lock, 1)
            mortal_redis.kill()
            mortal_redis.start()
            after = await _claim(lock, 1)
        assert before is not None
        assert after is not None
        assert (after.token or 0) > (before.token or 0)

    asyncio.run(scenario())


@pytest.mark.servers
def test_the_cache_refuses_what_an_older_turn_writes(mortal_redis: RealServer) -> None:
    async def scenario() -> str | None:
        async with redis_client(mortal_redis.url, first_backoff_seconds=0.01) as redis:
            cache = PooledRedis(redis, lambda: redis)
            await cache.put("new", Turn(job="market-tick", slot=2, token=20))
            with pytest.raises(StaleTurnError):
                await cache.put("old", Turn(job="market-tick", slot=1, token=10))
            return await cache.get()

    assert asyncio.run(scenario()) == "new"


def _auto_report(report_id: str, *, slot: int, token: int) -> Report:
    return Report(
        report_id=report_id,
        kind=ReportKind.AUTO,
        created_at=_NOON,
        title="",
        html_content="",
        css_content="",
        js_content="",
        html_content_en="",
        js_content_en="",
        turn=Turn(job="auto-report", slot=slot, token=token),
    )


@pytest.mark.servers
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_store_refuses_what_an_older_turn_saves(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if kind == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'reports'}"
    else:
        url = request.getfixturevalue("postgres_server").replace("://", "+asyncpg://")

    async def scenario() -> None:
        store = SqlReportStore(create_engine(url), limit=50)
        await store.create_tables()
        before = await store.count()
        await store.save(_auto_report(f"{kind}-new", slot=2_000_002, token=20))
        with pytest.raises(StaleTurnError):
            await store.save(_auto_report(f"{kind}-old", slot=2_000_001, token=10))
        assert await store.count() == before + 1
        await store.aclose()

    asyncio.run(scenario())


async def _instances(
    stack: AsyncExitStack, url: str, folder: Path, clock: SimulatedTime
) -> list[Service]:
    settings = Settings(
        sizes=TINY,
        redis_url=url,
        database_url=f"sqlite+aiosqlite:///{folder / 'shared.sqlite'}",
        redis_backoff_seconds=0.01,
    )
    services = [
        await stack.enter_async_context(running_service(settings, clock=clock)) for _ in range(2)
    ]
    await services[1].indices.tick()  # meanwhile both timetables have looked at the clock: unmoved
    return services


@pytest.mark.servers
def test_two_instances_make_one_report_and_one_tick_a_turn(
    mortal_redis: RealServer, tmp_path: Path
) -> None:
    async def scenario() -> None:
        with simulated_time() as clock:
            async with AsyncExitStack() as stack:
                one, other = await _instances(stack, mortal_redis.url, tmp_path, clock)
                for _ in range(12):
                    clock.move_to(clock.now() + _HOUR)
                    await asyncio.gather(
                        *(job.run() for job in (one.auto_report, other.auto_report)),
                        *(job.run() for job in (other.market_tick, one.market_tick)),
                    )
                assert await one.adapters.store.count() == 12
                outcomes = [*one.tally.of("job"), *other.tally.of("job")]
                for name in ("auto-report", "market-tick"):
                    counts = [(how, number) for job, how, number in outcomes if job == name]
                    assert sum(number for how, number in counts if how == "done") == 12
                    assert sum(number for how, number in counts if how == "left") == 12

    asyncio.run(scenario())


@pytest.mark.servers
def test_two_instances_without_redis_save_one_report_a_turn_all_the_same(
    mortal_redis: RealServer, tmp_path: Path
) -> None:
    async def scenario() -> None:
        with simulated_time() as clock:
            async with AsyncExitStack() as stack:
                one, other = await _instances(stack, mortal_redis.url, tmp_path, clock)
                mortal_redis.kill()
                for _ in range(3):
                    clock.move_to(clock.now() + _HOUR)
                    await asyncio.gather(one.auto_report.run(), other.auto_report.run())
                assert await one.adapters.store.count() == 3

    asyncio.run(scenario())


class _SlowStore(MemoryStore):
    """A store that takes its time."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds
        self.begun = asyncio.Event()

    async def save(self, report: Report) -> None:
        self.begun.set()
        await asyncio.sleep(self.seconds)
        await super().save(report)


def _stopping(*, save_seconds: float, stop_seconds: float) -> tuple[Service, _SlowStore, str]:
    """A service stopped in the middle of saving a report on request, its store, the run's id."""

    async def scenario() -> tuple[Service, _SlowStore, str]:
        store = _SlowStore(save_seconds)
        service = service_with(store=store, stop_seconds=stop_seconds)
        service.start()
        run_id = service.reports.start_manual_report().run_id
        await store.begun.wait()
        await service.aclose()
        return service, store, run_id

    return asyncio.run(scenario())


def test_stopping_waits_for_a_report_that_is_being_saved() -> None:
    service, store, run_id = _stopping(save_seconds=0.2, stop_seconds=60)
    facts = service.registry.get(run_id)
    assert facts is not None
    assert facts.status is RunStatus.SAVED
    assert list(store.reports) == [run_id]


def test_a_report_that_takes_longer_than_stopping_may_is_marked_as_failed() -> None:
    service, store, run_id = _stopping(save_seconds=600, stop_seconds=0.05)
    facts = service.registry.get(run_id)
    assert facts is not None
    assert (facts.status, facts.error) == (RunStatus.FAILED, "CancelledError")
    assert store.reports == {}


def test_a_turn_that_is_cancelled_is_given_back_for_another_instance() -> None:
    async def scenario() -> tuple[int, list[str]]:
        store = _SlowStore(600)
        service = service_with(store=store)
        task = asyncio.create_task(service.auto_report.run())
        await store.begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        store.seconds = 0
        await service.auto_report.run()
        return len(store.reports), [how for job, how, number in service.tally.of("job") if number]

    assert asyncio.run(scenario()) == (1, ["done", "failed"])


@pytest.mark.slow
def test_a_process_told_to_end_in_mid_report_saves_it_first(tmp_path: Path) -> None:
    database = f"sqlite+aiosqlite:///{tmp_path / 'reports.sqlite'}"
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "system"],
        env={**os.environ, "DATABASE_URL": database, "PORT": str(port)},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    async def ask() -> str:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await _answering(client, process)
            run_id = (await client.post("/api/reports")).json()["run_id"]
            process.send_signal(signal.SIGTERM)
            return str(run_id)

    async def stored() -> list[str]:
        engine = create_engine(database)
        async with engine.connect() as connection:
            ids = list(await connection.scalars(select(ReportRow.report_id)))
        await engine.dispose()
        return ids

    try:
        run_id = asyncio.run(ask())
        process.wait(120)
    finally:
        process.kill()
        process.wait()
    assert asyncio.run(stored()) == [run_id]


async def _answering(client: httpx.AsyncClient, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            await client.get("/health")
        except httpx.TransportError:
            await asyncio.sleep(0.1)
        else:
            return
    msg = f"the service ended with {process.returncode}"
    raise RuntimeError(msg)
