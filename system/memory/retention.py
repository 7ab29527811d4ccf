"""What becomes of a report's state when its run has ended, as the policy chooses once."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from system.memory.policy import MemoryPolicy, Step
from system.workflow.state import ReportState

__all__ = ["KeptResult", "Retention", "retention_for"]

_log = logging.getLogger(__name__)

_Hook: TypeAlias = Callable[[ReportState], None]


def _keep(_state: ReportState) -> None:
    """Leave the state as it is: whoever holds it goes on holding its large fields."""


def _release(state: ReportState) -> None:
    state.release_large_fields()


def _no_collection() -> None:
    """Leave the cycle collector to its own timetable."""


def _collect() -> None:
    gc.collect()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The hooks a run calls: each way out calls one, and no other, of the four that take a state.

    ``collect_after_commit`` follows a commit, whether the first attempt reached it or a later one;
    ``collect_in_route`` is called for each request of the market indices.
    """

    after_commit: _Hook
    after_retry: _Hook
    when_all_failed: _Hook
    on_error: _Hook
    collect_after_commit: Callable[[], object]
    collect_in_route: Callable[[], object]


def retention_for(policy: MemoryPolicy) -> Retention:
    """Return the hooks of that policy: a step that is on releases or collects, else it keeps."""

    def state_hook(step: Step) -> _Hook:
        return _release if policy.has(step) else _keep

    def collection(step: Step) -> Callable[[], object]:
        return _collect if policy.has(step) else _no_collection

    return Retention(
        after_commit=state_hook(Step.RELEASE_STATE_AFTER_COMMIT),
        after_retry=state_hook(Step.RELEASE_ON_RETRY),
        when_all_failed=state_hook(Step.RELEASE_WHEN_ALL_FAIL),
        on_error=state_hook(Step.RELEASE_ON_ERROR),
        collect_after_commit=collection(Step.COLLECT_AFTER_COMMIT),
        collect_in_route=collection(Step.COLLECT_IN_ROUTE),
    )


class KeptResult:
    """A scheduler's last result: kept until the next run ends, or dropped at once."""

    def __init__(self, policy: MemoryPolicy) -> None:
        """Keep or drop results as ``release-result`` says."""
        self._drops = policy.has(Step.RELEASE_RESULT)
        self.last: object | None = None

    def end_of_run(self, result: object) -> None:
        """Keep what the run ended with (a state, or an exception), or drop it and say so."""
        if not self._drops:
            self.last = result
            return
        self.last = None
        _log.info("memory cleanup completed")
