"""Who starts reports: the timetable, and people."""

from __future__ import annotations

import asyncio

from system.memory.policy import MemoryPolicy
from system.memory.retention import KeptResult
from system.model import ReportKind
from system.workflow.registry import Run, RunFacts, RunRegistry
from system.workflow.workflow import ReportWorkflow

__all__ = ["ReportScheduler"]


class ReportScheduler:
    """Makes a report for each call: on the timetable's, or on request."""

    def __init__(
        self, workflow: ReportWorkflow, registry: RunRegistry, policy: MemoryPolicy
    ) -> None:
        """Run that workflow, and keep or drop the last result of each kind as the policy says."""
        self._workflow = workflow
        self._registry = registry
        self._results = {kind: KeptResult(policy) for kind in ReportKind}
        self._background: set[asyncio.Task[RunFacts]] = set()

    async def schedule_auto_report(self) -> None:
        """Make one automatic report; the timetable calls this for ever."""
        await self._finish(self._registry.open(ReportKind.AUTO))

    async def create_manual_report(self) -> RunFacts:
        """Return how a report made on request went, once it has ended."""
        return await self._finish(self._registry.open(ReportKind.MANUAL))

    def start_manual_report(self) -> RunFacts:
        """Return the facts of a report that is being made from now on, to be polled for."""
        run = self._registry.open(ReportKind.MANUAL)
        task = asyncio.get_running_loop().create_task(self._finish(run))
        self._background.add(task)  # the loop holds tasks weakly: a report nobody holds may vanish
        task.add_done_callback(self._background.discard)
        return run.facts

    def last_result(self, kind: ReportKind) -> object | None:
        """Return what the last run of that kind ended with, where it is kept."""
        return self._results[kind].last

    async def aclose(self) -> None:
        """Cancel the reports still being made on request, and return once they have ended."""
        tasks = tuple(self._background)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _finish(self, run: Run) -> RunFacts:
        kept = self._results[run.facts.kind]
        try:
            await self._workflow.run(run)
        except Exception as error:
            kept.end_of_run(error)
            raise
        kept.end_of_run(run.state)
        return run.facts
