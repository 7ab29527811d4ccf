"""A judgement put together from what was found."""

from collections.abc import Mapping

from leakcheck.analysis import reasons
from leakcheck.analysis.blind_spots import cannot_see
from leakcheck.analysis.finding import Finding
from leakcheck.analysis.fit import grain_of
from leakcheck.analysis.looks import CONFIDENCE, looks_until
from leakcheck.analysis.trend import Rate
from leakcheck.analysis.warmup import warm_up_iterations
from leakcheck.model.measurement import Measurement
from leakcheck.model.signals import Signal
from leakcheck.model.sites import SiteGrowth
from leakcheck.model.verdict import Diagnosis, Growth, Judgement, Trend, Verdict


def answer(  # noqa: PLR0913 -- what differs between the verdicts, by name
    measurement: Measurement,
    findings: Mapping[Signal, Finding],
    verdict: Verdict,
    reason: str,
    *,
    diagnosis: tuple[Diagnosis, ...] = (),
    sites: tuple[SiteGrowth, ...] = (),
    growth: Rate | None = None,
    held_by: tuple[str, ...] = (),
) -> Judgement:
    """Return the judgement with every trend, bound and look that goes with the verdict."""
    heap = findings.get(Signal.HEAP)
    return Judgement(
        verdict=verdict,
        reason=reason,
        diagnosis=diagnosis,
        growth=_growth(growth) if growth else None,
        smallest_detectable_bytes_per_iteration=smallest_detectable(heap),
        iterations=measurement.iterations,
        warm_up_iterations=_warm_up(measurement, heap),
        trends={one.signal: _trend(one, one.growth) for one in findings.values() if one.growth},
        sites=sites,
        held_by=held_by,
        cannot_see=cannot_see(measurement) if verdict is Verdict.CLEAN else "",
        looks=looks_until(measurement.iterations),
    )


def error(measurement: Measurement, reason: str) -> Judgement:
    """Return the judgement on a workload that could not be measured."""
    return Judgement(verdict=Verdict.ERROR, reason=reason, iterations=measurement.iterations)


def smallest_detectable(heap: Finding | None) -> float | None:
    """Return the least growth of heap in use, in bytes, that the run could tell from zero."""
    if heap is None or heap.fit is None or heap.upper_bound is None:
        return None
    width = heap.fit.rate.half_width
    return max(width, heap.upper_bound) if heap.verdict is Verdict.CLEAN else width


def _warm_up(measurement: Measurement, heap: Finding | None) -> int:
    if heap is None:
        return 0
    series = measurement.series[Signal.HEAP]
    return warm_up_iterations(series, heap.end, grain_of(Signal.HEAP))


def _trend(finding: Finding, growth: Rate) -> Trend:
    return Trend(
        signal=finding.signal,
        growth=_growth(growth),
        persisting=finding.fit.persisting if finding.fit else None,
        verdict=finding.verdict,
        why=reasons.why(finding),
    )


def _growth(rate: Rate) -> Growth:
    return Growth(estimate=rate.estimate, low=rate.low, high=rate.high, confidence=CONFIDENCE)
