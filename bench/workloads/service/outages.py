"""The service while what it stands on is away, one workload a kind of outage.

They run thousands of times, so their reports are tiny, as those that fail by themselves are. Each
is to go on, to save nothing twice, and to keep nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import count

from sqlalchemy.ext.asyncio import AsyncEngine

import leakcheck
from bench.workloads.service.bad_quotes import Mood, bad_quotes
from bench.workloads.service.door import Door, door_before
from bench.workloads.service.faulty_store import (
    EveryOther,
    Strike,
    UnansweredStore,
    refuse_connections,
    sever_in_a_save,
)
from bench.workloads.service.stage import (
    Iteration,
    Stage,
    backends_of_the_environment,
    small_report,
    staged,
)
from system.adapters.databases import create_engine
from system.adapters.sql_store import SqlReportStore
from system.errors import CacheUnavailableError, StoreUnavailableError
from system.model import RunStatus
from system.service import Adapters
from system.sizes import TINY

__all__ = [
    "commit_unanswered",
    "database_lost_between_saves",
    "database_lost_in_a_save",
    "disk_full",
    "quotes_failing",
    "quotes_garbage",
    "quotes_silent",
    "quotes_slow",
    "redis_refusing",
    "redis_restarted",
]

_SECONDS = 300
"""As long as two thousand iterations take on a busy machine: a run ends when it is sure."""
_TICK_SECONDS = 180
_NEVER_SECONDS = 10 * 365 * 24 * 3600
_FULL_AT_BYTES = 512 * 1024


@asynccontextmanager
async def _redis_behind_a_door() -> AsyncIterator[tuple[Stage, Door]]:
    async with (
        backends_of_the_environment() as backends,
        door_before(backends.redis_url) as (door, url),
        staged(
            sizes=TINY,
            report_seconds=_NEVER_SECONDS,
            change=lambda settings: replace(
                settings,
                redis_url=url,
                quotes_url=backends.quotes_url,
                database_url=backends.database_url,
                redis_backoff_seconds=0,
            ),
        ) as stage,
    ):
        yield stage, door


@leakcheck.workload(time_limit=_SECONDS)
async def redis_restarted() -> AsyncIterator[Iteration]:
    """A tick that finds its connections to Redis cut, as after a restart, and makes new ones."""
    async with _redis_behind_a_door() as (stage, door):

        async def one_tick() -> None:
            await door.cut()
            await stage.time.advance(_TICK_SECONDS)
            assert await stage.service.indices.get_market_indices() is not None

        yield one_tick


@leakcheck.workload(time_limit=_SECONDS)
async def redis_refusing() -> AsyncIterator[Iteration]:
    """A tick and a reader that find nobody where Redis was."""
    async with _redis_behind_a_door() as (stage, door):
        await door.shut()

        async def one_tick() -> None:
            await stage.time.advance(_TICK_SECONDS)
            with suppress(CacheUnavailableError):
                await stage.service.indices.get_market_indices()

        yield one_tick


@asynccontextmanager
async def _database_in_trouble(
    trouble: Callable[[AsyncEngine, Strike], None],
) -> AsyncIterator[Stage]:
    async with backends_of_the_environment() as backends:
        engine, strike = create_engine(backends.database_url), EveryOther()
        trouble(engine, strike)

        def adapt(adapters: Adapters) -> Adapters:
            return replace(adapters, store=SqlReportStore(engine, limit=50))

        try:
            async with staged(
                sizes=TINY,
                adapt=adapt,
                fills_store=True,
                change=lambda settings: replace(
                    settings,
                    redis_url=backends.redis_url,
                    quotes_url=backends.quotes_url,
                    database_url=backends.database_url,
                ),
            ) as stage:
                strike.armed = True
                yield stage
        finally:
            await engine.dispose()


async def _save_one(stage: Stage) -> None:
    """Make a report that is to end saved, and stored once, whatever happens on the way."""
    facts = await stage.service.reports.create_manual_report()
    assert facts.status is RunStatus.SAVED, facts.error


@leakcheck.workload(time_limit=_SECONDS)
async def database_lost_between_saves() -> AsyncIterator[Iteration]:
    """A report whose first attempt to save finds no database, as one that was killed."""
    async with _database_in_trouble(refuse_connections) as stage:

        async def one_report() -> None:
            await _save_one(stage)

        yield one_report


@leakcheck.workload(time_limit=_SECONDS)
async def database_lost_in_a_save() -> AsyncIterator[Iteration]:
    """A report whose first attempt to save loses the database before its commit."""
    async with _database_in_trouble(sever_in_a_save) as stage:

        async def one_report() -> None:
            await _save_one(stage)

        yield one_report


@leakcheck.workload(time_limit=_SECONDS)
async def commit_unanswered() -> AsyncIterator[Iteration]:
    """A report that the first attempt stores without knowing it, and the second must not again."""
    strike = EveryOther()

    def adapt(adapters: Adapters) -> Adapters:
        return replace(adapters, store=UnansweredStore(adapters.store, strike))

    async with staged(sizes=TINY, adapt=adapt, fills_store=True) as stage:
        strike.armed = True

        async def one_report() -> None:
            await _save_one(stage)

        yield one_report


@leakcheck.workload(time_limit=_SECONDS)
async def disk_full() -> AsyncIterator[Iteration]:
    """A report that finds no room in the database's file, nor do the attempts after it."""
    async with staged(
        sizes=TINY,
        change=lambda settings: replace(
            settings, database_url=None, database_max_bytes=_FULL_AT_BYTES
        ),
    ) as stage:
        await _fill_disk(stage)
        stored = await stage.service.adapters.store.count()

        async def one_report() -> None:
            facts = await stage.service.reports.create_manual_report()
            assert facts.status is RunStatus.FAILED
            assert await stage.service.adapters.store.count() == stored

        yield one_report


