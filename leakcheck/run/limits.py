"""The limits of a run, as pure decisions: when to ask a child to stop, and when to kill it."""

import math
from dataclasses import dataclass
from typing import Final

from leakcheck.model.measurement import Ending
from leakcheck.model.plan import GRACE_S, Plan
from leakcheck.run.child.slots import Stage

PREPARATION_LIMIT_S: Final = 60.0
TEAR_DOWN_LIMIT_S: Final = 10.0
_INTERRUPT_GRACE_S: Final = 2.0
_HURRY_AT: Final = 1.25
"""Times the memory limit: a child that grows that far within one iteration is given a moment."""
_HURRY_S: Final = 0.25
_KILL_AT: Final = 2.0
"""Times the memory limit: a child that grows that far is not waited for at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a run stands at one moment; times in seconds, memory in bytes.

    `in_stage_s` is the child's own time, without its waiting for a processor. `growth_bytes`
    counts from the sample before the first iteration; `since_asked_s` is how long ago the child
    was asked to stop, None if it was not.
    """

    stage: Stage
    in_stage_s: float
    growth_bytes: int = 0
    capture_bytes: int = 0
    capture_limit_bytes: int = 1 << 30
    interrupted: bool = False
    since_asked_s: float | None = None


def limit_reached(plan: Plan, standing: Standing) -> Ending | None:
    """Return why the child should be asked to stop after this iteration, or None."""
    if standing.interrupted:
        return Ending.INTERRUPTED
    if standing.stage is not Stage.ITERATING:
        return None
    if standing.growth_bytes >= plan.memory_limit_bytes:
        return Ending.MEMORY_LIMIT
    if standing.in_stage_s >= plan.time_limit_s:
        return Ending.TIME_LIMIT
    if standing.capture_bytes >= standing.capture_limit_bytes:
        return Ending.CAPTURE_LIMIT
    return None


def kill_for(plan: Plan, standing: Standing) -> Ending | None:
    """Return why the child must be killed now, or None.

    Ending.FAILED stands for one that hangs: past the time limit and its grace, or in a
    preparation that does not end. The others are judged on what was measured.
    """
    asked_s = standing.since_asked_s or 0.0
    if standing.interrupted and (_is_preparing(standing) or asked_s > _INTERRUPT_GRACE_S):
        return Ending.INTERRUPTED
    if _is_preparing(standing):
        return Ending.FAILED if standing.in_stage_s > preparation_limit_s(plan) else None
    if asked_s >= growth_patience_s(plan, standing):
        return Ending.MEMORY_LIMIT
    return Ending.FAILED if standing.in_stage_s > plan.time_limit_s + GRACE_S else None


def growth_patience_s(plan: Plan, standing: Standing) -> float:
    """Return how long a child may go on after it was asked to stop, given how far it has grown.

    One that ends by itself closes its capture, and its call sites are complete: so nearly every
    child gets a moment for it. One that closes its capture already grows no more.
    """
    share = standing.growth_bytes / plan.memory_limit_bytes
    if share < 1:
        return math.inf
    if share < _HURRY_AT or standing.stage is not Stage.ITERATING:
        return GRACE_S
    return _HURRY_S if share < _KILL_AT else 0.0


def preparation_limit_s(plan: Plan) -> float:
    """Return how long an import or a set-up may take: a minute, or the time limit if longer."""
    return max(PREPARATION_LIMIT_S, plan.time_limit_s)


def _is_preparing(standing: Standing) -> bool:
    return standing.stage in (Stage.STARTING, Stage.LOADING, Stage.SETTING_UP)
