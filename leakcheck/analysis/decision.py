"""The verdict on a measurement."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from leakcheck.analysis import reasons
from leakcheck.analysis.answer import answer, error
from leakcheck.analysis.attribution import growing_sites, growth_of_sites
from leakcheck.analysis.diagnosis import (
    diagnose,
    drains,
    is_accounted_for,
    is_still_filling,
    outgrows_heap,
)
from leakcheck.analysis.doubts import doubt_of_clean
from leakcheck.analysis.evidence import agrees, leaking_container, leaking_sites
from leakcheck.analysis.filling import (
    endless,
    growing,
    holders,
    is_endless,
    is_fresh,
    still_filling,
    within_reach,
)
from leakcheck.analysis.finding import Finding, find
from leakcheck.analysis.looks import next_look
from leakcheck.model.containers import Census, Container
from leakcheck.model.measurement import Ending, Measurement
from leakcheck.model.plan import MIN_CLEAN_ITERATIONS, Thresholds
from leakcheck.model.signals import BYTE_SIGNALS, COUNT_SIGNALS, Signal
from leakcheck.model.sites import SiteGrowth, SiteTable
from leakcheck.model.verdict import Diagnosis, Judgement, Verdict

__all__ = ["MIN_SURE_LEAK_ITERATIONS", "is_sure", "judge", "next_look", "seems_to_grow"]

MIN_SURE_LEAK_ITERATIONS: Final = 8_000
"""A leak is not sure earlier: a container of 4,096 entries fills in a straight line."""
_TOO_LONG_S: Final = 15.0
_SHARE_HELD: Final = 0.1
"""Of the objects that pile up, the part that growing containers hold, if they hold any."""
_TOO_MUCH_BYTES: Final = 256 << 20
"""Growth that a run is not continued for, just to be sure of it."""


def judge(measurement: Measurement, thresholds: Thresholds) -> Judgement:
    """Return the verdict on the data so far, with everything that it rests on.

    Never raises, whatever a measurement holds: too little of it is INCONCLUSIVE, nothing at
    all is an ERROR.

    >>> judge(Measurement(series={}, iterations=0, ending=Ending.ITERATIONS), Thresholds()).reason
    'measured nothing: not one iteration was completed'
    """
    if measurement.ending is Ending.FAILED:
        return error(measurement, measurement.failure or "the workload failed")
    if measurement.iterations < 1 or not any(map(len, measurement.series.values())):
        return error(measurement, "measured nothing: not one iteration was completed")
    findings = _findings(measurement, thresholds)
    heap = findings.get(Signal.HEAP)
    rate = heap.growth.low if heap and heap.growth else 0.0
    measurement = replace(measurement, census=within_reach(measurement.census, rate))
    leaking = _fastest_first(
        one for one in findings.values() if _leaks(one, findings, measurement.sites)
    )
    if leaking:
        least = thresholds.bytes_per_iteration
        found = _leak(measurement, findings, leaking, reasons.of_leak(leaking), least)
    else:
        found = (
            _judge_sites(measurement, findings, thresholds)
            or _judge_containers(measurement, findings, thresholds)
            or _no_leak(measurement, findings)
        )
    if found.verdict is Verdict.LEAK and not _is_long_enough(found, measurement):
        found = _too_early(found, measurement)
    filling = _what_fills(measurement)
    rests_on_bytes = found.growth is not None and not measurement.probes.blind
    if filling and found.verdict is not Verdict.CLEAN and rests_on_bytes:
        return _filling(measurement, findings, filling)
    return found


def is_sure(
    judgement: Judgement,
    *,
    pace_s: float = 0.0,
    census: Census | None = None,
) -> bool:
    """Return whether an adaptive run may stop at this judgement.

    CLEAN is sure as soon as it is said. A LEAK is sure after 2,000 iterations where a `census`
    shows that nothing will stop the containers that grow, or where a count grows as well;
    else once the usual bounded containers would be full: after 8,000 iterations; or after
    2,000 where the rest would take more than 15 s at `pace_s` seconds an iteration; or once
    the rest would cost more than 256 MiB.

    >>> is_sure(Judgement(verdict=Verdict.CLEAN, reason="", iterations=2000))
    True
    >>> from leakcheck.model.verdict import Growth
    >>> found = Growth(estimate=64, low=63, high=65)
    >>> slow = Judgement(verdict=Verdict.LEAK, reason="", iterations=2000, growth=found)
    >>> is_sure(slow), is_sure(slow, pace_s=0.01)
    (False, True)
    """
    if judgement.verdict is Verdict.LEAK:
        rest = MIN_SURE_LEAK_ITERATIONS - judgement.iterations
        rate = judgement.growth.low if judgement.growth else 0.0
        if rest <= 0 or rate * rest > _TOO_MUCH_BYTES:
            return True
        if judgement.iterations < MIN_CLEAN_ITERATIONS:
            return False
        census = within_reach(census, rate)
        return (
            any(_is_leaking(judgement, signal) for signal in COUNT_SIGNALS)
            or rest * pace_s > _TOO_LONG_S
            or is_endless(census, judgement.iterations)
            or _is_linked(judgement, census)
        )
    return judgement.verdict in {Verdict.CLEAN, Verdict.ERROR}


def _is_long_enough(judgement: Judgement, measurement: Measurement) -> bool:
    """Return whether a LEAK may be said of a run that had no more iterations to go on with."""
    if measurement.ending is not Ending.ITERATIONS or judgement.growth is None:
        return True
    if endless(measurement.census, measurement.iterations):
        return judgement.iterations >= MIN_CLEAN_ITERATIONS
    pace_s = measurement.elapsed_s / max(measurement.iterations, 1)
    return is_sure(judgement, pace_s=pace_s, census=measurement.census)


def _too_early(judgement: Judgement, measurement: Measurement) -> Judgement:
    reason = reasons.of_too_early(judgement.reason, measurement, MIN_SURE_LEAK_ITERATIONS)
    return replace(judgement, verdict=Verdict.INCONCLUSIVE, reason=reason, diagnosis=(), sites=())


def _is_linked(judgement: Judgement, census: Census | None) -> bool:
    """Return whether objects pile up that no growing container accounts for.

    What is bounded has to know its size: a chain of objects, or garbage while collection is
    off, has nothing that could stop it.
    """
    objects = judgement.trends.get(Signal.GC_OBJECTS)
    if objects is None or not _is_leaking(judgement, Signal.GC_OBJECTS):
        return False
    if census is None or not is_fresh(census, judgement.iterations):
        return False
    between = max(census.ended - census.began, 1)
    held = sum(one.grown for one in growing(census, judgement.iterations)) / between
    return held < _SHARE_HELD * objects.growth.low


def _is_leaking(judgement: Judgement, signal: Signal) -> bool:
    trend = judgement.trends.get(signal)
    return trend is not None and trend.verdict is Verdict.LEAK


def seems_to_grow(judgement: Judgement, thresholds: Thresholds) -> bool:
    """Return whether bytes may well grow at this judgement, for whatever reason, or counts do.

    >>> seems_to_grow(Judgement(verdict=Verdict.CLEAN, reason="", iterations=2000), Thresholds())
    False
    """
    heap = judgement.trends.get(Signal.HEAP)
    may_grow = heap is not None and heap.growth.high > thresholds.bytes_per_iteration
    return judgement.verdict is Verdict.LEAK or (
        (may_grow or _counts_grow(judgement, thresholds)) and judgement.verdict is not Verdict.CLEAN
    )


def _counts_grow(judgement: Judgement, thresholds: Thresholds) -> bool:
    """Return whether a count grows, however slowly: what holds it may be a small list."""
    trends = (judgement.trends.get(signal) for signal in COUNT_SIGNALS)
    least = thresholds.counts_per_iteration
    return any(trend is not None and trend.growth.estimate > least for trend in trends)


def _findings(measurement: Measurement, thresholds: Thresholds) -> dict[Signal, Finding]:
    return {
        signal: find(
            series,
            _threshold(signal, thresholds),
            measurement.ending,
            stands_alone=measurement.from_outside is not None,
        )
        for signal, series in measurement.series.items()
        if len(series)
    }


def _threshold(signal: Signal, thresholds: Thresholds) -> float:
    if signal in BYTE_SIGNALS:
        return thresholds.bytes_per_iteration
    return thresholds.counts_per_iteration


def _leaks(finding: Finding, findings: Mapping[Signal, Finding], table: SiteTable | None) -> bool:
    """Return whether a signal proves a leak: gc objects never do, RSS far beyond the heap only."""
    if finding.verdict is not Verdict.LEAK or finding.signal is Signal.GC_OBJECTS:
        return False
    heap = findings.get(Signal.HEAP)
    if finding.signal is not Signal.RSS or heap is None or heap.growth is None:
        return True
    if heap.verdict is Verdict.LEAK:
        return outgrows_heap(findings) and is_accounted_for(
            findings, _blamed(table, finding.threshold)
        )
    explained = max(heap.growth.high, 0.0)
    return finding.growth is not None and finding.growth.low - explained > finding.threshold


def _leak(
    measurement: Measurement,
    findings: Mapping[Signal, Finding],
    leaking: tuple[Finding, ...],
    reason: str,
    least: float,
) -> Judgement:
    sites = _blamed(measurement.sites, least)
    shown = [one.signal for one in leaking]
    if measurement.idle is not None and drains(measurement, findings):
        reason = f"{reason}; {reasons.of_backlog(measurement.idle, shown)}"
    return answer(
        measurement,
        findings,
        Verdict.LEAK,
        reason,
        diagnosis=diagnose(
            measurement, findings, sites, lies_elsewhere={*BYTE_SIGNALS} <= {*shown}
        ),
        sites=sites,
        growth=next((one.growth for one in leaking if one.signal in BYTE_SIGNALS), None),
        held_by=tuple(map(reasons.chain, holders(measurement.census, _counted(leaking)))),
    )


def _fastest_first(leaking: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what leaks in bytes by its rate, and then the counts."""

    def bytes_of(one: Finding) -> float:
        return one.growth.estimate if one.growth and one.signal in BYTE_SIGNALS else -math.inf

    return tuple(sorted(leaking, key=bytes_of, reverse=True))


