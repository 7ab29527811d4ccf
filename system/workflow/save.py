"""The last node: the report goes to the database, with retry and back-off."""

from __future__ import annotations

from collections.abc import Callable

import tenacity

from system.errors import StoreUnavailableError
from system.memory.retention import Retention
from system.ports import Clock, ReportStore
from system.workflow.state import ReportState

__all__ = ["SaveDatabase"]


class SaveDatabase:
    """Saves the state's report, and leaves what becomes of the state to the retention's hooks."""

    def __init__(
        self,
        store: ReportStore,
        clock: Clock,
        retention: Retention,
        *,
        attempts: int,
        first_backoff_seconds: float,
    ) -> None:
        """Try ``attempts`` times, one or more, with a wait between that doubles each time."""
        self._store = store
        self._retention = retention
        self._retrying: Callable[[], tenacity.AsyncRetrying] = lambda: tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(StoreUnavailableError),
            stop=tenacity.stop_after_attempt(attempts),
            wait=tenacity.wait_exponential(multiplier=first_backoff_seconds),
            sleep=clock.sleep,
            reraise=True,
        )

    async def __call__(self, state: ReportState) -> None:
        """Save the report.

        Raises:
            StoreUnavailableError: every attempt failed; the error is the last one's.
        """
        try:
            attempts = await self._save(state)
        except StoreUnavailableError:
            self._retention.when_all_failed(state)
            raise
        if attempts == 1:
            self._retention.after_commit(state)
        else:
            self._retention.after_retry(state)
        self._retention.collect_after_commit()

    async def _save(self, state: ReportState) -> int:
        """Return how many attempts it took."""
        retrying = self._retrying()
        await retrying(self._store.save, state.to_report())
        return int(retrying.statistics["attempt_number"])
