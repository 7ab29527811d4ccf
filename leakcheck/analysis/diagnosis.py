"""What kind of growth it is."""

from collections.abc import Iterable, Mapping
from typing import Final

from leakcheck.analysis.filling import is_fresh
from leakcheck.analysis.finding import Finding
from leakcheck.model.measurement import Measurement
from leakcheck.model.signals import Signal
from leakcheck.model.sites import SiteGrowth
from leakcheck.model.verdict import Diagnosis, Verdict

_MOST: Final = 0.5
_NONE_TO_SPEAK_OF: Final = 0.1
_ENOUGH_TO_SHOW: Final = 32
_OUTGROWN: Final = 2.0
"""Resident memory that grows by so many times what the heap does is for the most part elsewhere."""
_FEW: Final = 0.1
"""Of the objects that call sites add, the part that the collector may know of."""
_OF_COUNTS: Final = {
    Signal.DESCRIPTORS: Diagnosis.DESCRIPTORS,
    Signal.THREADS: Diagnosis.THREADS,
    Signal.TASKS: Diagnosis.TASKS,
}


def diagnose(
    measurement: Measurement,
    findings: Mapping[Signal, Finding],
    sites: tuple[SiteGrowth, ...],
    *,
    lies_elsewhere: bool,
) -> tuple[Diagnosis, ...]:
    """Return what a LEAK is made of; where several things grow, bytes come first.

    Most of it `lies_elsewhere` where it rests on resident memory although heap in use leaks too.
    """
    leaking = {signal for signal, one in findings.items() if one.verdict is Verdict.LEAK}
    backlog = (Diagnosis.BACKLOG,) if drains(measurement, findings) else ()
    elsewhere = (Diagnosis.OUTSIDE_MALLOC,) if lies_elsewhere else ()
    return (*backlog, *elsewhere, *_kinds(measurement, findings, sites, leaking))


def drains(measurement: Measurement, findings: Mapping[Signal, Finding]) -> bool:
    """Return whether an idle process gave back what leaks: an iteration's worth or more.

    After a collection nothing falls by itself: what does was waiting for its turn.
    """
    if measurement.idle is None:
        return False
    drained = measurement.idle.drained
    return any(
        one.verdict is Verdict.LEAK
        and one.growth is not None
        and drained.get(signal, 0) >= max(one.growth.estimate, 1)
        for signal, one in findings.items()
        if signal is not Signal.RSS
    )


def outgrows_heap(findings: Mapping[Signal, Finding]) -> bool:
    """Return whether heap in use leaks and resident memory far more: most of it lies elsewhere.

    The stacks of threads that leak are mapped too, and told of as threads.
    """
    heap, rss = findings.get(Signal.HEAP), findings.get(Signal.RSS)
    if heap is None or rss is None or heap.growth is None or rss.growth is None:
        return False
    if _says_leak(findings, Signal.THREADS) or not heap.verdict is rss.verdict is Verdict.LEAK:
        return False
    return rss.growth.low > _OUTGROWN * max(heap.growth.high, 0.0)


def is_accounted_for(findings: Mapping[Signal, Finding], sites: Iterable[SiteGrowth]) -> bool:
    """Return whether what resident memory gains beyond the heap is known to be held.

    Call sites have asked for most of it, or it is that of processes that are left behind. Pages
    that nobody asked for lie between what lives.
    """
    growth = findings[Signal.RSS].growth
    asked_for = sum(site.bytes_per_iteration for site in sites)
    is_asked_for = growth is not None and asked_for > _MOST * growth.estimate
    return is_asked_for or _says_leak(findings, Signal.CHILDREN)


def _says_leak(findings: Mapping[Signal, Finding], signal: Signal) -> bool:
    finding = findings.get(signal)
    return finding is not None and finding.verdict is Verdict.LEAK


