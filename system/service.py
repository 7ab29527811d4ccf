"""The service, wired together: the one place where it is chosen what runs on what."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from system.adapters.backends import running_backends
from system.adapters.databases import create_engine
from system.adapters.http_quotes import HttpQuotes
from system.adapters.redis_cache import redis_cache_for
from system.adapters.sql_store import SqlReportStore
from system.clock import SystemClock
from system.indices.job import MarketIndicesJob
from system.memory.retention import Retention, retention_for
from system.memory.watch import MemoryReading, MemoryWatch, machine_memory_bytes, resident_bytes
from system.ports import Clock, QuoteCache, QuoteSource, ReportStore
from system.settings import Settings
from system.timetable import Timetable
from system.workflow.nodes import FetchData, TranslateReport, WriteReport
from system.workflow.registry import RunRegistry, finished_runs_for
from system.workflow.save import SaveDatabase
from system.workflow.scheduler import ReportScheduler
from system.workflow.workflow import ReportWorkflow

__all__ = ["Adapters", "Service", "running_service"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapters:
    """What the service stands on, each behind its port."""

    clock: Clock
    source: QuoteSource
    cache: QuoteCache
    store: ReportStore


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
        self.reports = ReportScheduler(self._workflow(), self.registry, policy)
        self.memory = MemoryWatch(self._read_memory)
        self.timetable = Timetable()

    def start(self) -> None:
        """Put the jobs on the timetable and begin. An event loop must be running."""
        every, settings = self.timetable.every, self.settings
        every(settings.tick_seconds, self.indices.tick, name="market-tick")
        every(settings.report_seconds, self.reports.schedule_auto_report, name="auto-report")
        if settings.policy.watches_memory:
            every(settings.tick_seconds, self.memory.check, name="memory-watch")
        self.timetable.start()

    async def aclose(self) -> None:
        """Stop the timetable, and what is still being made."""
        await self.timetable.aclose()
        await self.reports.aclose()

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
            limit_bytes=self.settings.memory_limit_bytes or machine_memory_bytes(),
            redis_connections=self.adapters.cache.connection_count(),
            kept_runs=len(self.registry),
        )


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
        ServiceError: a back end did not come up, or the first tick failed.
    """
    async with AsyncExitStack() as stack:
        adapters = adapt(await _open_adapters(stack, settings, clock or SystemClock()))
        service = Service(settings, adapters)
        await service.indices.tick()
        service.start()
        stack.push_async_callback(service.aclose)
        yield service


async def _open_adapters(stack: AsyncExitStack, settings: Settings, clock: Clock) -> Adapters:
    backends = await stack.enter_async_context(running_backends(settings))
    source = HttpQuotes(backends.quotes_url)
    stack.push_async_callback(source.aclose)
    cache = redis_cache_for(settings.policy, backends.redis_url)
    stack.push_async_callback(cache.aclose)
    store = SqlReportStore(create_engine(backends.database_url), limit=settings.stored_reports)
    stack.push_async_callback(store.aclose)
    await store.create_tables()
    return Adapters(clock=clock, source=source, cache=cache, store=store)
