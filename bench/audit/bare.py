"""The service bare: its costs, and its simulated days."""

from typing import Final

from bench.audit.children import answer_of
from bench.audit.plan import TICKS_A_DAY, TICKS_AN_HOUR, Run
from bench.audit.results import Bare

__all__ = ["run_bare", "run_days"]

_CHILD: Final = "bench.audit.bare_child"
_BLOCKS: Final = 8
_WARM_UP_SHARE: Final = 8
_LIMIT_BYTES: Final = 1 << 30
"""How much a process may grow by: a release that keeps megabytes a report gets there in days."""


def run_bare(run: Run, iterations: int) -> Bare:
    """Return what so many iterations of a run cost, after an eighth as many to warm up."""
    block = max(1, iterations // _BLOCKS)
    return _run(run, iterations // _WARM_UP_SHARE, iterations // block, block)


def run_days(run: Run, days: int) -> Bare:
    """Return the course of so many simulated days, a block an hour, up to the memory limit."""
    return _run(run, 0, days * TICKS_A_DAY // TICKS_AN_HOUR, TICKS_AN_HOUR)


def _run(run: Run, warm_up: int, blocks: int, block_iterations: int) -> Bare:
    arguments = (run.workload.target, warm_up, blocks, block_iterations, _LIMIT_BYTES)
    found = answer_of(_CHILD, arguments, run.variant.environment)
    return Bare(
        run=run,
        wanted=blocks * block_iterations,
        block_iterations=block_iterations,
        cpu_s=tuple(found["cpu_s"]),
        most_descriptors=tuple(found["most_descriptors"]),
        rss_bytes=tuple(found["rss_bytes"]),
        start_rss_bytes=found["start_rss_bytes"],
        peak_rss_bytes=found["peak_rss_bytes"],
    )
