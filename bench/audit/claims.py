"""The claims of the release notes: for each its figure, what was measured, and its word. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bench.audit.effects import (
    Effect,
    Quantity,
    added,
    cost_effect,
    growth_effect,
    share_that_went,
)
from bench.audit.plan import ACTS_ON, FIRST, OPTIMIZED, Variant, Workload, switched
from bench.audit.results import Bare, Results
from bench.audit.rules import (
    AFTER_MB,
    BEFORE_MB,
    COLLECTION_S,
    FELL,
    MARGIN_BYTES,
    MARGIN_DESCRIPTORS,
    PARTS_OF_A_DAY,
    STABLE_HOURS,
    Word,
    decided,
    less,
    near,
    near_time,
    touches,
)
from bench.audit.shown import (
    count,
    effect_bytes,
    effect_counts,
    effect_seconds,
    effect_share,
    megabytes,
    milliseconds,
)
from system.memory.policy import Step

__all__ = [
    "SERVICE",
    "Finding",
    "change_effects",
    "changed",
    "day_cost",
    "findings",
    "size_at",
    "words",
]

SERVICE: Final = "the service"
"""Where collections are measured in the service itself."""
_MB: Final = 1e6
_MISSING: Final = "not measured"
_COMPATIBLE: Final = (
    ("same-api", "api", "same API", "the same"),
    ("no-migration", "schema", "no migration", "none"),
    ("nothing-lost", "reports", "nothing lost, from 1.0.0 to 1.1.0 and back", "nothing"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A claim, its figure, what was measured in its place, and the word for it."""

    id: str
    claim: str
    claimed: str
    measured: str
    word: Word


def findings(results: Results) -> tuple[Finding, ...]:
    """Return the word for each claim, the changes first."""
    return (
        *(_change(results, step) for step in Step),
        _connections(results),
        _growth_rate(results),
        _stable(results.day(OPTIMIZED)),
        _sizes(results.day(FIRST), "before", BEFORE_MB),
        _killed(results.day(FIRST)),
        _sizes(results.day(OPTIMIZED), "after", AFTER_MB),
        _collection(results),
        _cpu(results),
        *_compatible(results),
        _tests(results),
    )


def words(results: Results) -> dict[str, str]:
    """Return the word for each claim by its id."""
    return {one.id: str(one.word) for one in findings(results)}


def changed(stated: Mapping[str, str], measured: Mapping[str, str]) -> Iterator[str]:
    """Yield each claim whose word is no longer what is measured, a line each.

    >>> list(changed({"a": "holds", "b": "holds"}, {"a": "holds", "b": "does not hold"}))
    ['b: the page says holds, measured: does not hold']
    """
    for claim in dict.fromkeys((*stated, *measured)):
        said, found = stated.get(claim, "nothing"), measured.get(claim, "nothing")
        if said != found:
            yield f"{claim}: the page says {said}, measured: {found}"


def change_effects(results: Results, step: Step) -> dict[tuple[Workload, Variant], Effect]:
    """Return what the change does to growth, by workload and by the release it was tried on."""
    tried = {
        (workload, base): growth_effect(results, workload, without, with_it)
        for workload in ACTS_ON[step]
        for (without, with_it), base in zip(switched(step), (FIRST, OPTIMIZED), strict=True)
    }
    return {place: effect for place, effect in tried.items() if effect is not None}


def day_cost(results: Results, before: Variant, after: Variant) -> Effect | None:
    """Return how many CPU seconds more a day of `after` costs than one of `before`."""
    parts = dict(
        zip(
            (Workload.TICK, Workload.REPORT, Workload.REQUEST),
            PARTS_OF_A_DAY.values(),
            strict=True,
        )
    )
    effects = [cost_effect(results, one, before, after, Quantity.CPU_S) for one in parts]
    known = [effect for effect in effects if effect is not None]
    return added(*known, times=tuple(parts.values())) if len(known) == len(parts) else None


def size_at(day: Bare | None, hour: int) -> int | None:
    """Return the resident bytes after so many simulated hours, None where it did not get there."""
    if day is None:
        return None
    if hour == 0:
        return day.start_rss_bytes
    return day.rss_bytes[hour - 1] if hour <= len(day.rss_bytes) else None


def _change(results: Results, step: Step) -> Finding:
    effects = change_effects(results, step)
    best = ACTS_ON[step][0]
    on, off = (effect_bytes(effects.get((best, base))) for base in (FIRST, OPTIMIZED))
    return Finding(
        id=str(step),
        claim="it takes growth away",
        claimed="less growth",
        measured=f"on alone {on}; off alone {off}",
        word=less([*effects.values()], MARGIN_BYTES),
    )


def _connections(results: Results) -> Finding:
    alone = switched(Step.REDIS_CONTEXT_MANAGER)[0][1]
    effect = cost_effect(results, Workload.TICK, FIRST, alone, Quantity.DESCRIPTORS)
    return Finding(
        id="connections",
        claim="`redis-context-manager` ends the pile-up of connections",
        claimed="fewer at a time",
        measured=f"{effect_counts(effect)} descriptors at the most",
        word=less([effect] if effect else [], MARGIN_DESCRIPTORS),
    )


