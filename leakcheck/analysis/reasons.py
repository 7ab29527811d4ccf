"""The sentence that goes with a verdict: what was found, and what would settle it."""

from collections.abc import Iterable, Sequence
from typing import Final

from leakcheck.analysis.attribution import NO_FRAME
from leakcheck.analysis.finding import MIN_CLEAN_AT_TIME_LIMIT, Finding
from leakcheck.analysis.trend import Rate
from leakcheck.model.containers import Container, Pile
from leakcheck.model.measurement import Ending, Idle, Measurement
from leakcheck.model.plan import MIN_CLEAN_ITERATIONS
from leakcheck.model.signals import BYTE_SIGNALS, Signal
from leakcheck.model.sites import SiteSeries
from leakcheck.model.units import format_count, format_rate
from leakcheck.model.verdict import Verdict

_NAMES: Final = {
    Signal.RSS: "resident memory",
    Signal.HEAP: "heap in use",
    Signal.GC_OBJECTS: "the number of gc objects",
    Signal.DESCRIPTORS: "the number of descriptors",
    Signal.THREADS: "the number of threads",
    Signal.TASKS: "the number of tasks",
    Signal.CHILDREN: "the number of child processes",
}
_FINEST_BYTES: Final = 0.1
_LONGER: Final = {
    Ending.TIME_LIMIT: "raise --time-limit",
    Ending.MEMORY_LIMIT: "raise --memory-limit",
    Ending.CAPTURE_LIMIT: "the capture was full, run with --profiler none",
    Ending.INTERRUPTED: "let it run to its end",
}


def name_of(signal: Signal) -> str:
    """Return a signal as a sentence calls it.

    >>> name_of(Signal.HEAP)
    'heap in use'
    """
    return _NAMES[signal]


def amount(signal: Signal, value: float) -> str:
    """Return a rate in the unit of its signal.

    >>> amount(Signal.HEAP, 108.2), amount(Signal.TASKS, 0.01)
    ('108 B', '0.01')
    """
    return format_rate(value) if signal in BYTE_SIGNALS else format_count(value)


def growth_of(finding: Finding, rate: Rate) -> str:
    """Return how a signal grows, with its interval and the threshold.

    >>> rate = Rate(estimate=64.0, half_width=0.5)
    >>> one = Finding(signal=Signal.HEAP, end=4000, threshold=4.0, verdict=Verdict.LEAK,
    ...     fit=None, growth=rate, upper_bound=None)
    >>> growth_of(one, rate)
    'heap in use grows by 64.0 B an iteration (63.5 B .. 64.5 B at 99 %), threshold 4.0 B'
    """
    signal = finding.signal
    low, high = amount(signal, rate.low), amount(signal, rate.high)
    return (
        f"{name_of(signal)} grows by {amount(signal, rate.estimate)} an iteration "
        f"({low} .. {high} at 99 %), threshold {amount(signal, finding.threshold)}"
    )


def why(finding: Finding) -> str:
    """Return what one signal says, in a clause."""
    if finding.growth is None or finding.fit is None:
        return f"too few samples of {name_of(finding.signal)} after {finding.end} iterations"
    if finding.verdict is Verdict.LEAK:
        return growth_of(finding, finding.growth)
    if finding.verdict is Verdict.CLEAN:
        return _bounded(finding)
    return _unsettled(finding, finding.growth)


def of_leak(leaking: Iterable[Finding]) -> str:
    """Return the reason of a LEAK: every signal that proves it."""
    return "; ".join(why(finding) for finding in leaking)


def of_sites(sites: Sequence[SiteSeries], rate: Rate, heap: Finding) -> str:
    """Return how call sites grow where the total is too noisy to tell; the first by its name."""
    frame = sites[0].stack[0] if sites[0].stack else NO_FRAME
    place = f"{frame.file}:{frame.line} {frame.function}" if frame.file else frame.function
    rest = len(sites) - 1
    others = f" and {rest} other call {'site' if rest == 1 else 'sites'}" if rest else ""
    return (
        f"what {place}{others} allocated grows by {format_rate(rate.estimate)} an iteration "
        f"({format_rate(rate.low)} .. {format_rate(rate.high)} at 99 %), "
        f"threshold {format_rate(heap.threshold)}"
    )


def holder(container: Container) -> str:
    """Return how a container is held, from its root inwards.

    >>> holder(Container(kind="list", held_by=("jobs.SEEN (module global)", "list of 9"),
    ...     before=4, now=9))
    'jobs.SEEN (module global) -> list of 9'
    """
    return " -> ".join(container.held_by)


def chain(grown: Container | Pile) -> str:
    """Return how what grows is held, from its root inwards, and what it is made of.

    >>> chain(Container(kind="list", held_by=("jobs.SEEN (module global)", "list of 9"),
    ...     before=4, now=9, inside=("jobs.Tick",)))
    'jobs.SEEN (module global) -> list of 9 -> jobs.Tick'
    """
    inside = grown.inside if isinstance(grown, Container) else ()
    return " -> ".join((*grown.held_by, *inside))


