"""What the audit measured, and its JSON form: everything the page and the documents are made of."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pydantic import TypeAdapter

from bench.audit.plan import Run, Variant, Workload
from leakcheck.model.verdict import Verdict

__all__ = [
    "About",
    "Bare",
    "Collections",
    "Compatibility",
    "Growth",
    "Interval",
    "Results",
    "Suite",
    "from_json",
    "to_json",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Where, when and how it was measured. `versions` are those of what can change the answer."""

    date: str
    elapsed_s: float
    cpus: int
    versions: dict[str, str]
    redis: str = "embedded"
    database: str = "embedded SQLite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A rate an iteration, and leakcheck's own interval for it, at 99 %."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """One run of leakcheck.

    `heap_levels` are what heap in use came to in each part of the run's second half, in bytes, and
    `marks` the iterations where those parts lie.
    """

    run: Run
    verdict: Verdict
    iterations: int
    ending: str
    heap: Interval
    descriptors: Interval
    marks: tuple[float, ...]
    heap_levels: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare:
    """One run of a workload in a process as the service's own: no profiler, no collection forced.

    The tuples hold a value for each block of `block_iterations`: the mean CPU seconds of an
    iteration, the most descriptors after one, and the resident bytes at its end. `wanted` is how
    many iterations were to be run: fewer were where the memory limit stopped it.
    """

    run: Run
    wanted: int
    block_iterations: int
    cpu_s: tuple[float, ...]
    most_descriptors: tuple[int, ...]
    rss_bytes: tuple[int, ...]
    start_rss_bytes: int
    peak_rss_bytes: int

    @property
    def iterations(self) -> int:
        """Return how many iterations were run."""
        return self.block_iterations * len(self.cpu_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collections:
    """The CPU seconds of one `gc.collect()`, time after time, in a process with so many objects."""

    where: str
    objects: int
    cpu_s: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compatibility:
    """Whether the two releases show the same API and schema, and what became of reports.

    `carried` is how many reports one release wrote and the other read unchanged, there and back,
    out of `written`.
    """

    same_api: bool
    same_schema: bool
    written: int
    carried: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """How the release's own tests went against one release, by the name of each.

    `strictly` is whether all passed with warnings as errors too, None where that was not tried.
    """

    release: Variant
    passed: dict[str, bool]
    strictly: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """All of it. `on_servers` are the words that a run on real servers came to, if any was."""

    about: About
    growth: tuple[Growth, ...] = ()
    costs: tuple[Bare, ...] = ()
    days: tuple[Bare, ...] = ()
    collections: tuple[Collections, ...] = ()
    compatibility: Compatibility | None = None
    suites: tuple[Suite, ...] = ()
    on_servers: dict[str, str] = field(default_factory=dict)

    def growths(self, workload: Workload, variant: Variant) -> tuple[Growth, ...]:
        """Return the runs of leakcheck of that variant, round by round."""
        found = (one for one in self.growth if _is(one.run, workload, variant))
        return tuple(sorted(found, key=lambda one: one.run.round))

    def bare(self, workload: Workload, variant: Variant) -> tuple[Bare, ...]:
        """Return the bare runs of that variant, round by round."""
        found = (one for one in self.costs if _is(one.run, workload, variant))
        return tuple(sorted(found, key=lambda one: one.run.round))

    def day(self, variant: Variant) -> Bare | None:
        """Return the simulated days of that release, if they were run."""
        return next((one for one in self.days if one.run.variant == variant), None)

    def with_one(self, part: str, found: Growth | Bare) -> "Results":
        """Return the results with one run more in `growth`, `costs` or `days`."""
        grown: dict[str, Any] = {part: (*getattr(self, part), found)}
        return replace(self, **grown)

    def without(self, parts: Iterable[str]) -> "Results":
        """Return the results without the runs of those parts."""
        emptied: dict[str, Any] = dict.fromkeys(parts, ())
        return replace(self, **emptied)


_FORM: Final = TypeAdapter(Results)


def _is(run: Run, workload: Workload, variant: Variant) -> bool:
    return run.workload is workload and run.variant == variant


def to_json(results: Results) -> str:
    """Return the results as JSON."""
    return _FORM.dump_json(results).decode() + "\n"


def from_json(text: str) -> Results:
    """Return the results that `to_json` wrote.

    Raises:
        ValueError: it did not write this.
    """
    return _FORM.validate_json(text)