def _growth_rate(results: Results) -> Finding:
    before, after = (results.growths(Workload.REPORT, one) for one in (FIRST, OPTIMIZED))
    fell = share_that_went(before, after)
    return Finding(
        id="growth-rate",
        claim="the growth rate fell",
        claimed="by 50-70 %",
        measured=f"by {effect_share(fell)}",
        word=touches(fell, FELL),
    )


def _stable(day: Bare | None) -> Finding:
    began, ended = (size_at(day, hour) for hour in STABLE_HOURS)
    first, last = STABLE_HOURS
    most_mb = AFTER_MB[last] - AFTER_MB[first]
    grown_mb = None if began is None or ended is None else (ended - began) / _MB
    return Finding(
        id="stable",
        claim="1.1.0 is stable for 24 h and more",
        claimed=f"+{most_mb} MB from {first} h to {last} h",
        measured=_MISSING if grown_mb is None else f"{grown_mb:+.0f} MB",
        word=decided(
            known=grown_mb is not None, holds=grown_mb is not None and grown_mb <= most_mb
        ),
    )


def _sizes(day: Bare | None, name: str, claimed_mb: Mapping[int, int]) -> Finding:
    sizes = {hour: size_at(day, hour) for hour in claimed_mb}
    found_mb = {hour: size / _MB for hour, size in sizes.items() if size is not None}
    return Finding(
        id=f"size-{name}",
        claim=f"process size {name}, at {_slashed(claimed_mb)} h",
        claimed=f"{_slashed(claimed_mb.values())} MB",
        measured=f"{_slashed(round(mb) for mb in found_mb.values())} MB" if found_mb else _MISSING,
        word=near(found_mb, claimed_mb),
    )


def _killed(day: Bare | None) -> Finding:
    last_alive_mb = max(BEFORE_MB.values())
    size = size_at(day, 24)
    below = size is not None and size < last_alive_mb * _MB
    return Finding(
        id="killed",
        claim="1.0.0 is killed before 24 h",
        claimed=f"at more than {last_alive_mb} MB",
        measured=_MISSING if size is None else f"{megabytes(size)} at 24 h",
        word=decided(holds=False, known=below),
    )


def _collection(results: Results) -> Finding:
    found = next((one for one in results.collections if one.where == SERVICE), None)
    measured = _MISSING
    if found is not None:
        fastest, slowest = milliseconds(min(found.cpu_s)), milliseconds(max(found.cpu_s))
        measured = f"{fastest} to {slowest}, with {count(found.objects)} objects in the service"
    return Finding(
        id="collection",
        claim="what one `gc.collect()` costs",
        claimed="10-50 ms",
        measured=measured,
        word=near_time(min(found.cpu_s) if found else None, COLLECTION_S),
    )


def _cpu(results: Results) -> Finding:
    effect = day_cost(results, FIRST, OPTIMIZED)
    return Finding(
        id="cpu",
        claim="the CPU balance is positive",
        claimed="less CPU",
        measured=f"{effect_seconds(effect)} of CPU a day",
        word=decided(
            known=effect is not None and not effect.may_be_none,
            holds=effect is not None and effect.estimate < 0,
        ),
    )


def _compatible(results: Results) -> Iterator[Finding]:
    found = results.compatibility
    same = {True: "equal", False: "different"}
    measured = dict.fromkeys(("api", "schema", "reports"), _MISSING)
    holds = dict.fromkeys(measured, False)
    if found is not None:
        measured = {
            "api": f"OpenAPI documents {same[found.same_api]}",
            "schema": f"schemas {same[found.same_schema]}",
            "reports": f"{found.carried} of {found.written} reports read as they were written",
        }
        holds = {
            "api": found.same_api,
            "schema": found.same_schema,
            "reports": found.carried == found.written,
        }
    for name, what, claim, claimed in _COMPATIBLE:
        word = decided(holds=holds[what], known=found is not None)
        yield Finding(id=name, claim=claim, claimed=claimed, measured=measured[what], word=word)


def _tests(results: Results) -> Finding:
    passed = {one.release: one.passed for one in results.suites}
    before, after = passed.get(FIRST, {}), passed.get(OPTIMIZED, {})
    telling = [name for name, good in after.items() if good and not before.get(name, True)]
    counts = (f"{sum(one.values())} of {len(one)} pass" for one in (before, after))
    return Finding(
        id="tests",
        claim="its own tests show that it works",
        claimed="they tell 1.0.0 from 1.1.0",
        measured="{} at 1.0.0, {} at 1.1.0".format(*counts),
        word=decided(holds=bool(telling), known=bool(before and after)),
    )


def _slashed(numbers: Iterable[int]) -> str:
    return " / ".join(map(str, numbers))
