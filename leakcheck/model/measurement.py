"""A measurement: all that one run yielded, before anyone judges it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from leakcheck.model.containers import Census
from leakcheck.model.from_outside import FromOutside
from leakcheck.model.inventory import Inventory
from leakcheck.model.native import NativeGrowth
from leakcheck.model.origins import Origins
from leakcheck.model.series import Series
from leakcheck.model.signals import PROVEN_SIGNALS, Signal
from leakcheck.model.sites import SiteTable
from leakcheck.model.task_origin import TaskOrigin


class Ending(StrEnum):
    """What ended a run."""

    SURE = "sure"
    ITERATIONS = "iterations"
    """The most iterations were reached before the run was sure."""
    EXACT = "exact-iterations"
    """As many iterations were run as were asked for, sure or not."""
    TIME_LIMIT = "time-limit"
    MEMORY_LIMIT = "memory-limit"
    CAPTURE_LIMIT = "capture-limit"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """Which signals a child has proved that it can read, and which missed what it kept."""

    verified: tuple[Signal, ...] = ()
    unavailable: tuple[Signal, ...] = ()

    @property
    def blind(self) -> tuple[Signal, ...]:
        """Return the signals without which CLEAN cannot be said and which cannot be read."""
        return tuple(signal for signal in PROVEN_SIGNALS if signal not in self.verified)


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """What a process gave back while it had nothing to do, after its last iteration.

    `drained` is how much lower each signal was after `seconds` of waiting.
    """

    seconds: float
    drained: Mapping[Signal, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """The raw outcome of a run.

    `iterations` were completed; `ending` says what ended them and `failure` (for
    Ending.FAILED) in one sentence how; `gc_enabled` is the collector's state as the workload
    left it after its set-up; `collectable_bytes` is what one forced collection freed at the
    end where the collector was off; `capture_stopped` says why memray stopped recording
    before the end, where it did; `census` is the newest look at the containers, taken only
    where something seemed to grow; `idle` what was given back in a pause at the end, where
    anything could run in it; `inventory` what there was more of at the end than after set-up,
    where there was more of anything; `origins` where descriptors and threads came from, where
    they seemed to pile up; `task_origins` where the tasks are created that the sites and the
    inventory tell of, as far as that is known; `native` what is known of native code in a leak,
    mostly from a second run; `from_outside` what is known of a program that was seen from outside
    only, None for a workload.
    """

    series: Mapping[Signal, Series]
    iterations: int
    ending: Ending
    probes: Probes = field(default_factory=Probes)
    elapsed_s: float = 0.0
    gc_enabled: bool = True
    collectable_bytes: int = 0
    capture_stopped: str | None = None
    failure: str | None = None
    sites: SiteTable | None = None
    census: Census | None = None
    idle: Idle | None = None
    inventory: Inventory | None = None
    origins: Origins | None = None
    task_origins: tuple[TaskOrigin, ...] = ()
    native: NativeGrowth | None = None
    from_outside: FromOutside | None = None
    notes: tuple[str, ...] = ()
