"""All of the audit's measurements, as an extent has them, several at a time."""

import os
import platform
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Final

from bench.audit.bare import run_bare, run_days
from bench.audit.growth import run_growth
from bench.audit.once import collection_costs, compatibility, suite
from bench.audit.plan import (
    FIRST,
    OPTIMIZED,
    TICKS_A_DAY,
    Extent,
    Run,
    Workload,
    cost_runs,
    day_runs,
    growth_runs,
)
from bench.audit.results import About, Bare, Growth, Results
from bench.audit.servers import are_real, forget_turns

__all__ = ["Part", "about", "measure"]

_PACKAGES: Final = ("redis", "fakeredis", "SQLAlchemy", "APScheduler", "aiohttp", "fastapi")


class Part(StrEnum):
    """A part of the results, which can be measured without the others."""

    GROWTH = "growth"
    COSTS = "costs"
    DAYS = "days"
    ONCE = "once"
    """Collections, compatibility and the release's own tests."""


class _Measuring:
    """Measures part after part; the results so far are kept after each run, to go on from."""

    def __init__(
        self, extent: Extent, earlier: Results, out: Path, tell: Callable[[str], None]
    ) -> None:
        self.results = earlier
        self._extent = extent
        self._out = out
        self._tell = tell
        self._lock = threading.Lock()

    def part(self, part: Part, jobs: int, keep: Callable[[Results], None]) -> None:
        """Measure what that part of the results lacks."""
        self._tell(str(part))
        if part is Part.ONCE:
            self.results = self._once(jobs)
            keep(self.results)
            return
        runs, do = self._runs(part)
        known = {one.run for one in getattr(self.results, part)}
        wanted = [run for run in runs if run not in known]

        def one(run: Run) -> None:
            forget_turns()
            found = do(run)
            with self._lock:
                self.results = self.results.with_one(str(part), found)
                keep(self.results)
                done = f"{len(getattr(self.results, part))} of {len(known) + len(wanted)}"
                self._tell(f"{part} {done}: {run.variant}, {run.workload}")

        with ThreadPoolExecutor(1 if are_real() else jobs) as pool:
            list(pool.map(one, wanted))

    def _runs(self, part: Part) -> tuple[tuple[Run, ...], Callable[[Run], Growth | Bare]]:
        extent = self._extent
        if part is Part.GROWTH:
            return tuple(growth_runs(extent)), self._growth
        if part is Part.COSTS:
            return tuple(cost_runs(extent)), lambda run: run_bare(run, extent.cost[run.workload])
        return tuple(day_runs(extent)), lambda run: run_days(run, extent.days)

    def _growth(self, run: Run) -> Growth:
        of_days = self._extent.days * TICKS_A_DAY
        iterations = of_days if run.workload is Workload.DAY else self._extent.growth[run.workload]
        return run_growth(run, iterations, self._out)

    def _once(self, jobs: int) -> Results:
        extent = self._extent
        with ThreadPoolExecutor(1 if are_real() else jobs) as pool:
            tested = [
                pool.submit(suite, one, strictly=extent.strictly) for one in (FIRST, OPTIMIZED)
            ]
            collected = pool.submit(collection_costs, extent.largest_heap)
            common = pool.submit(compatibility)
            return replace(
                self.results,
                collections=collected.result(),
                compatibility=common.result(),
                suites=tuple(one.result() for one in tested),
            )


def measure(
    extent: Extent,
    earlier: Results,
    parts: Sequence[Part],
    *,
    jobs: int,
    tell: Callable[[str], None],
    keep: Callable[[Results], None],
) -> Results:
    """Return the results with what those parts lack; `keep` is given what there is so far.

    Raises:
        AuditError: something could not be measured.
    """
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="leakcheck-audit-") as folder:
        measuring = _Measuring(extent, earlier, Path(folder), tell)
        for part in parts:
            measuring.part(part, jobs, keep)
    results = measuring.results
    elapsed_s = earlier.about.elapsed_s + time.monotonic() - began_s
    return replace(results, about=replace(results.about, elapsed_s=elapsed_s))


def about(date: str) -> About:
    """Return where and how it is measured, before anything is."""
    return About(
        date=date,
        elapsed_s=0.0,
        cpus=os.cpu_count() or 1,
        versions={
            "Python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
            "leakcheck": version("leakcheck-harness"),
        },
        redis="a server" if os.environ.get("REDIS_URL") else "embedded (fakeredis)",
        database="a server" if os.environ.get("DATABASE_URL") else "embedded (SQLite)",
    )
