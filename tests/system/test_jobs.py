"""Turns: when they come, who counts them, and what becomes of one that fails."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system.errors import CacheUnavailableError, QuotesUnavailableError
from system.jobs import SharedJob
from system.model import ReportKind, RunStatus, Turn
from system.tally import Tally
from system.timetable import Timetable
from tests.system.doubles import CannedQuotes, FrozenClock, MemoryLock, MemoryStore, service_with


async def _nothing() -> None:
    """Do nothing."""


@given(
    start=st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  hypothesis adds the zone
    seconds=st.integers(1, 10**6),
)
def test_a_job_is_first_due_at_the_next_multiple_of_its_interval(
    start: datetime, seconds: int
) -> None:
    async def first() -> datetime | None:
        timetable = Timetable()
        timetable.every(seconds, _nothing, name="job", now=start)
        job = timetable._scheduler.get_jobs()[0]
        moment: datetime | None = job.trigger.get_next_fire_time(None, start)
        return moment

    due = asyncio.run(first())
    assert due is not None
    assert timedelta() < due - start <= timedelta(seconds=seconds)
    assert due.timestamp() % seconds == 0


def _shared(lock: MemoryLock, tally: Tally, error: Exception | None = None) -> SharedJob:
    async def work(_turn: Turn) -> None:
        if error is not None:
            raise error

    return SharedJob("job", work, period_seconds=60, lock=lock, clock=FrozenClock(), tally=tally)


def test_a_turn_is_done_once_and_then_left() -> None:
    lock, tally = MemoryLock(), Tally()
    for _ in range(3):
        asyncio.run(_shared(lock, tally).run())
    assert list(tally.of("job")) == [("job", "done", 1), ("job", "left", 2)]


def test_a_turn_that_fails_by_name_ends_quietly_and_may_be_tried_again() -> None:
    lock, tally = MemoryLock(), Tally()
    asyncio.run(_shared(lock, tally, QuotesUnavailableError("away")).run())
    asyncio.run(_shared(lock, tally).run())
    assert list(tally.of("job")) == [("job", "failed", 1), ("job", "done", 1)]


def test_a_turn_that_fails_in_any_other_way_says_so_and_is_given_back() -> None:
    lock, tally = MemoryLock(), Tally()
    with pytest.raises(KeyError):
        asyncio.run(_shared(lock, tally, KeyError("x")).run())
    asyncio.run(_shared(lock, tally).run())
    assert list(tally.of("job")) == [("job", "failed", 1), ("job", "done", 1)]


class _NoLock(MemoryLock):
    """A lock that is away."""

    async def claim(
        self,
        job: str,
        slot: int,
        *,
        now: datetime,
        lease_seconds: float,
    ) -> Turn | None:
        raise CacheUnavailableError("away" + job + str((slot, now, lease_seconds)))


def test_without_the_lock_the_work_is_done_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    tally = Tally()
    with caplog.at_level(logging.WARNING, logger="system"):
        asyncio.run(_shared(_NoLock(), tally).run())
    assert list(tally.of("job")) == [("job", "done", 1)]
    assert "without its lock" in caplog.text


def test_reports_are_counted_by_how_they_ended() -> None:
    service = service_with(store=MemoryStore([KeyError("x")]))

    async def scenario() -> None:
        with pytest.raises(KeyError):
            await service.reports.create_manual_report()
        await service.reports.create_manual_report()
        await service.reports.schedule_auto_report()

    asyncio.run(scenario())
    counts = {(kind, status): number for kind, status, number in service.tally.of("report")}
    assert counts == {
        (ReportKind.MANUAL, RunStatus.SAVED): 1,
        (ReportKind.MANUAL, RunStatus.FAILED): 1,
        (ReportKind.AUTO, RunStatus.SAVED): 1,
        (ReportKind.AUTO, RunStatus.FAILED): 0,
    }


def test_an_automatic_report_carries_its_turn_into_the_store() -> None:
    store = MemoryStore()
    service = service_with(store=store)
    asyncio.run(service.auto_report.run())
    (report,) = store.reports.values()
    assert report.turn is not None
    assert report.run_key == f"auto-report-{report.turn.slot}"
    assert report.turn.slot * 3600 == FrozenClock().now().timestamp()


def test_a_report_on_request_that_breaks_is_not_shouted_about_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = service_with(store=MemoryStore([KeyError("secret")]))

    async def scenario() -> None:
        service.reports.start_manual_report()
        await service.reports.aclose(grace_seconds=60)

    asyncio.run(scenario())
    assert "a report on request ended in KeyError" in caplog.messages
    assert "never retrieved" not in caplog.text


def test_the_first_tick_may_fail() -> None:
    service = service_with(source=CannedQuotes(QuotesUnavailableError("away")))
    asyncio.run(service.first_tick())
    assert asyncio.run(service.indices.get_market_indices()) is None
