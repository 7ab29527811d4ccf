"""The tables of a report."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from leakcheck.model.briefing import Told
from leakcheck.model.containers import Census, Container
from leakcheck.model.explanation import Cause, NativePath
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import Signal
from leakcheck.model.sites import Frame, SiteGrowth
from leakcheck.model.units import format_count
from leakcheck.model.verdict import Growth, Trend
from leakcheck_reports.charts import place_of
from leakcheck_reports.document import Cell, Table
from leakcheck_reports.words import NAMES, range_text, rate_text

_DASH = "\N{EN DASH}"
_MOST_LIMITS = 5
_MOST_FRAMES = 100


def verdicts_table(runs: Sequence[Told]) -> Table:
    """Return a row for each run; its workload leads to its part."""
    return Table.of(
        caption="What was checked, and what is said of it",
        header=("Verdict", "Workload", "Growth", "Interval", "Iterations", "Reason"),
        rows=[_verdict(told, f"run-{number}") for number, told in enumerate(runs, start=1)],
    )


def _verdict(told: Told, anchor: str) -> tuple[Cell, ...]:
    judgement, iterations = told.record.judgement, told.record.measurement.iterations
    growth = judgement.growth
    return (
        Cell(text=str(judgement.verdict), verdict=judgement.verdict),
        Cell(text=told.record.plan.target, anchor=anchor, is_code=True),
        *(_bytes(growth) if growth is not None else [Cell(text=_DASH)] * 2),
        Cell(text=f"{iterations:,}", key=iterations),
        Cell(text=judgement.reason),
    )


def causes_table(causes: Sequence[Cause], record: RunRecord) -> Table:
    """Return the lines that grow, the one to look at first on top."""
    return Table.of(
        caption="Lines at which something piles up, the one to look at first on top",
        header=("Line", "Bytes an iteration", "Interval", "Objects", "Share"),
        rows=[_cause(cause, record) for cause in causes],
    )


def _cause(cause: Cause, record: RunRecord) -> tuple[Cell, ...]:
    place = Cell(text=place_of(cause.line), is_code=True, more=tuple(_around(cause)))
    if not cause.sites:
        return (place, *[Cell(text=_DASH)] * 4)
    return (place, *_bytes(cause.growth), _objects(cause.objects.estimate), _share(cause, record))


def _bytes(growth: Growth) -> tuple[Cell, Cell]:
    return (
        Cell(text=rate_text(Signal.HEAP, growth.estimate), key=growth.estimate),
        Cell(text=range_text(Signal.HEAP, growth), key=growth.high - growth.low),
    )


def _objects(number: float) -> Cell:
    return Cell(text=format_count(number), key=number)


def _share(cause: Cause, record: RunRecord) -> Cell:
    total = sum(site.bytes_per_iteration for site in record.judgement.sites)
    if total <= 0:
        return Cell(text=_DASH)
    share = 100 * cause.growth.estimate / total
    return Cell(text=f"{share:.0f} %", key=share)


def _around(cause: Cause) -> Iterator[str]:
    if cause.lines > 1:
        yield f"and {cause.lines - 1} more of the same package"
    if cause.descriptors:
        opened = format_count(cause.descriptors_per_iteration)
        yield f"opens {opened} an iteration that stay open: {cause.descriptors}"
    yield from (f"allocated at {place_of(frame)}" for frame in cause.inner)
    yield from map(_native, cause.native)
    yield from (f"called from {place_of(frame)}" for frame in cause.callers)
    if cause.task:
        created = cause.origin.created_at if cause.origin else ()
        places = " or ".join(map(place_of, created)) or "a place that is not on the stack"
        yield f"in a task of {cause.task}(), created at {places}"


def _native(path: NativePath) -> str:
    names = [frame.function or "(no symbol)" for frame in path.frames]
    library = PurePath(path.frames[-1].library).name if path.frames else ""
    return f"inside {library or 'native code'}: {' -> '.join([*names, path.allocator])}"


def sites_table(sites: Sequence[SiteGrowth]) -> Table:
    """Return the call sites that grow, each with its stack, the largest first."""
    return Table.of(
        caption="Call sites that keep growing, in requested bytes; numbers are those of the curves",
        header=(
            "Number",
            "Call site",
            "Allocates at",
            "Bytes an iteration",
            "Objects an iteration",
        ),
        rows=[_site(number, site) for number, site in enumerate(sites, start=1)],
    )


def _site(number: int, site: SiteGrowth) -> tuple[Cell, ...]:
    frame = Frame(file=site.file, line=site.line, function=site.function)
    rate = site.bytes_per_iteration
    return (
        Cell(text=str(number), key=number),
        Cell(text=place_of(frame), is_code=True, more=_stack(site)),
        Cell(text=place_of(site.stack[0]) if site.stack else _DASH, is_code=bool(site.stack)),
        Cell(text=rate_text(Signal.HEAP, rate), key=rate),
        _objects(site.objects_per_iteration),
    )


def _stack(site: SiteGrowth) -> tuple[str, ...]:
    """Return a stack, the allocating frame first; one of a single frame is told already."""
    return tuple(map(place_of, site.stack[:_MOST_FRAMES])) if len(site.stack) > 1 else ()


def containers_table(census: Census) -> Table:
    """Return the containers that grew between the last two looks at them, the most first.

    The only look of a run compares with what there was after set-up.
    """
    began = f"iteration {census.began:,}" if census.began < census.ended else "the set-up"
    return Table.of(
        caption=f"Containers that grew from {began} to iteration {census.ended:,}, in entries",
        header=("Held by", "Before", "Now", "Limits in its code", "Shrinks"),
        rows=[_container(one) for one in census.containers],
    )


def _container(one: Container) -> tuple[Cell, ...]:
    limits = ", ".join(f"{limit:,}" for limit in one.limits[:_MOST_LIMITS])
    return (
        Cell(text=" -> ".join((*one.held_by, *one.inside))),
        Cell(text=f"{one.before:,}", key=one.before),
        Cell(text=f"{one.now:,}", key=one.now),
        Cell(text=limits or _DASH),
        Cell(text="yes" if one.shrinks else "no"),
    )


def trends_table(trends: Mapping[Signal, Trend]) -> Table:
    """Return what each signal says by itself."""
    return Table.of(
        caption="What each reading says by itself, an iteration over the newest half of the run",
        header=("Reading", "Says", "Growth", "Interval", "Why"),
        rows=[_trend(trends[signal]) for signal in Signal if signal in trends],
    )


def _trend(trend: Trend) -> tuple[Cell, ...]:
    signal, growth = trend.signal, trend.growth
    return (
        Cell(text=NAMES[signal]),
        Cell(text=str(trend.verdict), verdict=trend.verdict),
        Cell(text=rate_text(signal, growth.estimate), key=growth.estimate),
        Cell(text=range_text(signal, growth), key=growth.high - growth.low),
        Cell(text=trend.why),
    )
