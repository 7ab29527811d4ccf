"""The tables of the page and the documents, out of the results. Pure."""

from collections.abc import Iterator, Sequence
from statistics import fmean, median
from typing import Final

from bench.audit.claims import change_effects, findings, size_at
from bench.audit.effects import Quantity, cost_effect, growth_effect
from bench.audit.plan import (
    ACTS_ON,
    CURRENT,
    FIRST,
    OPTIMIZED,
    RELEASES,
    Variant,
    Workload,
    switched,
)
from bench.audit.results import Growth, Results
from bench.audit.rules import AFTER_MB, BEFORE_MB
from bench.audit.shown import (
    count,
    effect_bytes,
    effect_counts,
    effect_ms,
    megabytes,
    milliseconds,
    row,
    table,
)
from bench.audit.thirty_days import thirty_days_mb
from leakcheck.model.units import format_rate
from system.memory.policy import Step

__all__ = [
    "changes_in_short",
    "claims_in_short",
    "collections",
    "costs",
    "days",
    "descriptors",
    "first_day",
    "growth",
    "own_tests",
    "releases",
    "since",
    "words_in_rows",
]

_HOURS: Final = (0, 3, 6, 12, 24)
_DAYS: Final = (1, 2, 5, 10, 20, 30)
_SWITCHED: Final = ("on alone", "off alone")
_ITERATED: Final = tuple(workload for workload in Workload if workload is not Workload.DAY)


def words_in_rows(results: Results) -> Iterator[str]:
    """Yield a row for each claim, with its word."""
    for one in findings(results):
        yield row(f"`{one.id}`", one.claim, one.claimed, one.measured, f"**{one.word}**")


def claims_in_short(results: Results) -> Iterator[str]:
    """Yield a row for each claim, with the id of a change and no other."""
    for one in findings(results):
        claim = f"`{one.id}`: {one.claim}" if one.id in list(Step) else one.claim
        yield row(claim, one.claimed, one.measured, f"**{one.word}**")


def changes_in_short(results: Results) -> Iterator[str]:
    """Yield a row for each change: what it does to growth and to CPU, on alone."""
    words = {one.id: one.word for one in findings(results)}
    for step in Step:
        workload, pair = ACTS_ON[step][0], switched(step)[0]
        less = effect_bytes(growth_effect(results, workload, *pair))
        cpu = effect_ms(cost_effect(results, workload, *pair, Quantity.CPU_S))
        yield row(f"`{step}`", less, cpu, f"**{words[str(step)]}**")


def growth(results: Results) -> list[str]:
    """Return what each change does to growth, on each workload that it can act on."""
    rows = []
    for step in Step:
        effects = change_effects(results, step)
        for workload in ACTS_ON[step]:
            cells = (effect_bytes(effects.get((workload, base))) for base in (FIRST, OPTIMIZED))
            rows.append(row(f"`{step}`", workload, *cells))
    return table("change", "workload", *_SWITCHED, rows=rows)


def descriptors(results: Results) -> list[str]:
    """Return how descriptors grow with the change that closes connections, and without it."""
    sides = [variant for pair in switched(Step.REDIS_CONTEXT_MANAGER) for variant in pair]
    rows = [row(one, _descriptors(results.growths(Workload.TICK, one))) for one in sides]
    return table("variant", "descriptors a market tick", rows=rows)


def costs(results: Results) -> list[str]:
    """Return what each change does to CPU, to the peak and to the most descriptors."""
    rows = []
    for step in Step:
        for workload in ACTS_ON[step]:
            for name, pair in zip(_SWITCHED, switched(step), strict=True):
                cells = _costs(results, workload, *pair)
                rows.append(row(f"`{step}`", workload, name, *cells))
    return table("change", "workload", "switched", "CPU", "peak", "descriptors", rows=rows)


