"""What the audit runs: every release, and every change alone, over what it can act on. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from system.memory.policy import Release, Step

__all__ = [
    "ACTS_ON",
    "CURRENT",
    "FIRST",
    "FULL",
    "OPTIMIZED",
    "QUICK",
    "RELEASES",
    "SERVERS",
    "TICKS_AN_HOUR",
    "TICKS_A_DAY",
    "Extent",
    "Run",
    "Variant",
    "Workload",
    "cost_runs",
    "day_runs",
    "growth_runs",
    "primary",
    "repeated_for",
    "switched",
]

TICKS_AN_HOUR: Final = 20
TICKS_A_DAY: Final = 24 * TICKS_AN_HOUR


class Workload(StrEnum):
    """What an iteration is; reports are of some 20 KB, except where they are of documented size."""

    TICK = "market_tick"
    """A tick of the market indices' scheduler."""
    REQUEST = "api_request"
    """A request for the market indices over HTTP, and one for the health of the service."""
    SAVED = "saved_report"
    """A report that is saved at the first attempt."""
    RETRIED = "manual_report_retried"
    """A report that is saved at the second attempt."""
    FAILING = "manual_report_failing"
    """A report of which every attempt to save it fails."""
    ERRING = "manual_report_erring"
    """A report that ends in an error that nobody expected."""
    REPORT = "report_cycle"
    """A report of documented size, about 4 MB, saved at the first attempt."""
    DAY = "service_day"
    """A tick, and at each twentieth a report of documented size: 480 are a day."""

    @property
    def target(self) -> str:
        """Return the target as leakcheck has it.

        >>> Workload.TICK.target
        'bench.workloads.service:market_tick'
        """
        place = "bench.audit.workloads" if self is Workload.SAVED else "bench.workloads.service"
        return f"{place}:{self}"


ACTS_ON: Final[Mapping[Step, tuple[Workload, ...]]] = {
    Step.REDIS_CONTEXT_MANAGER: (Workload.TICK,),
    Step.DROP_DATA_AFTER_SAVE: (Workload.TICK,),
    Step.COLLECT_IN_ROUTE: (Workload.REQUEST,),
    Step.RELEASE_STATE_AFTER_COMMIT: (Workload.SAVED,),
    Step.COLLECT_AFTER_COMMIT: (Workload.SAVED, Workload.RETRIED),
    Step.RELEASE_ON_ERROR: (Workload.ERRING,),
    Step.RELEASE_ON_RETRY: (Workload.RETRIED,),
    Step.RELEASE_WHEN_ALL_FAIL: (Workload.FAILING,),
    Step.RELEASE_RESULT: (Workload.SAVED, Workload.FAILING, Workload.ERRING),
}
"""The workloads on which a change can act, the one that shows it best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A release, with one change of 1.1.0 switched on or off against it, or none."""

    release: Release
    on: Step | None = None
    off: Step | None = None

    def __str__(self) -> str:
        """Return its name.

        >>> str(Variant(release=Release.OPTIMIZED, off=Step.RELEASE_RESULT))
        '1.1.0 - release-result'
        """
        change = f" + {self.on}" if self.on else f" - {self.off}" if self.off else ""
        return f"{self.release}{change}"

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that make the service this variant."""
        return {
            "SYSTEM_RELEASE": str(self.release),
            "SYSTEM_STEPS_ON": str(self.on or ""),
            "SYSTEM_STEPS_OFF": str(self.off or ""),
        }


FIRST: Final = Variant(release=Release.FIRST)
OPTIMIZED: Final = Variant(release=Release.OPTIMIZED)
CURRENT: Final = Variant(release=Release.CURRENT)
RELEASES: Final = (FIRST, OPTIMIZED, CURRENT)


def primary(step: Step) -> Workload:
    """Return the workload that shows best what the change does."""
    return ACTS_ON[step][0]


def switched(step: Step) -> tuple[tuple[Variant, Variant], tuple[Variant, Variant]]:
    """Return what to compare, without the change and with it: on from 1.0.0, off from 1.1.0.

    >>> [[str(side) for side in pair] for pair in switched(Step.RELEASE_RESULT)]
    [['1.0.0', '1.0.0 + release-result'], ['1.1.0 - release-result', '1.1.0']]
    """
    alone = Variant(release=Release.FIRST, on=step)
    without = Variant(release=Release.OPTIMIZED, off=step)
    return (FIRST, alone), (without, OPTIMIZED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A variant over a workload; rounds repeat everything, so that what is compared is close."""

    variant: Variant
    workload: Workload
    round: int = 0


