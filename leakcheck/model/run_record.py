"""The run record: everything about one checked workload that is kept."""

from dataclasses import dataclass
from typing import Final

from leakcheck.model.measurement import Measurement
from leakcheck.model.plan import Plan
from leakcheck.model.verdict import Judgement

SCHEMA_VERSION: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where a run took place: facts about the interpreter and the machine, none of its names.

    `container_limit_bytes` is the most memory that its container allows, None without one.
    """

    python: str
    memray: str | None
    libc: str
    platform: str
    cpu_count: int
    memory_bytes: int
    container_limit_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run: its plan, its raw measurement and the judgement made of it.

    `started_at` is UTC in ISO 8601; `leakcheck` the version that wrote the record.
    """

    id: str
    started_at: str
    leakcheck: str
    plan: Plan
    machine: Machine
    measurement: Measurement
    judgement: Judgement