def of_container(container: Container, heap: Finding, rate: Rate) -> str:
    """Return how one container grows where the total is too uneven to tell."""
    return (
        f"{holder(container)} grows evenly and nothing takes entries out of it; "
        f"{growth_of(heap, rate)}"
    )


def of_too_early(reason: str, measurement: Measurement, enough: int) -> str:
    """Return why growth is not yet called a leak when the iterations are used up."""
    return (
        f"{reason}, but after {measurement.iterations:,} iterations it may still be something that "
        f"fills: {longer(measurement.ending)} to {enough:,} or more"
    )


def of_filling(container: Container, ending: Ending) -> str:
    """Return why growth that a limit lies ahead of is no leak yet."""
    full = min(container.limits)
    if container.now >= full:
        return f"{holder(container)} was filling until now, and is full: {longer(ending)}"
    return (
        f"{holder(container)} still fills: {container.now:,} of the {full:,} entries that its "
        f"code allows: {longer(ending)} to go on past that"
    )


def of_backlog(idle: Idle, signals: Iterable[Signal]) -> str:
    """Return how fast what piled up was worked off while nothing was added.

    >>> of_backlog(Idle(seconds=1.5, drained={Signal.HEAP: 3072}), [Signal.HEAP])
    'a backlog: left idle, the process gave back 2,048 B of heap in use a second'
    """
    given = [
        f"{amount(signal, idle.drained[signal] / idle.seconds)} of {name_of(signal)}"
        for signal in signals
        if idle.drained.get(signal, 0) > 0
    ]
    return f"a backlog: left idle, the process gave back {' and '.join(given)} a second"


def of_clean(heap: Finding, rss: Finding | None = None) -> str:
    """Return the reason of CLEAN: the bound on heap in use, and that on all other memory.

    >>> one = Finding(signal=Signal.HEAP, end=4000, threshold=4.0, verdict=Verdict.CLEAN,
    ...     fit=None, growth=None, upper_bound=1.7)
    >>> of_clean(one)
    'growth below 1.7 B an iteration, at 99 %'
    """
    said = f"growth below {_bound(heap)} an iteration, at 99 %"
    if rss is None or rss.upper_bound is None:
        return said
    return f"{said} (outside malloc: below {_bound(rss)}, and none that persists)"


def of_clean_from_outside(rss: Finding) -> str:
    """Return the reason of CLEAN for a program: the bound on its resident memory.

    >>> one = Finding(signal=Signal.RSS, end=4000, threshold=512.0, verdict=Verdict.CLEAN,
    ...     fit=None, growth=None, upper_bound=21.7)
    >>> of_clean_from_outside(one)
    'resident memory of all its processes grows by less than 21.7 B an iteration, at 99 %'
    """
    return (
        f"resident memory of all its processes grows by less than {_bound(rss)} an iteration, "
        "at 99 %"
    )


def of_too_short(measurement: Measurement) -> str:
    """Return why so few iterations do not do."""
    at_time_limit = measurement.ending is Ending.TIME_LIMIT
    needed = MIN_CLEAN_AT_TIME_LIMIT if at_time_limit else MIN_CLEAN_ITERATIONS
    times = "iteration" if measurement.iterations == 1 else "iterations"
    return (
        f"{measurement.iterations:,} {times}, CLEAN needs {needed:,}: {longer(measurement.ending)}"
    )


def of_open_question(finding: Finding, ending: Ending) -> str:
    """Return why a signal forbids CLEAN and does not prove a LEAK."""
    return f"{why(finding)}: {longer(ending)}"


def longer(ending: Ending) -> str:
    """Return what to do for a longer run.

    >>> longer(Ending.TIME_LIMIT)
    'raise --time-limit'
    """
    return _LONGER.get(ending, "raise --iterations")


def _bounded(finding: Finding) -> str:
    if finding.signal is Signal.RSS:
        return f"resident memory shows no growth that persists, and none above {_bound(finding)}"
    if finding.flat_since is not None and finding.flat_since <= finding.end / 2:
        return f"{name_of(finding.signal)} has not risen since iteration {finding.flat_since:,.0f}"
    bound = amount(finding.signal, finding.upper_bound or 0.0)
    return f"{name_of(finding.signal)} grows by less than {bound} an iteration"


def _bound(finding: Finding) -> str:
    return format_rate(max(finding.upper_bound or 0.0, _FINEST_BYTES))


def _unsettled(finding: Finding, rate: Rate) -> str:
    signal, fit = finding.signal, finding.fit
    if fit is not None and fit.is_slowing and rate.low > 0:
        return (
            f"{name_of(signal)} still fills: {amount(signal, rate.estimate)} an iteration "
            f"over the newest half of {finding.end:,} iterations, and slowing"
        )
    if rate.low > finding.threshold:
        return f"{growth_of(finding, rate)}, but not yet for long enough to call it a leak"
    bound = amount(signal, finding.upper_bound or 0.0)
    return (
        f"{name_of(signal)} may grow by up to {bound} an iteration after {finding.end:,}, "
        f"which cannot be told from the threshold of {amount(signal, finding.threshold)}"
    )