_ITERATIONS: Final = 2_000
_WITH_COLLECTIONS: Final = 1_000
"""Where each iteration may take the time of a whole collection."""
_COSTED_WITH_COLLECTIONS: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is run.

    `growth` and `cost` are the iterations for each workload, 0 where it is left out;
    `everywhere` is whether a change is tried on each workload it can act on, or only where it
    shows best; `compares_costs` whether the costs of every change are measured. Only `steps` are
    switched on and off.
    """

    rounds: int
    growth: Mapping[Workload, int]
    cost: Mapping[Workload, int]
    days: int
    everywhere: bool = True
    compares_costs: bool = True
    checks_days: bool = True
    strictly: bool = True
    largest_heap: int = 1_000_000
    releases: tuple[Variant, ...] = field(default=RELEASES)
    steps: frozenset[Step] = frozenset(Step)


FULL: Final = Extent(
    rounds=3,
    growth={
        **dict.fromkeys(Workload, _ITERATIONS),
        Workload.SAVED: _WITH_COLLECTIONS,
        Workload.RETRIED: _WITH_COLLECTIONS,
        Workload.REPORT: 128,
        Workload.DAY: 0,
    },
    cost={
        Workload.TICK: 600,
        Workload.REQUEST: _COSTED_WITH_COLLECTIONS,
        Workload.SAVED: _COSTED_WITH_COLLECTIONS,
        Workload.RETRIED: _COSTED_WITH_COLLECTIONS,
        Workload.FAILING: 400,
        Workload.ERRING: 400,
        Workload.REPORT: 32,
        Workload.DAY: 0,
    },
    days=30,
)
QUICK: Final = Extent(
    rounds=1,
    growth={
        **dict.fromkeys(Workload, 320),
        Workload.SAVED: 160,
        Workload.RETRIED: 160,
        Workload.REPORT: 48,
        Workload.DAY: 0,
    },
    cost={
        **dict.fromkeys(Workload, 0),
        Workload.TICK: 320,
        Workload.REQUEST: 48,
        Workload.REPORT: 16,
    },
    days=1,
    everywhere=False,
    compares_costs=False,
    checks_days=False,
    strictly=False,
    largest_heap=10_000,
    releases=(FIRST, OPTIMIZED),
)
"""As much as the words need, in less than two minutes on two cores."""
SERVERS: Final = QUICK
"""On real servers the words are measured again, and no more."""


def repeated_for(steps: Iterable[Step], extent: Extent) -> Extent:
    """Return an extent that has as many rounds as the full one, of those changes only.

    Sizes repeat from run to run, so that differences between rounds tell more than longer runs.

    >>> extent = repeated_for([Step.COLLECT_AFTER_COMMIT], QUICK)
    >>> extent.rounds, len(list(growth_runs(extent)))
    (3, 12)
    """
    steps = frozenset(steps)
    acted_on = {primary(step) for step in steps}
    return replace(
        extent,
        rounds=FULL.rounds,
        growth={one: n * (one in acted_on) for one, n in extent.growth.items()},
        cost=dict.fromkeys(Workload, 0),
        steps=steps,
    )


def growth_runs(extent: Extent) -> Iterator[Run]:
    """Yield what leakcheck is to run, round by round."""
    for number in range(extent.rounds):
        for workload, iterations in extent.growth.items():
            if iterations:
                yield from _runs(_variants(workload, extent), workload, number)
    if extent.checks_days:
        yield from _runs(extent.releases, Workload.DAY, 0)


def cost_runs(extent: Extent) -> Iterator[Run]:
    """Yield what is to be run bare, for its costs, round by round."""
    for number in range(extent.rounds):
        for workload, iterations in extent.cost.items():
            if iterations:
                yield from _runs(_costed(workload, extent), workload, number)


def day_runs(extent: Extent) -> Iterator[Run]:
    """Yield the simulated days that are to be run bare."""
    yield from _runs(extent.releases, Workload.DAY, 0)


def _runs(variants: tuple[Variant, ...], workload: Workload, number: int) -> Iterator[Run]:
    for variant in variants:
        yield Run(variant=variant, workload=workload, round=number)


def _costed(workload: Workload, extent: Extent) -> tuple[Variant, ...]:
    if extent.compares_costs:
        return _variants(workload, extent)
    # The one change that is judged by something else than growth.
    pile_up = workload is Workload.TICK
    alone = switched(Step.REDIS_CONTEXT_MANAGER)[0][1]
    return (*extent.releases, *((alone,) if pile_up else ()))


def _variants(workload: Workload, extent: Extent) -> tuple[Variant, ...]:
    """Return the releases, and each change that can act there, on its own."""
    steps = [
        step
        for step, places in ACTS_ON.items()
        if step in extent.steps and workload in (places if extent.everywhere else places[:1])
    ]
    alone = [side for step in steps for pair in switched(step) for side in pair]
    return tuple(dict.fromkeys((*extent.releases, *alone)))
