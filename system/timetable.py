"""The timetable: jobs at fixed intervals, by APScheduler. The one module that knows it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MISSED,
    EVENT_JOB_SUBMITTED,
)
from apscheduler.schedulers.asyncio import AsyncIOScheduler

__all__ = ["Timetable"]

_ENDED = EVENT_JOB_EXECUTED | EVENT_JOB_ERROR | EVENT_JOB_MISSED
# A job that is late runs at once, and once, however many of its times have passed.
_JOB_DEFAULTS = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}


class Timetable:
    """Jobs that run at whole multiples of their intervals since 1970, in the running event loop.

    So every instance of the service has the same times, whenever it was started.
    """

    def __init__(self) -> None:
        """Start with no jobs, in UTC."""
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=_JOB_DEFAULTS)
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def every(
        self, seconds: int, job: Callable[[], Awaitable[None]], *, name: str, now: datetime
    ) -> None:
        """Run ``job`` each ``seconds``, for the first time at the next multiple after ``now``."""
        first = (int(now.timestamp()) // seconds + 1) * seconds
        self._scheduler.add_job(
            self._tracked(job),
            "interval",
            seconds=seconds,
            start_date=datetime.fromtimestamp(first, UTC),
            id=name,
            name=name,
        )

    def start(self) -> None:
        """Begin. An event loop must be running."""
        self._scheduler.start()

    async def aclose(self, *, grace_seconds: float) -> None:
        """Set nothing more off, wait that long for what is running, and cancel what then still is.

        The seconds are real ones.
        """
        self._scheduler.pause()
        try:
            await asyncio.wait_for(self._idle.wait(), grace_seconds)
        except TimeoutError:
            pass
        finally:
            self._scheduler.shutdown(wait=False)
            await asyncio.sleep(0)  # it shuts down when the event loop next comes round
        await self._idle.wait()  # what was cancelled has its own ends to tie up

    def watch(self, *, started: Callable[[], None], ended: Callable[[], None]) -> None:
        """Call ``started`` for each job set off and ``ended`` for each that is over or failed."""
        self._scheduler.add_listener(lambda _event: started(), EVENT_JOB_SUBMITTED)
        self._scheduler.add_listener(lambda _event: ended(), _ENDED)

    def names(self) -> set[str]:
        """Return the names of the jobs."""
        return {job.name for job in self._scheduler.get_jobs()}

    def next_due(self) -> datetime | None:
        """Return when the next job falls due, in UTC, or ``None`` when there are no jobs."""
        return min((job.next_run_time for job in self._scheduler.get_jobs()), default=None)

    def run_due(self) -> None:
        """Look at the clock and set off what is due, when the event loop next comes round."""
        self._scheduler.wakeup()

    def _tracked(self, job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Return the job, counted while it runs: a job that is cancelled ends without an event."""

        async def tracked() -> None:
            self._running += 1
            self._idle.clear()
            try:
                await job()
            finally:
                self._running -= 1
                if self._running == 0:
                    self._idle.set()

        return tracked
