"""Doubles behind the service's ports: everything in memory, and trouble on demand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from system.memory.policy import MemoryPolicy, policy_for
from system.model import Report, Turn
from system.service import Adapters, Service
from system.settings import Settings
from system.sizes import TINY

_DATES = [f"2021-{month:02}-01" for month in range(1, 13)]
HISTORY = json.dumps({"dates": _DATES, "prices": {"^GSPC": [4000.0 + n for n in range(12)]}})
QUOTES = '{"as_of": "2021-12-01", "quotes": [["^GSPC", 4011.0, 4010.0], ["DELL", null, null]]}'


class FrozenClock:
    """A clock that notes how long it was asked to wait, and does not."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 1, 5, tzinfo=UTC)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)


class CannedQuotes:
    """A source that always answers the same, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def latest(self, at: datetime) -> bytes:  # noqa: ARG002
        return self._answer(QUOTES)

    async def history(self) -> bytes:
        return self._answer(HISTORY)

    def _answer(self, text: str) -> bytes:
        if self.error is not None:
            raise self.error
        return text.encode()


class MemoryCache:
    """A cache in a variable."""

    def __init__(self) -> None:
        self.payload: str | None = None

    async def put(self, payload: str, turn: Turn | None = None) -> None:  # noqa: ARG002
        self.payload = payload

    async def get(self) -> str | None:
        return self.payload

    def connection_count(self) -> int:
        return 1


class MemoryLock:
    """A lock of one process: it has every turn once."""

    def __init__(self) -> None:
        self.slots: dict[str, int] = {}
        self.tokens = count(1)

    async def claim(
        self,
        job: str,
        slot: int,
        *,
        now: datetime,  # noqa: ARG002
        lease_seconds: float,  # noqa: ARG002
    ) -> Turn | None:
        if slot <= self.slots.get(job, -1):
            return None
        self.slots[job] = slot
        return Turn(job=job, slot=slot, token=next(self.tokens))

    async def release(self, turn: Turn, *, done: bool) -> None:
        if not done:
            self.slots[turn.job] -= 1


class MemoryStore:
    """A store in a dict, whose first saves fail with these errors, one each."""

    def __init__(self, errors: Sequence[Exception] = ()) -> None:
        self.errors = list(errors)
        self.reports: dict[str, Report] = {}

    async def save(self, report: Report) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.reports[report.report_id] = report

    async def get(self, report_id: str) -> Report | None:
        return self.reports.get(report_id)

    async def count(self) -> int:
        return len(self.reports)

    async def aclose(self) -> None:
        """Close nothing."""


def service_with(
    policy: MemoryPolicy | None = None,
    *,
    source: CannedQuotes | None = None,
    cache: MemoryCache | None = None,
    store: MemoryStore | None = None,
    stop_seconds: float = 20.0,
) -> Service:
    """A wired service on doubles, not started."""
    adapters = Adapters(
        clock=FrozenClock(),
        source=source or CannedQuotes(),
        cache=cache or MemoryCache(),
        lock=MemoryLock(),
        store=store or MemoryStore(),
    )
    settings = Settings(sizes=TINY, stop_seconds=stop_seconds)
    return Service(replace(settings, policy=policy or policy_for("current")), adapters)
