"""Jobs that several instances have on their timetables, and one of them runs each time."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from system.errors import CacheUnavailableError, ServiceError
from system.model import Turn
from system.ports import Clock, JobLock
from system.tally import Tally

__all__ = ["SharedJob"]

_log = logging.getLogger(__name__)

# The right to a turn ends before the next one comes, so that an instance that died with it keeps
# the others from one turn and no more.
_LEASE_SHARE = 0.9


class SharedJob:
    """Runs its work in those turns that this instance is given.

    Without the lock, it runs: two reports of one turn are one too many, but the store takes only
    the first, and no report at all would be a loss.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[Turn], Awaitable[None]],
        *,
        period_seconds: int,
        lock: JobLock,
        clock: Clock,
        tally: Tally,
    ) -> None:
        """Do ``work`` in one turn each ``period_seconds``, and tally how each went."""
        self._name = name
        self._work = work
        self._period_seconds = period_seconds
        self._lock = lock
        self._clock = clock
        self._tally = tally

    async def run(self) -> None:
        """Do the work, if the turn is this instance's. A failure known by name ends here.

        Raises:
            Exception: anything else that the work raised, once the turn is given back.
        """
        turn = await self._claim()
        if turn is None:
            self._tally.add("job", self._name, "left")
            return
        outcome = "failed"
        try:
            await self._work(turn)
            outcome = "done"
        except ServiceError as error:
            _log.warning("job %s failed: %s: %s", self._name, type(error).__name__, error)
        finally:
            self._tally.add("job", self._name, outcome)
            await self._release(turn, done=outcome == "done")

    async def _claim(self) -> Turn | None:
        now = self._clock.now()
        slot = round(now.timestamp() / self._period_seconds)
        lease_seconds = _LEASE_SHARE * self._period_seconds
        try:
            return await self._lock.claim(self._name, slot, now=now, lease_seconds=lease_seconds)
        except CacheUnavailableError as error:
            _log.warning("job %s runs without its lock: %s", self._name, error)
            return Turn(job=self._name, slot=slot)

    async def _release(self, turn: Turn, *, done: bool) -> None:
        if turn.token is None:
            return
        try:
            await self._lock.release(turn, done=done)
        except CacheUnavailableError as error:
            _log.warning("job %s keeps its lock until its lease ends: %s", self._name, error)