def _kinds(
    measurement: Measurement,
    findings: Mapping[Signal, Finding],
    sites: tuple[SiteGrowth, ...],
    leaking: set[Signal],
) -> tuple[Diagnosis, ...]:
    counts = tuple(name for signal, name in _OF_COUNTS.items() if signal in leaking)
    if Signal.HEAP in leaking:
        return (*_of_heap(measurement, findings, sites), *counts)
    if Signal.RSS in leaking and measurement.from_outside is None:
        return (*_of_rss(measurement, findings), *counts)
    return counts


def is_still_filling(findings: Mapping[Signal, Finding]) -> bool:
    """Return whether heap in use, or RSS where that is not known, still grows but slows down."""
    one = findings.get(Signal.HEAP) or findings.get(Signal.RSS)
    return one is not None and one.fit is not None and one.fit.is_slowing and one.fit.rate.low > 0


def _of_heap(
    measurement: Measurement, findings: Mapping[Signal, Finding], sites: tuple[SiteGrowth, ...]
) -> tuple[Diagnosis, ...]:
    growth = findings[Signal.HEAP].growth
    rate = growth.estimate if growth else 0.0
    if not measurement.gc_enabled and _are_cycles(measurement, rate):
        return (Diagnosis.UNCOLLECTED_CYCLES,)
    if _held_by_nothing(measurement, findings, sites):
        return (Diagnosis.NATIVE_HEAP,)
    explained = sum(site.bytes_per_iteration for site in sites if site.stack)
    if explained > _NONE_TO_SPEAK_OF * rate or _objects_grow(findings):
        return (Diagnosis.PYTHON_OBJECTS,)
    if measurement.sites is None:
        return ()
    return (Diagnosis.NATIVE_HEAP,)


def _held_by_nothing(
    measurement: Measurement, findings: Mapping[Signal, Finding], sites: tuple[SiteGrowth, ...]
) -> bool:
    """Return whether memory piles up that neither a container nor the collector knows of.

    Then native code has lost it, or a reference to it. There must have been enough of it for a
    container to show.
    """
    census, tracked = measurement.census, findings.get(Signal.GC_OBJECTS)
    if census is None or not is_fresh(census, measurement.iterations) or census.containers:
        return False
    rate = sum(site.objects_per_iteration for site in sites)
    if tracked is None or tracked.growth is None or tracked.growth.high > _FEW * rate:
        return False
    return rate * (census.ended - census.began) >= _ENOUGH_TO_SHOW


def _are_cycles(measurement: Measurement, rate: float) -> bool:
    grown = rate * measurement.iterations
    return grown > 0 and measurement.collectable_bytes >= _MOST * grown


def _objects_grow(findings: Mapping[Signal, Finding]) -> bool:
    objects = findings.get(Signal.GC_OBJECTS)
    return objects is not None and objects.verdict is Verdict.LEAK


def _of_rss(measurement: Measurement, findings: Mapping[Signal, Finding]) -> tuple[Diagnosis, ...]:
    """Return why RSS grows where the heap does not.

    Pages that no allocation asked for are fragmentation: the heap grows by a part of it, or
    memray saw every allocation and none that lives.
    """
    heap, rss = findings.get(Signal.HEAP), findings[Signal.RSS]
    if heap is None or heap.growth is None or rss.growth is None:
        return (Diagnosis.OUTSIDE_MALLOC,)
    if heap.growth.low > _NONE_TO_SPEAK_OF * rss.growth.estimate:
        return (Diagnosis.FRAGMENTATION,)
    if measurement.sites is None or _mapped_grow(measurement):
        return (Diagnosis.OUTSIDE_MALLOC,)
    return (Diagnosis.OUTSIDE_MALLOC, Diagnosis.FRAGMENTATION)


def _mapped_grow(measurement: Measurement) -> bool:
    sites = measurement.sites.sites if measurement.sites else ()
    return any(
        "mmap" in site.allocator.lower() and site.live_bytes[-1] > site.live_bytes[0]
        for site in sites
        if site.live_bytes
    )
