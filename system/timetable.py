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
    """Jobs that run at fixed intervals from the moment it starts, in the running event loop."""

    def __init__(self) -> None:
        """Start with no jobs, in UTC."""
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=_JOB_DEFAULTS)

    def every(self, seconds: int, job: Callable[[], Awaitable[None]], *, name: str) -> None:
        """Run ``job`` each ``seconds``, for the first time that long after now."""
        self._scheduler.add_job(job, "interval", seconds=seconds, id=name, name=name)

    def start(self) -> None:
        """Begin. An event loop must be running."""
        self._scheduler.start()

    async def aclose(self) -> None:
        """Stop, cancelling what is running."""
        self._scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # it shuts down when the event loop next comes round

    def watch(self, *, started: Callable[[], None], ended: Callable[[], None]) -> None:
        """Call ``started`` for each job set off and ``ended`` for each that is over or failed."""
        self._scheduler.add_listener(lambda _event: started(), EVENT_JOB_SUBMITTED)
        self._scheduler.add_listener(lambda _event: ended(), _ENDED)

    def next_due(self) -> datetime | None:
        """Return when the next job falls due, in UTC, or ``None`` when there are no jobs."""
        return min((job.next_run_time for job in self._scheduler.get_jobs()), default=None)

    def run_due(self) -> None:
        """Look at the clock and set off what is due, when the event loop next comes round."""
        self._scheduler.wakeup()