def _counted(leaking: tuple[Finding, ...]) -> float:
    """Return how many an iteration leak of what leaks slowest, 0 where bytes leak too."""
    if any(one.signal in BYTE_SIGNALS for one in leaking):
        return 0.0
    return max(min((one.growth.low for one in leaking if one.growth), default=0.0), 0.0)


def _blamed(table: SiteTable | None, least: float) -> tuple[SiteGrowth, ...]:
    """Return the call sites that grow steadily, or those that are proved to grow at all."""
    if table is None:
        return ()
    if steady := growing_sites(table):
        return steady
    proof = leaking_sites(table, least)
    return growth_of_sites(table, proof.sites) if proof else ()


def _what_fills(measurement: Measurement) -> Container | None:
    """Return the container that explains growth by filling up; none can at the memory limit."""
    if measurement.ending is Ending.MEMORY_LIMIT:
        return None
    return still_filling(growing(measurement.census, measurement.iterations))


def _filling(
    measurement: Measurement, findings: Mapping[Signal, Finding], container: Container
) -> Judgement:
    """Return the judgement on growth that a limit lies ahead of."""
    heap = findings.get(Signal.HEAP)
    return answer(
        measurement,
        findings,
        Verdict.INCONCLUSIVE,
        reasons.of_filling(container, measurement.ending),
        diagnosis=(Diagnosis.STILL_FILLING,),
        growth=heap.growth if heap else None,
        held_by=(reasons.holder(container),),
    )


