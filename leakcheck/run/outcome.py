"""What comes out of a run, and what watches it while it goes on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leakcheck.model.measurement import Measurement
from leakcheck.model.plan import Plan
from leakcheck.model.verdict import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One finished run.

    `instants` map wall-clock milliseconds to iterations completed; `finished_ms` is when the
    capture was closed, None if it never was. `traceback` and `output_tail` are the workload's
    own words: they are for the terminal only and never go into a record.
    """

    plan: Plan
    measurement: Measurement
    instants: tuple[tuple[int, int], ...] = ()
    finished_ms: int | None = None
    traceback: tuple[str, ...] = ()
    output_tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How a run stands: `phase` in a word, memory in bytes, times in seconds.

    `part` says which run of a target it is, where that is not the one that is judged.
    """

    target: str
    phase: str
    part: str = ""
    iterations: int = 0
    most_iterations: int = 0
    elapsed_s: float = 0.0
    time_limit_s: float = 0.0
    rss_bytes: Sequence[int] = ()
    provisional: Judgement | None = None


Observer = Callable[[Progress], None]

Refine = Callable[[Mapping[str, Any]], Plan]
"""Given the workload's own options, returns the plan that is in force."""