async def _fill_disk(stage: Stage) -> None:
    """Save what is smaller than any report, until there is no room for that either."""
    text = "x" * TINY.html[0]
    with suppress(StoreUnavailableError):
        for number in count():
            report = replace(small_report(stage.service, number), html_content=text)
            await stage.service.adapters.store.save(report)


@asynccontextmanager
async def _quotes_in(mood: Mood, *, timeout_seconds: float = 10.0) -> AsyncIterator[Iteration]:
    """One tick and one report by a quote service in that mood."""
    async with (
        bad_quotes(mood) as quotes,
        staged(
            sizes=TINY,
            report_seconds=_NEVER_SECONDS,
            fills_store=True,
            change=lambda settings: replace(
                settings, quotes_url=quotes.url, quotes_timeout_seconds=timeout_seconds
            ),
        ) as stage,
    ):

        async def one_tick_and_report() -> None:
            await stage.time.advance(_TICK_SECONDS)
            await stage.service.reports.create_manual_report()

        yield one_tick_and_report


@leakcheck.workload(time_limit=_SECONDS)
async def quotes_slow() -> AsyncIterator[Iteration]:
    """A provider that takes its time over each half of an answer, and answers."""
    async with _quotes_in(Mood.SLOW) as iteration:
        yield iteration


@leakcheck.workload(time_limit=_SECONDS)
async def quotes_garbage() -> AsyncIterator[Iteration]:
    """A provider whose answers are no quotes, in a dozen ways, down to no HTTP."""
    async with _quotes_in(Mood.GARBAGE) as iteration:
        yield iteration


@leakcheck.workload(time_limit=_SECONDS)
async def quotes_failing() -> AsyncIterator[Iteration]:
    """A provider that answers with 500 and its like."""
    async with _quotes_in(Mood.FAILING) as iteration:
        yield iteration


@leakcheck.workload(time_limit=_SECONDS)
async def quotes_silent() -> AsyncIterator[Iteration]:
    """A provider that takes the question and never answers."""
    async with _quotes_in(Mood.SILENT, timeout_seconds=0.005) as iteration:
        yield iteration
