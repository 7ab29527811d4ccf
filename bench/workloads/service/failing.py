"""Reports that end badly, each by another of the ways out that release 1.1.0 changed.

They run thousands of times, so their reports are tiny (some 20 KB, see `system.sizes.TINY`): what a
release keeps of a failed report shows as 20 KB an iteration, not as 4 MB.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from itertools import count

import leakcheck
from bench.workloads.service.stage import Iteration, Stage, staged
from system.errors import StoreUnavailableError
from system.model import Report
from system.ports import QuoteSource, ReportStore
from system.service import Adapters
from system.sizes import TINY

__all__ = [
    "UnexpectedError",
    "manual_report_erring",
    "manual_report_failing",
    "manual_report_retried",
]

_SECONDS = 120
"""As long as two thousand iterations take on a busy machine, each with a second attempt."""
_MONTHS = [f"{year}-{month:02}-01" for year in (2020, 2021) for month in range(1, 13)]
_HISTORY = json.dumps(
    {"dates": _MONTHS, "prices": {"^GSPC": [3200.0 + 50 * month for month in range(len(_MONTHS))]}}
).encode()


class UnexpectedError(Exception):
    """A failure the service has no name for, and so does not expect."""


class _TroubledStore:
    """The store, where each save goes through `trouble` first, with its number from 0 on."""

    def __init__(self, store: ReportStore, trouble: Callable[[int], None]) -> None:
        self._trouble = trouble
        self._attempts = count()
        self._store = store
        self.get = store.get
        self.count = store.count
        self.aclose = store.aclose

    async def save(self, report: Report) -> None:
        self._trouble(next(self._attempts))
        await self._store.save(report)


def _refuse(_attempt: int) -> None:
    msg = "the database is away"
    raise StoreUnavailableError(msg)


def _refuse_every_other(attempt: int) -> None:
    if attempt % 2 == 0:
        _refuse(attempt)


def _break(_attempt: int) -> None:
    msg = "the store is broken"
    raise UnexpectedError(msg)


class _ShortHistory:
    """A source of quotes in memory, with two years of one symbol: enough for a tiny report."""

    def __init__(self, source: QuoteSource) -> None:
        self.latest = source.latest

    async def history(self) -> bytes:
        return _HISTORY


def _in_trouble(trouble: Callable[[int], None]) -> AbstractAsyncContextManager[Stage]:
    def adapt(adapters: Adapters) -> Adapters:
        return replace(
            adapters,
            source=_ShortHistory(adapters.source),
            store=_TroubledStore(adapters.store, trouble),
        )

    return staged(sizes=TINY, adapt=adapt)


@leakcheck.workload
async def manual_report_failing() -> AsyncIterator[Iteration]:
    """A report on request of which every attempt to save it fails."""
    async with _in_trouble(_refuse) as stage:

        async def one_report() -> None:
            await stage.service.reports.create_manual_report()

        yield one_report


@leakcheck.workload(time_limit=_SECONDS)
async def manual_report_retried() -> AsyncIterator[Iteration]:
    """A report on request that is saved by the second attempt."""
    async with _in_trouble(_refuse_every_other) as stage:

        async def one_report() -> None:
            await stage.service.reports.create_manual_report()

        yield one_report


@leakcheck.workload
async def manual_report_erring() -> AsyncIterator[Iteration]:
    """A report on request that ends in an error nobody expected, after its pages are written."""
    async with _in_trouble(_break) as stage:

        async def one_report() -> None:
            with suppress(UnexpectedError):
                await stage.service.reports.create_manual_report()

        yield one_report