def releases(results: Results) -> list[str]:
    """Return each release on each workload."""
    rows = [
        _release(results, workload, variant)
        for workload in _ITERATED
        for variant in RELEASES
        if results.growths(workload, variant) and results.bare(workload, variant)
    ]
    heads = ("workload", "release", "leakcheck says", "growth", "CPU", "peak", "most descriptors")
    return table(*heads, rows=rows)


def first_day(results: Results) -> list[str]:
    """Return the sizes over the first day, of each release and as the notes have them."""
    rows = []
    for variant in RELEASES:
        day = results.day(variant)
        sizes = [size_at(day, hour) if day else None for hour in _HOURS]
        rows.append(row(variant, *("-" if one is None else megabytes(one) for one in sizes)))
    for name, claimed in (("claimed, before", BEFORE_MB), ("claimed, after", AFTER_MB)):
        cells = (f"{claimed[hour]} MB" if hour in claimed else "killed" for hour in _HOURS)
        rows.append(row(name, *cells))
    return table("", *(f"{hour} h" for hour in _HOURS), rows=rows)


def days(results: Results) -> list[str]:
    """Return the sizes over thirty days."""
    rows = [row(variant, *thirty_days_mb(results.day(variant), _DAYS)) for variant in RELEASES]
    return table("", *(f"day {number}" for number in _DAYS), rows=rows)


def collections(results: Results) -> list[str]:
    """Return what one collection costs, by the number of objects."""
    rows = []
    for one in results.collections:
        times = (milliseconds(of(one.cpu_s)) for of in (min, median, max))
        rows.append(row(one.where, count(one.objects), *times))
    return table("where", "objects", "fastest", "median", "slowest", rows=rows)


def own_tests(results: Results) -> list[str]:
    """Return how the release's own tests went, test by test and release by release."""
    said = {True: "passes", False: "fails", None: "not run"}
    names = list(dict.fromkeys(name for one in results.suites for name in one.passed))
    rows = [
        row(name.removeprefix("test_").replace("_", " "), *outcomes)
        for name in names
        if (outcomes := [said[one.passed.get(name)] for one in results.suites])
    ]
    strictly = [said[one.strictly] for one in results.suites]
    rows.append(row("*all of it, with warnings as errors*", *strictly))
    return table("test", *(str(one.release) for one in results.suites), rows=rows)


def since(results: Results) -> list[str]:
    """Return what the current release adds over 1.1.0, on each workload."""
    rows = []
    for workload in _ITERATED:
        sides = (OPTIMIZED, CURRENT)
        less = effect_bytes(growth_effect(results, workload, *sides))
        rows.append(row(workload, less, *_costs(results, workload, *sides)))
    return table("workload", "growth", "CPU", "peak", "descriptors", rows=rows)


def _costs(results: Results, workload: Workload, before: Variant, after: Variant) -> Iterator[str]:
    shown = {
        Quantity.CPU_S: effect_ms,
        Quantity.PEAK_BYTES: effect_bytes,
        Quantity.DESCRIPTORS: effect_counts,
    }
    for quantity, form in shown.items():
        yield form(cost_effect(results, workload, before, after, quantity))


def _descriptors(runs: Sequence[Growth]) -> str:
    if not runs:
        return "not measured"
    low, high = (min(r.descriptors.low for r in runs), max(r.descriptors.high for r in runs))
    return f"{low:+.4f} .. {high:+.4f}"


def _release(results: Results, workload: Workload, variant: Variant) -> str:
    runs, bare = results.growths(workload, variant), results.bare(workload, variant)
    return row(
        workload,
        variant,
        ", ".join(dict.fromkeys(str(one.verdict) for one in runs)),
        format_rate(fmean(one.heap.estimate for one in runs)),
        milliseconds(fmean(fmean(one.cpu_s) for one in bare)),
        megabytes(max(one.peak_rss_bytes - one.start_rss_bytes for one in bare)),
        max(max(one.most_descriptors) for one in bare),
    )