def _judge_sites(
    measurement: Measurement, findings: Mapping[Signal, Finding], thresholds: Thresholds
) -> Judgement | None:
    """Return what growing call sites decide: LEAK if the heap agrees, never CLEAN."""
    heap, table = findings.get(Signal.HEAP), measurement.sites
    if heap is None or table is None:
        return None
    found = leaking_sites(table, thresholds.bytes_per_iteration)
    if found is None:
        return None
    reason = reasons.of_sites(found.sites, found.rate, heap)
    if heap.verdict is Verdict.CLEAN or not agrees(heap, found.rate):
        doubt = f"{reason}, yet heap in use does not: {reasons.longer(measurement.ending)}"
        return answer(measurement, findings, Verdict.INCONCLUSIVE, doubt, growth=heap.growth)
    proof = replace(heap, verdict=Verdict.LEAK, growth=found.rate)
    least = thresholds.bytes_per_iteration
    return _leak(measurement, {**findings, Signal.HEAP: proof}, (proof,), reason, least)


def _judge_containers(
    measurement: Measurement, findings: Mapping[Signal, Finding], thresholds: Thresholds
) -> Judgement | None:
    """Return LEAK where a container grows for ever, and heap in use does not say otherwise."""
    heap = findings.get(Signal.HEAP)
    if heap is None or heap.growth is None or heap.verdict is Verdict.CLEAN:
        return None
    found = leaking_container(
        measurement.census, measurement.iterations, thresholds.bytes_per_iteration
    )
    if found is None or heap.growth.estimate < found[1]:
        return None
    container, least = found
    rate = replace(heap.growth, floor=least)
    proof = replace(heap, verdict=Verdict.LEAK, growth=rate)
    reason = reasons.of_container(container, proof, rate)
    limit = thresholds.bytes_per_iteration
    return _leak(measurement, {**findings, Signal.HEAP: proof}, (proof,), reason, limit)


def _no_leak(measurement: Measurement, findings: Mapping[Signal, Finding]) -> Judgement:
    doubt = doubt_of_clean(measurement, findings)
    heap, rss = findings.get(Signal.HEAP), findings.get(Signal.RSS)
    decisive = rss if measurement.from_outside is not None else heap
    growth = decisive.growth if decisive else None
    if doubt is None and decisive is not None:
        reason = reasons.of_clean_from_outside(decisive)
        if measurement.from_outside is None:
            reason = reasons.of_clean(decisive, rss)
        return answer(measurement, findings, Verdict.CLEAN, reason, growth=growth)
    filling = (Diagnosis.STILL_FILLING,) if is_still_filling(findings) else ()
    return answer(
        measurement,
        findings,
        Verdict.INCONCLUSIVE,
        doubt or "nothing was decided",
        diagnosis=filling,
        growth=growth,
    )
