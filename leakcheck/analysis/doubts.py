"""What forbids CLEAN."""

from collections.abc import Mapping

from leakcheck.analysis import reasons
from leakcheck.analysis.finding import MIN_CLEAN_AT_TIME_LIMIT, Finding
from leakcheck.model.measurement import Ending, Measurement
from leakcheck.model.plan import MIN_CLEAN_ITERATIONS
from leakcheck.model.signals import COUNT_SIGNALS, SEEN_FROM_OUTSIDE, Signal
from leakcheck.model.verdict import Verdict


def doubt_of_clean(measurement: Measurement, findings: Mapping[Signal, Finding]) -> str | None:
    """Return what forbids CLEAN, in one sentence and the gravest first; None if nothing does."""
    return _cannot_see(measurement, findings) or _not_settled(measurement, findings)


def _cannot_see(measurement: Measurement, findings: Mapping[Signal, Finding]) -> str | None:
    if measurement.from_outside is not None:
        missing = [reasons.name_of(one) for one in SEEN_FROM_OUTSIDE if one not in findings]
        return f"{missing[0]} could not be read, and CLEAN needs it" if missing else None
    if measurement.probes.blind:
        names = ", ".join(reasons.name_of(signal) for signal in measurement.probes.blind)
        return f"cannot read {names} in this process, and CLEAN needs all of it"
    if measurement.capture_stopped is not None:
        return (
            f"memray stopped recording before the end ({measurement.capture_stopped}): "
            "allow a larger capture or run with --profiler none"
        )
    missing = [reasons.name_of(one) for one in (Signal.HEAP, Signal.RSS) if one not in findings]
    return f"{missing[0]} was not measured, and CLEAN needs it" if missing else None


def _not_settled(measurement: Measurement, findings: Mapping[Signal, Finding]) -> str | None:
    too_short = _is_too_short(measurement)
    for signal in (Signal.HEAP, *COUNT_SIGNALS, Signal.RSS):
        finding = findings.get(signal)
        if finding is None or finding.verdict is Verdict.CLEAN:
            continue
        if too_short and (finding.fit is None or not finding.fit.is_slowing):
            return reasons.of_too_short(measurement)
        return reasons.of_open_question(finding, measurement.ending)
    if too_short:
        return reasons.of_too_short(measurement)
    if measurement.ending is Ending.MEMORY_LIMIT:
        return "the memory limit ended the run, yet no growth persists: raise --memory-limit"
    return None


def _is_too_short(measurement: Measurement) -> bool:
    if measurement.ending is Ending.TIME_LIMIT:
        return measurement.iterations < MIN_CLEAN_AT_TIME_LIMIT
    return measurement.iterations < MIN_CLEAN_ITERATIONS
