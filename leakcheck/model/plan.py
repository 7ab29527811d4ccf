"""The plan: what is to be run, how long, and what growth is too much."""

import math
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from leakcheck.model.errors import UsageError

DEFAULT_ITERATIONS: Final = 20_000
DEFAULT_TIME_LIMIT_S: Final = 60.0
DEFAULT_THRESHOLD_BYTES: Final = 4.0
DEFAULT_COUNT_THRESHOLD: Final = 0.001
DEFAULT_PROGRAM_THRESHOLD_BYTES: Final = 512.0
"""Of a program that is seen from outside: resident memory moves in pages, and wanders."""
GRACE_S: Final = 5.0
"""How long an iteration may run past the time limit before the workload counts as hung."""
MIN_CLEAN_ITERATIONS: Final = 2_000
"""CLEAN is not said earlier, unless the time limit ends the run."""


class Profiler(StrEnum):
    """What records the allocations of the measured process."""

    MEMRAY = "memray"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Growth an iteration above which a verdict is LEAK, in bytes and as a count."""

    bytes_per_iteration: float = DEFAULT_THRESHOLD_BYTES
    counts_per_iteration: float = DEFAULT_COUNT_THRESHOLD

    def __post_init__(self) -> None:
        for name in ("bytes_per_iteration", "counts_per_iteration"):
            if not 0 < getattr(self, name) < math.inf:
                msg = f"threshold {name}: found {getattr(self, name)}, wanted more than 0"
                raise UsageError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How one workload is to be run.

    `target` is what the user wrote; `iterations` the most iterations to measure, warm-up
    included; `exact` whether to run just that many; `memory_limit_bytes` the most growth
    of RSS to allow; `native` whether to run once more, with native stacks, where a leak sits on
    native code; `program` are the words of `leakcheck exec` that say which program is run and
    what triggers an iteration of it, without secrets: empty for a workload.
    """

    target: str
    python: Path
    iterations: int = DEFAULT_ITERATIONS
    exact: bool = False
    time_limit_s: float = DEFAULT_TIME_LIMIT_S
    memory_limit_bytes: int = 2 << 30
    thresholds: Thresholds = Thresholds()
    profiler: Profiler = Profiler.MEMRAY
    keep_capture: bool = False
    native: bool = False
    program: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.iterations < 1:
            msg = f"iterations: found {self.iterations}, wanted 1 or more"
            raise UsageError(msg)
        if not 0 < self.time_limit_s < math.inf:
            msg = f"time limit: found {self.time_limit_s} s, wanted more than 0 and an end"
            raise UsageError(msg)
        if self.memory_limit_bytes < 1:
            msg = f"memory limit: found {self.memory_limit_bytes} B, wanted more than 0"
            raise UsageError(msg)
