"""What leakcheck says of a variant of the service: its growth an iteration."""

import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

from bench.audit.children import AuditError
from bench.audit.plan import Run
from bench.audit.results import Growth, Interval
from leakcheck.check import Checked, Settings, check
from leakcheck.model.options import Options
from leakcheck.model.plan import Profiler
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Judgement, Verdict

__all__ = ["levels", "run_growth"]

_PARTS: Final = 16
_TIME_LIMIT_S: Final = 1_800.0
_MEMORY_LIMIT_BYTES: Final = 1 << 30


def run_growth(run: Run, iterations: int, out: Path) -> Growth:
    """Return what leakcheck measured over exactly so many iterations.

    memray stays out of it: it is the totals that are compared, and every call site's account
    would only make the runs longer.

    Raises:
        AuditError: the workload could not be measured.
    """
    options = Options(
        exact_iterations=iterations,
        time_limit_s=_TIME_LIMIT_S,
        memory_limit_bytes=_MEMORY_LIMIT_BYTES,
        threshold_bytes=4.0,
        profiler=Profiler.NONE,
    )
    variables = {**os.environ, **run.variant.environment}
    settings = Settings(out=out, commanded=options, variables=variables)
    (checked,) = check([run.workload.target], settings)
    if checked.record.judgement.verdict is Verdict.ERROR:
        msg = f"{run.variant}, {run.workload}: {checked.record.judgement.reason}"
        raise AuditError("\n".join((msg, *checked.traceback, checked.output_tail)))
    return _growth(run, checked)


def levels(series: Series, iterations: int) -> Iterator[tuple[float, float]]:
    """Yield the middle and the median reading of each of 16 parts of a run's second half.

    >>> ramp = Series.of(Signal.HEAP, ((n, 16 * n) for n in range(65)))
    >>> list(levels(ramp, 64))[:2]
    [(33.0, 536.0), (35.0, 568.0)]
    """
    width = iterations / 2 / _PARTS
    points = list(zip(series.iterations, series.values, strict=True))
    for part in range(_PARTS):
        start = iterations / 2 + part * width
        inside = [value for at, value in points if start < at <= start + width]
        if inside:
            yield start + width / 2, float(median(inside))


def _growth(run: Run, checked: Checked) -> Growth:
    measurement, judgement = checked.record.measurement, checked.record.judgement
    parts = list(levels(measurement.series[Signal.HEAP], measurement.iterations))
    return Growth(
        run=run,
        verdict=judgement.verdict,
        iterations=measurement.iterations,
        ending=str(measurement.ending),
        heap=_interval(judgement, Signal.HEAP),
        descriptors=_interval(judgement, Signal.DESCRIPTORS),
        marks=tuple(mark for mark, _ in parts),
        heap_levels=tuple(level for _, level in parts),
    )


def _interval(judgement: Judgement, signal: Signal) -> Interval:
    growth = judgement.trends[signal].growth
    return Interval(estimate=growth.estimate, low=growth.low, high=growth.high)
