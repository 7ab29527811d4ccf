"""What the service needs from outside: a clock, quotes, a cache and a store of reports."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from system.model import Report, Turn

__all__ = ["Clock", "GrowthWatch", "JobLock", "QuoteCache", "QuoteSource", "ReportStore"]


class Clock(Protocol):
    """The time, and waiting for it to pass."""

    def now(self) -> datetime:
        """Return the present moment, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once ``seconds`` have passed on this clock."""
        ...


class QuoteSource(Protocol):
    """Where market data comes from. What it returns is not parsed yet."""

    async def latest(self, at: datetime) -> bytes:
        """Return the newest quotes at that moment, as JSON.

        Raises:
            QuotesUnavailableError: the source did not answer.
        """
        ...

    async def history(self) -> bytes:
        """Return every recorded price, as JSON.

        Raises:
            QuotesUnavailableError: the source did not answer.
        """
        ...


class QuoteCache(Protocol):
    """Where the newest market indices are kept for the route that serves them."""

    async def put(self, payload: str, turn: Turn | None = None) -> None:
        """Store the market indices, as JSON, over the ones before.

        Raises:
            CacheUnavailableError: the cache did not take them.
            StaleTurnError: a later turn than ``turn`` has stored some already.
        """
        ...

    async def get(self) -> str | None:
        """Return the stored market indices as JSON, or ``None`` before the first tick.

        Raises:
            CacheUnavailableError: the cache did not answer.
        """
        ...

    def connection_count(self) -> int:
        """Return how many connections this process holds open for reading and pooled writing."""
        ...


class JobLock(Protocol):
    """Who may run a job, among several instances: each of its times has one that may."""

    async def claim(
        self, job: str, slot: int, *, now: datetime, lease_seconds: float
    ) -> Turn | None:
        """Return the turn of that slot, or ``None`` where it is, or the job is, somebody else's.

        The right ends with :meth:`release`, or after ``lease_seconds``.

        Raises:
            CacheUnavailableError: there was nobody to ask.
        """
        ...

    async def release(self, turn: Turn, *, done: bool) -> None:
        """Give the right back. A turn that is not ``done`` may be claimed once more.

        Raises:
            CacheUnavailableError: there was nobody to give it to: it ends with its lease.
        """
        ...


class ReportStore(Protocol):
    """Where finished reports are kept: the newest ones, up to a limit."""

    async def save(self, report: Report) -> None:
        """Store the report and delete what is beyond the limit, in one transaction.

        A report that is stored already is left as it is: saving again does nothing.

        Raises:
            StoreUnavailableError: the report is not stored, or nobody can tell; trying again may
                help, and never stores it twice.
            AlreadySavedError: another report of its turn is stored.
            StaleTurnError: a later turn than the report's has saved one already.
        """
        ...

    async def get(self, report_id: str) -> Report | None:
        """Return the report of that id, or ``None`` when it is not stored, or not any more.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        ...

    async def count(self) -> int:
        """Return how many reports are stored.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class GrowthWatch(Protocol):
    """What watches the service's own memory over days."""

    def sample(self, now: datetime) -> None:
        """Read once, at that moment."""
        ...

    def verdict(self) -> str:
        """Return LEAK, CLEAN or INCONCLUSIVE."""
        ...

    def metrics(self) -> bytes:
        """Return what is known, in Prometheus's text format."""
        ...
