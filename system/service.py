"""The service, wired together: the one place where it is chosen what runs on what."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import product

from redis.asyncio import Redis

from system.adapters.backends import running_backends
from system.adapters.databases import CheckOuts, create_engine
from system.adapters.growth_watch import growth_watch
from system.adapters.http_quotes import HttpQuotes
from system.adapters.redis_cache import redis_cache_for
from system.adapters.redis_client import redis_client
from system.adapters.redis_lock import RedisJobLock
from system.adapters.sql_store import SqlReportStore
from system.clock import SystemClock
from system.errors import ServiceError
from system.indices.job import MarketIndicesJob
from system.jobs import SharedJob
from system.memory.heap import heap_in_use_bytes
from system.memory.limit import memory_limit_bytes
from system.memory.pauses import CollectorPauses
from system.memory.retention import Retention, retention_for
from system.memory.watch import MemoryReading, MemoryWatch, resident_bytes
from system.model import ReportKind, RunStatus, Turn
from system.ports import Clock, GrowthWatch, JobLock, QuoteCache, QuoteSource, ReportStore
from system.settings import Settings
from system.tally import Tally
from system.timetable import Timetable
from system.workflow.nodes import FetchData, TranslateReport, WriteReport
from system.workflow.registry import RunRegistry, finished_runs_for
from system.workflow.save import SaveDatabase
from system.workflow.scheduler import ReportScheduler
from system.workflow.workflow import ReportWorkflow

__all__ = ["Adapters", "Service", "running_service"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapters:
    """What the service stands on, each behind its port."""

    clock: Clock
    source: QuoteSource
    cache: QuoteCache
    lock: JobLock
    store: ReportStore
    check_outs: CheckOuts | None = None
    growth: GrowthWatch | None = None


class Service:
    """Every part of the running service."""

    def __init__(self, settings: Settings, adapters: Adapters) -> None:
        """Wire the parts together. Nothing runs yet."""
        policy = settings.policy
        self.settings = settings
        self.adapters = adapters
        self.retention: Retention = retention_for(policy)
        self.registry = RunRegistry(adapters.clock, finished_runs_for(policy))
        self.indices = MarketIndicesJob(adapters.source, adapters.cache, adapters.clock, policy)
        self.save_database = SaveDatabase(
            adapters.store,
            adapters.clock,
            self.retention,
            attempts=settings.save_attempts,
            first_backoff_seconds=settings.first_backoff_seconds,
        )
        self.tally = _empty_tally()
        self.reports = ReportScheduler(
            self._workflow(),
            self.registry,
            policy,
            tally=self.tally,
            most_on_request=settings.most_manual_reports,
        )
        self.memory = MemoryWatch(self._read_memory)
        self._limit_bytes = settings.memory_limit_bytes or memory_limit_bytes()
        self.pauses = CollectorPauses()
        self.timetable = Timetable()
        self.market_tick = self._shared(
            "market-tick", self.indices.tick, period_seconds=settings.tick_seconds
        )
        self.auto_report = self._shared(
            "auto-report", self.reports.schedule_auto_report, period_seconds=settings.report_seconds
        )

    async def first_tick(self) -> None:
        """Fetch and store the market indices at once; without them the service starts as well."""
        try:
            await self.indices.tick()
        except ServiceError as error:
            _log.warning("first tick failed: %s: %s", type(error).__name__, error)

    def start(self) -> None:
        """Put the jobs on the timetable and begin. An event loop must be running."""
        settings = self.settings
        self._every(settings.tick_seconds, self.market_tick.run, name="market-tick")
        self._every(settings.report_seconds, self.auto_report.run, name="auto-report")
        if settings.policy.watches_memory:
            self._every(settings.tick_seconds, self._check_memory, name="memory-watch")
        if self.adapters.growth is not None:
            self._every(settings.tick_seconds, self._watch_growth, name="growth-watch")
        if settings.collect_seconds is not None:
            self._every(settings.collect_seconds, _collect, name="collect")
        self.timetable.start()

    async def aclose(self) -> None:
        """Start nothing more, and return once what is under way has ended, or had its time to."""
        await self.timetable.aclose(grace_seconds=self.settings.stop_seconds)
        await self.reports.aclose(grace_seconds=self.settings.stop_seconds)

    def _every(self, seconds: int, job: Callable[[], Awaitable[None]], *, name: str) -> None:
        self.timetable.every(seconds, job, name=name, now=self.adapters.clock.now())

    async def _watch_growth(self) -> None:
        if self.adapters.growth is not None:
            self.adapters.growth.sample(self.adapters.clock.now())

    def _shared(
        self, name: str, work: Callable[[Turn], Awaitable[None]], *, period_seconds: int
    ) -> SharedJob:
        return SharedJob(
            name,
            work,
            period_seconds=period_seconds,
            lock=self.adapters.lock,
            clock=self.adapters.clock,
            tally=self.tally,
        )

    async def _check_memory(self) -> None:
        self.memory.check(self.adapters.clock.now())

    def _workflow(self) -> ReportWorkflow:
        nodes = (
            ("fetch_data", FetchData(self.adapters.source)),
            ("write_report", WriteReport(self.settings.sizes)),
            ("translate_report", TranslateReport()),
            ("save_database", self.save_database),
        )
        return ReportWorkflow(nodes, self.registry, self.retention)

    def _read_memory(self) -> MemoryReading:
        return MemoryReading(
            resident_bytes=resident_bytes(),
            limit_bytes=self._limit_bytes,
            heap_bytes=heap_in_use_bytes(),
            redis_connections=self.adapters.cache.connection_count(),
            kept_runs=len(self.registry),
        )


async def _collect() -> None:
    gc.collect()


def _empty_tally() -> Tally:
    """Return a tally with 0 for all that may happen: a rate needs a value before the first."""
    tally = Tally()
    for job, outcome in product(("market-tick", "auto-report"), ("done", "failed", "left")):
        tally.expect("job", job, outcome)
    for kind, status in product(ReportKind, (RunStatus.SAVED, RunStatus.FAILED)):
        tally.expect("report", kind, status)
    return tally


def _as_they_are(adapters: Adapters) -> Adapters:
    return adapters


@asynccontextmanager
async def running_service(
    settings: Settings,
    *,
    clock: Clock | None = None,
    adapt: Callable[[Adapters], Adapters] = _as_they_are,
) -> AsyncIterator[Service]:
    """Yield the service, running, with its first tick behind it; stop all of it at the end.

    ``clock`` is the system's when ``None``. ``adapt`` may put something else in an adapter's place.

    Raises:
        ServiceError: a back end did not come up.
    """
    async with AsyncExitStack() as stack:
        adapters = adapt(await _open_adapters(stack, settings, clock or SystemClock()))
        service = Service(settings, adapters)
        await service.first_tick()
        stack.enter_context(service.pauses.counted())
        service.start()
        stack.push_async_callback(service.aclose)
        yield service


async def _open_adapters(stack: AsyncExitStack, settings: Settings, clock: Clock) -> Adapters:
    backends = await stack.enter_async_context(running_backends(settings))
    source = HttpQuotes(backends.quotes_url, timeout_seconds=settings.quotes_timeout_seconds)
    stack.push_async_callback(source.aclose)

    def connect() -> Redis:
        return redis_client(
            backends.redis_url, first_backoff_seconds=settings.redis_backoff_seconds
        )

    redis = connect()
    stack.push_async_callback(redis.aclose)
    engine = create_engine(backends.database_url, max_bytes=settings.database_max_bytes)
    store = SqlReportStore(engine, limit=settings.stored_reports)
    stack.push_async_callback(store.aclose)
    await store.create_tables()
    return Adapters(
        clock=clock,
        source=source,
        cache=redis_cache_for(settings.policy, redis, connect),
        lock=RedisJobLock(redis),
        store=store,
        check_outs=CheckOuts(engine),
        growth=_growth_watch_for(settings),
    )


def _growth_watch_for(settings: Settings) -> GrowthWatch | None:
    if not settings.watches_growth:
        return None
    watch = growth_watch(limit_bytes=settings.memory_limit_bytes or memory_limit_bytes())
    if watch is None:
        _log.warning("growth is not watched: leakcheck is not installed")
    return watch
