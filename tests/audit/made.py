"""Results as an audit would come to, made up: what grows and what it costs is told."""

from collections.abc import Callable, Iterable

from bench.audit.plan import (
    FIRST,
    OPTIMIZED,
    QUICK,
    Extent,
    Run,
    Variant,
    Workload,
    cost_runs,
    day_runs,
    growth_runs,
)
from bench.audit.results import (
    About,
    Bare,
    Collections,
    Compatibility,
    Growth,
    Interval,
    Results,
    Suite,
)
from leakcheck.model.verdict import Verdict
from system.memory.policy import Release, Step

ABOUT = About(date="2026-11-25", elapsed_s=60.0, cpus=2, versions={"Python": "3.11.7"})
KEPT_BYTES = 20_000.0
PARTS = range(16)
RELEASING = {
    Workload.SAVED: Step.RELEASE_STATE_AFTER_COMMIT,
    Workload.RETRIED: Step.RELEASE_ON_RETRY,
    Workload.FAILING: Step.RELEASE_WHEN_ALL_FAIL,
    Workload.ERRING: Step.RELEASE_ON_ERROR,
    Workload.REPORT: Step.RELEASE_STATE_AFTER_COMMIT,
}


def steps_of(variant: Variant) -> set[Step]:
    steps = set() if variant.release is Release.FIRST else set(Step)
    return (steps | {variant.on} if variant.on else steps) - {variant.off}


def kept_bytes(run: Run) -> float:
    """What an iteration keeps where a state is released on one way out, and by one change alone."""
    releasing = RELEASING.get(run.workload)
    return 0.0 if releasing is None or releasing in steps_of(run.variant) else KEPT_BYTES


def grown(run: Run, rate: float) -> Growth:
    return Growth(
        run=run,
        verdict=Verdict.LEAK if rate else Verdict.CLEAN,
        iterations=320,
        ending="exact-iterations",
        heap=Interval(estimate=rate, low=rate - 1, high=rate + 1),
        descriptors=Interval(estimate=0.0, low=-0.01, high=0.01),
        marks=tuple(10.0 * part for part in PARTS),
        heap_levels=tuple(10.0 * part * rate for part in PARTS),
    )


def bare(run: Run, *, cpu_s: float = 0.01, most: int = 12, blocks: int = 8) -> Bare:
    return Bare(
        run=run,
        wanted=20 * blocks,
        block_iterations=20,
        cpu_s=(cpu_s,) * blocks,
        most_descriptors=(most,) * blocks,
        rss_bytes=(120_000_000,) * blocks,
        start_rss_bytes=100_000_000,
        peak_rss_bytes=130_000_000,
    )


def costed(run: Run) -> Bare:
    """Connections pile up where nothing closes them, and requests wait for the collector."""
    steps = steps_of(run.variant)
    collects = run.workload is Workload.REQUEST and Step.COLLECT_IN_ROUTE in steps
    piles_up = Step.REDIS_CONTEXT_MANAGER not in steps
    return bare(run, cpu_s=0.06 if collects else 0.01, most=33 if piles_up else 12)


def results(
    extent: Extent = QUICK, rate_of: Callable[[Run], float] = kept_bytes, **changes: object
) -> Results:
    found: dict[str, object] = {
        "about": ABOUT,
        "growth": tuple(grown(run, rate_of(run)) for run in growth_runs(extent)),
        "costs": tuple(costed(run) for run in cost_runs(extent)),
        "days": tuple(bare(run, blocks=24 * extent.days) for run in day_runs(extent)),
        "collections": (
            Collections(where="10,000 lists", objects=10_000, cpu_s=(0.001, 0.002)),
            Collections(where="the service", objects=120_000, cpu_s=(0.04, 0.05)),
        ),
        "compatibility": Compatibility(same_api=True, same_schema=True, written=6, carried=6),
        "suites": suites(passed_before=True),
    }
    return Results(**{**found, **changes})  # type: ignore[arg-type]


def suites(*, passed_before: bool) -> tuple[Suite, Suite]:
    return (
        Suite(release=FIRST, passed={"test_trend": passed_before}),
        Suite(release=OPTIMIZED, passed={"test_trend": True}),
    )


def comparable(runs: Iterable[Run]) -> set[tuple[Variant, Workload]]:
    return {(run.variant, run.workload) for run in runs}
