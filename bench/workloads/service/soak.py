"""The whole service for simulated weeks, with requests coming in, and with faults or without."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count

import leakcheck
from bench.workloads.service.bad_quotes import BadQuotes, Mood, bad_quotes
from bench.workloads.service.client import Client, connected
from bench.workloads.service.door import Door, door_before
from bench.workloads.service.faulty_store import refuse_connections, sever_in_a_save
from bench.workloads.service.stage import (
    Iteration,
    Stage,
    backends_of_the_environment,
    staged,
)
from bench.workloads.service.weather import Fault, Weather
from system.adapters.databases import create_engine
from system.adapters.sql_store import SqlReportStore
from system.api.app import create_app
from system.api.server import serving
from system.service import Adapters

__all__ = ["service_soak", "service_soak_with_faults"]

_TICK_SECONDS = 180
_TICKS_IN_30_DAYS = 30 * 24 * 3600 // _TICK_SECONDS
_TICKS_BETWEEN_REPORTS = 40
"""Each two hours somebody asks for a report, polls for it, and reads it."""
_SHARE_OF_TICKS = 0.1
_LONGEST_TICKS = 5
_SEED = 20260105


@leakcheck.workload(exact_iterations=_TICKS_IN_30_DAYS, threshold="64B", time_limit=900)
async def service_soak() -> AsyncIterator[Iteration]:
    """One three-minute tick of a service in use: 14,400 are thirty days."""
    async with staged(fills_store=True) as stage, _visited(stage) as visit:

        async def one_tick() -> None:
            await stage.time.advance(_TICK_SECONDS)
            await visit()

        yield one_tick


@leakcheck.workload(exact_iterations=_TICKS_IN_30_DAYS, threshold="64B", time_limit=900)
async def service_soak_with_faults() -> AsyncIterator[Iteration]:
    """The same, with faults by chance, which ``SYSTEM_FAULT_SEED`` seeds."""
    async with _in_bad_weather() as (stage, weather), _visited(stage) as visit:

        async def one_tick() -> None:
            await weather.next_tick()
            await stage.time.advance(_TICK_SECONDS)
            await visit()

        yield one_tick


@asynccontextmanager
async def _visited(stage: Stage) -> AsyncIterator[Iteration]:
    """Yield what the service's clients do in one tick."""
    async with (
        serving(create_app(service=stage.service)) as port,
        connected(port) as client,
    ):
        ticks = count(1)

        async def visit() -> None:
            await client.ask("GET", "/api/market-indices")
            await client.ask("GET", "/health")
            if next(ticks) % _TICKS_BETWEEN_REPORTS == 0:
                await _want_a_report(client)
                await client.ask("GET", "/metrics")

        yield visit


async def _want_a_report(client: Client) -> None:
    """Ask for a report, poll until it has ended, and read it if it is there."""
    run = json.loads((await client.ask("POST", "/api/reports")).body)["run_id"]
    while json.loads((await client.ask("GET", f"/api/runs/{run}")).body)["status"] == "running":
        pass
    await client.ask("GET", f"/reports/{run}?lang=en")


@asynccontextmanager
async def _in_bad_weather() -> AsyncIterator[tuple[Stage, Weather]]:
    async with (
        backends_of_the_environment() as backends,
        door_before(backends.redis_url) as (door, redis_url),
        bad_quotes(Mood.GOOD) as quotes,
    ):
        engine, database = create_engine(backends.database_url), _Database()
        refuse_connections(engine, lambda: database.refuses)
        sever_in_a_save(engine, database.severs_now)

        def adapt(adapters: Adapters) -> Adapters:
            return replace(adapters, store=SqlReportStore(engine, limit=50))

        try:
            async with staged(
                fills_store=True,
                adapt=adapt,
                change=lambda settings: replace(
                    settings,
                    redis_url=redis_url,
                    redis_backoff_seconds=0,
                    quotes_url=quotes.url,
                    quotes_timeout_seconds=0.02,
                    database_url=backends.database_url,
                ),
            ) as stage:
                yield stage, _weather(door, quotes, database)
        finally:
            await engine.dispose()


class _Database:
    """Whether the database is away, and whether it is about to die in the middle of a save."""

    def __init__(self) -> None:
        self.refuses = False
        self.severs = False

    def severs_now(self) -> bool:
        severs, self.severs = self.severs, False
        return severs


def _weather(door: Door, quotes: BadQuotes, database: _Database) -> Weather:
    def turn(thing: object, name: str, *, to: object, back: object) -> Fault:
        async def begin() -> None:
            setattr(thing, name, to)

        async def end() -> None:
            setattr(thing, name, back)

        return Fault(begin=begin, end=end, longest_ticks=_LONGEST_TICKS)

    moods = [
        turn(quotes, "mood", to=mood, back=Mood.GOOD) for mood in Mood if mood is not Mood.GOOD
    ]
    faults = (
        Fault(begin=door.cut, end=door.cut, longest_ticks=1),
        Fault(begin=door.shut, end=door.open, longest_ticks=_LONGEST_TICKS),
        turn(database, "refuses", to=True, back=False),
        turn(database, "severs", to=True, back=False),
        *moods,
    )
    seed = int(os.environ.get("SYSTEM_FAULT_SEED") or _SEED)
    return Weather(faults, seed=seed, share=_SHARE_OF_TICKS)
