"""Who starts reports: the timetable, and people."""

from __future__ import annotations

import asyncio
import logging

from system.errors import TooManyReportsError
from system.memory.policy import MemoryPolicy
from system.memory.retention import KeptResult
from system.model import ReportKind, Turn
from system.tally import Tally
from system.workflow.registry import Run, RunFacts, RunRegistry
from system.workflow.workflow import ReportWorkflow

__all__ = ["ReportScheduler"]

_log = logging.getLogger(__name__)


class ReportScheduler:
    """Makes a report for each call: on the timetable's, or on request."""

    def __init__(
        self,
        workflow: ReportWorkflow,
        registry: RunRegistry,
        policy: MemoryPolicy,
        *,
        tally: Tally,
        most_on_request: int,
    ) -> None:
        """Run that workflow, and keep or drop the last result of each kind as the policy says.

        ``most_on_request`` is how many reports may be made in the background at a time; ``tally``
        counts how reports end.
        """
        self._tally = tally
        self._workflow = workflow
        self._registry = registry
        self._most_on_request = most_on_request
        self._results = {kind: KeptResult(policy) for kind in ReportKind}
        self._background: set[asyncio.Task[RunFacts]] = set()

    async def schedule_auto_report(self, turn: Turn | None = None) -> None:
        """Make the automatic report of that turn; the timetable calls this for ever."""
        await self._finish(self._registry.open(ReportKind.AUTO, turn))

    async def create_manual_report(self) -> RunFacts:
        """Return how a report made on request went, once it has ended."""
        return await self._finish(self._registry.open(ReportKind.MANUAL))

    def start_manual_report(self) -> RunFacts:
        """Return the facts of a report that is being made from now on, to be polled for.

        Raises:
            TooManyReportsError: as many are being made as may be, or the service is stopping.
        """
        if len(self._background) >= self._most_on_request:
            msg = f"{len(self._background)} reports are being made, want fewer first"
            raise TooManyReportsError(msg)
        run = self._registry.open(ReportKind.MANUAL)
        task = asyncio.get_running_loop().create_task(self._finish(run))
        self._background.add(task)  # the loop holds tasks weakly: a report nobody holds may vanish
        task.add_done_callback(self._background_ended)
        return run.facts

    def last_result(self, kind: ReportKind) -> object | None:
        """Return what the last run of that kind ended with, where it is kept."""
        return self._results[kind].last

    async def aclose(self, *, grace_seconds: float) -> None:
        """Start no more, wait that long for the reports on request, and cancel the rest.

        The seconds are real ones.
        """
        self._most_on_request = 0
        tasks = tuple(self._background)
        if not tasks:
            return
        _done, late = await asyncio.wait(tasks, timeout=grace_seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _background_ended(self, task: asyncio.Task[RunFacts]) -> None:
        self._background.discard(task)
        # An exception nobody asked for is shouted about by asyncio, with its traceback, and until
        # then it keeps every frame of the run. The run itself is closed as failed already.
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a report on request ended in %s", type(error).__name__)

    async def _finish(self, run: Run) -> RunFacts:
        kept = self._results[run.facts.kind]
        try:
            await self._workflow.run(run)
        except Exception as error:
            kept.end_of_run(error)
            raise
        finally:
            self._tally.add("report", run.facts.kind, run.facts.status)
        kept.end_of_run(run.state)
        return run.facts
