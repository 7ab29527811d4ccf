"""The workload that the audit adds to the service's: a small report that is saved."""

from collections.abc import AsyncIterator

import leakcheck
from bench.workloads.service.stage import Iteration, staged
from system.sizes import TINY

__all__ = ["saved_report"]


@leakcheck.workload
async def saved_report() -> AsyncIterator[Iteration]:
    """A report of some 20 KB on request, from the fetch to the commit, saved at once."""
    async with staged(sizes=TINY, fills_store=True) as stage:

        async def one_report() -> None:
            await stage.service.reports.create_manual_report()

        yield one_report
