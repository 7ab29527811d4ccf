"""Simulated time for the real service: the clock is moved, and every job that falls due is run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import time_machine

from system.timetable import Timetable

__all__ = ["SIMULATION_START", "SimulatedTime", "TimeDriver", "simulated_time"]

SIMULATION_START = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday, at midnight."""


class SimulatedTime:
    """A clock that stands still until it is moved, and on which waiting costs nothing."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        """Move this process's time by that traveller."""
        self._traveller = traveller

    def now(self) -> datetime:
        """Return the simulated moment, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:  # noqa: ARG002  no time passes here
        """Return when the event loop next comes round: a back-off is over as soon as it begins."""
        await asyncio.sleep(0)

    def move_to(self, moment: datetime) -> None:
        """Make it ``moment``, which lies ahead."""
        self._traveller.shift(moment - self.now())


@contextmanager
def simulated_time(start: datetime = SIMULATION_START) -> Iterator[SimulatedTime]:
    """Yield a clock that stands at ``start``, which is this process's time of day until the end.

    It stands still between moves, so that a run is the same each time. ``time.monotonic`` is left
    alone, and with it every timeout and timer of the event loop.
    """
    with time_machine.travel(start, tick=False) as traveller:
        yield SimulatedTime(traveller)


class TimeDriver:
    """Moves simulated time from one due job to the next, and waits for each to be over."""

    def __init__(self, time: SimulatedTime, timetable: Timetable) -> None:
        """Drive that timetable's jobs by moving that clock."""
        self._time = time
        self._timetable = timetable
        self._running = 0
        self._all_over = asyncio.Event()
        timetable.watch(started=self._job_started, ended=self._job_ended)

    async def advance(self, seconds: float) -> None:
        """Return ``seconds`` later, once every job that fell due on the way has run, in order."""
        target = self._time.now() + timedelta(seconds=seconds)
        while (due := self._timetable.next_due()) is not None and due <= target:
            self._time.move_to(due)
            await self._run_due()
        self._time.move_to(target)

    async def _run_due(self) -> None:
        self._all_over.clear()
        self._timetable.run_due()
        await asyncio.sleep(
            0
        )  # run_due() acts when the loop comes round: after this, jobs are set off
        if self._running:
            await self._all_over.wait()

    def _job_started(self) -> None:
        self._running += 1

    def _job_ended(self) -> None:
        self._running -= 1
        if self._running == 0:
            self._all_over.set()
