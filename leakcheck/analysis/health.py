"""Whether CLEAN can be said in a place, and what stands in its way."""

from collections.abc import Iterator

from leakcheck.analysis.reasons import name_of
from leakcheck.model.health import ContainerLimit, Fact, Health, Place, Trial
from leakcheck.model.signals import PROVEN_SIGNALS, Signal
from leakcheck.model.units import format_bytes

PROVED = "proved"
BLIND = "blind"


def health_of(place: Place) -> Health:
    """Return the facts about `place` in the order to tell them, and what forbids CLEAN there.

    >>> from pathlib import Path
    >>> from leakcheck.model.measurement import Probes
    >>> place = Place(interpreter=Path("python"), python="3.11.7", memray="1.20.0",
    ...     memray_complaint=None, libc="glibc 2.36", preloaded=(), limit=None, total_bytes=8,
    ...     available_bytes=4, trial=Trial(probes=Probes(verified=PROVEN_SIGNALS)))
    >>> health_of(place).reason is None
    True
    """
    return Health(facts=tuple(_facts(place)), reason=_what_forbids_clean(place))


def _facts(place: Place) -> Iterator[Fact]:
    trial = place.trial
    yield Fact(name="interpreter", value=f"Python {place.python}, {place.interpreter}")
    yield Fact(
        name="memray",
        value=place.memray or "none",
        remark=place.memray_complaint or trial.not_recorded or "",
    )
    yield Fact(name="libc", value=place.libc or "not known", remark=_without_mallinfo(trial))
    yield _allocator(place)
    for signal in PROVEN_SIGNALS:
        yield _probe(signal, place)
    yield _children(trial)
    yield Fact(name="container", value=_limit(place.limit))
    total, free = format_bytes(place.total_bytes), format_bytes(place.available_bytes)
    yield Fact(name="machine", value=f"{total} of memory, {free} available")


def _allocator(place: Place) -> Fact:
    names = _in_its_place(place)
    if not names:
        return Fact(name="allocator", value="that of the C library")
    remark = "" if _sees_heap(place.trial) else "what it allocates, the C library does not count"
    how = "preloaded" if place.preloaded else "loaded"
    return Fact(name="allocator", value=f"{', '.join(names)} ({how})", remark=remark)


def _in_its_place(place: Place) -> tuple[str, ...]:
    """Return the files that may allocate in the C library's place, each library once."""
    known = {_library(name) for name in place.preloaded}
    others = (name for name in place.trial.allocators if _library(name) not in known)
    return (*place.preloaded, *others)


def _library(file_name: str) -> str:
    return file_name.partition(".so")[0]


def _probe(signal: Signal, place: Place) -> Fact:
    if signal in place.trial.probes.verified:
        return Fact(name=signal, value=PROVED)
    return Fact(name=signal, value=BLIND, remark=_why_blind(signal, place))


def _why_blind(signal: Signal, place: Place) -> str:
    if place.trial.failure is not None:
        return "not tried"
    if signal in place.trial.read:
        missed = f"{name_of(signal)} can be read, and does not show what was kept and freed"
        by = ", ".join(_in_its_place(place))
        return f"{missed}: run without {by}" if signal is Signal.HEAP and by else missed
    if signal is Signal.HEAP:
        return "the C library has no mallinfo2: glibc 2.33 and later has it"
    return f"{name_of(signal)} cannot be read on this platform"


def _children(trial: Trial) -> Fact:
    if trial.sees_children:
        return Fact(name=Signal.CHILDREN, value=PROVED)
    remark = "child processes of a workload are neither counted nor ended with it"
    return Fact(name=Signal.CHILDREN, value=BLIND, remark=remark)


def _limit(limit: ContainerLimit | None) -> str:
    if limit is None:
        return "no memory limit"
    return f"at most {format_bytes(limit.limit_bytes)} (cgroup v{limit.version})"


def _without_mallinfo(trial: Trial) -> str:
    known = trial.failure is not None or Signal.HEAP in trial.read or _sees_heap(trial)
    return "" if known else "no mallinfo2: heap in use cannot be read"


def _sees_heap(trial: Trial) -> bool:
    return Signal.HEAP in trial.probes.verified


def _what_forbids_clean(place: Place) -> str | None:
    """Return the gravest obstacle, in the words that a run would meet it with."""
    trial = place.trial
    if trial.failure is not None:
        return f"an empty workload could not be measured: {trial.failure}"
    if trial.probes.blind:
        reasons = (_why_blind(signal, place) for signal in trial.probes.blind)
        return "; ".join(reasons)
    if place.memray_complaint is not None:
        return f"{place.memray_complaint}; or run with --profiler none"
    if trial.not_recorded is not None:
        return f"memray does not record here ({trial.not_recorded}): run with --profiler none"
    return None
