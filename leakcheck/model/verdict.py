"""The answer: a verdict, the trend of every signal, and what they rest on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from leakcheck.model.signals import Signal
from leakcheck.model.sites import SiteGrowth


class Verdict(StrEnum):
    """What is said of a workload; never a bool."""

    LEAK = "LEAK"
    CLEAN = "CLEAN"
    INCONCLUSIVE = "INCONCLUSIVE"
    ERROR = "ERROR"


class Diagnosis(StrEnum):
    """What kind of growth it is."""

    PYTHON_OBJECTS = "python-objects"
    NATIVE_HEAP = "native-heap"
    OUTSIDE_MALLOC = "outside-malloc"
    FRAGMENTATION = "fragmentation"
    UNCOLLECTED_CYCLES = "uncollected-cycles"
    DESCRIPTORS = "descriptors"
    THREADS = "threads"
    TASKS = "tasks"
    BACKLOG = "backlog"
    STILL_FILLING = "still-filling"


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """A rate an iteration with its interval, in the signal's unit."""

    estimate: float
    low: float
    high: float
    confidence: float = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The growth of one signal over the newest window, and what it persists to.

    `persisting` is the rate extrapolated to a run without end, None where there are too few
    samples; `verdict` is what this signal alone says.
    """

    signal: Signal
    growth: Growth
    persisting: float | None
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The answer on one workload; `growth` is None where it does not rest on bytes.

    `cannot_see` is what a CLEAN does not exclude, empty for any other verdict.
    """

    verdict: Verdict
    reason: str
    diagnosis: tuple[Diagnosis, ...] = ()
    growth: Growth | None = None
    smallest_detectable_bytes_per_iteration: float | None = None
    iterations: int = 0
    warm_up_iterations: int = 0
    trends: Mapping[Signal, Trend] = field(default_factory=dict)
    sites: tuple[SiteGrowth, ...] = ()
    held_by: tuple[str, ...] = ()
    cannot_see: str = ""
    looks: tuple[int, ...] = ()
