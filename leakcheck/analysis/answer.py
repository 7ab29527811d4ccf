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
    decisive = Signal.HEAP if measurement.from_outside is None else Signal.RSS
    finding = findings.get(decisive)
    return Judgement(
        verdict=verdict,
        reason=reason,
        diagnosis=diagnosis,
        growth=_growth(growth) if growth else None,
        smallest_detectable_bytes_per_iteration=smallest_detectable(finding),
        iterations=measurement.iterations,
        warm_up_iterations=_warm_up(measurement, finding),
        trends={one.signal: _trend(one, one.growth) for one in findings.values() if one.growth},
        sites=sites,
        held_by=held_by,
        cannot_see=cannot_see(measurement) if verdict is Verdict.CLEAN else "",
        looks=looks_until(measurement.iterations),
    )


def error(measurement: Measurement, reason: str) -> Judgement:
    """Return the judgement on a workload that could not be measured."""
    return Judgement(verdict=Verdict.ERROR, reason=reason, iterations=measurement.iterations)


def smallest_detectable(finding: Finding | None) -> float | None:
    """Return the least growth in bytes of what decides that the run could tell from zero."""
    if finding is None or finding.fit is None or finding.upper_bound is None:
        return None
    width = finding.fit.rate.half_width
    return max(width, finding.upper_bound) if finding.verdict is Verdict.CLEAN else width


def _warm_up(measurement: Measurement, finding: Finding | None) -> int:
    if finding is None:
        return 0
    series = measurement.series[finding.signal]
    return warm_up_iterations(series, finding.end, grain_of(finding.signal))


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
