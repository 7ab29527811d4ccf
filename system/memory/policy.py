"""Which of the release's memory steps are on: one small value, read only at wiring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from system.errors import SettingsError

__all__ = ["RECENT_RUNS", "MemoryPolicy", "Release", "Step", "policy_for"]

RECENT_RUNS = 50
"""How many finished runs the bounded registry answers for."""


class Release(StrEnum):
    """A release: as the service first shipped, with its memory optimization, as it should be."""

    FIRST = "1.0.0"
    OPTIMIZED = "1.1.0"
    CURRENT = "current"


class Step(StrEnum):
    """One change that release 1.1.0 made for the sake of memory, by the name the audit gives it."""

    REDIS_CONTEXT_MANAGER = "redis-context-manager"
    DROP_DATA_AFTER_SAVE = "drop-data-after-save"
    COLLECT_IN_ROUTE = "collect-in-route"
    RELEASE_STATE_AFTER_COMMIT = "release-state-after-commit"
    COLLECT_AFTER_COMMIT = "collect-after-commit"
    RELEASE_ON_ERROR = "release-on-error"
    RELEASE_ON_RETRY = "release-on-retry"
    RELEASE_WHEN_ALL_FAIL = "release-when-all-fail"
    RELEASE_RESULT = "release-result"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPolicy:
    """The steps that are on, and the designs that came after them.

    ``pooled_redis`` is one Redis client for the service's life: ``redis-context-manager`` has
    nothing to do then. ``recent_runs`` bounds the run registry to that many finished runs, of which
    it keeps the small facts alone; ``None`` keeps every run for ever, with its state.
    ``watches_memory`` checks the memory alert at each tick.
    """

    steps: frozenset[Step]
    pooled_redis: bool = False
    recent_runs: int | None = None
    watches_memory: bool = False

    def has(self, step: Step) -> bool:
        """Return whether the step is on.

        >>> policy_for("1.0.0").has(Step.RELEASE_RESULT)
        False
        """
        return step in self.steps

    def with_(self, *names: str) -> MemoryPolicy:
        """Return this policy with those steps on as well.

        >>> sorted(policy_for("1.0.0").with_("collect-in-route").steps)
        [<Step.COLLECT_IN_ROUTE: 'collect-in-route'>]

        Raises:
            SettingsError: a name is no step's.
        """
        return replace(self, steps=self.steps | _steps(names))

    def without(self, *names: str) -> MemoryPolicy:
        """Return this policy with those steps off.

        >>> policy_for("1.1.0").without("release-result").has(Step.RELEASE_RESULT)
        False

        Raises:
            SettingsError: a name is no step's.
        """
        return replace(self, steps=self.steps - _steps(names))


_ALL = frozenset(Step)
# Collecting frees nothing that reference counting has not freed, and stops the service meanwhile.
_WORTH_KEEPING = _ALL - {Step.COLLECT_IN_ROUTE, Step.COLLECT_AFTER_COMMIT}
_POLICIES = {
    Release.FIRST: MemoryPolicy(steps=frozenset()),
    Release.OPTIMIZED: MemoryPolicy(steps=_ALL),
    Release.CURRENT: MemoryPolicy(
        steps=_WORTH_KEEPING, pooled_redis=True, recent_runs=RECENT_RUNS, watches_memory=True
    ),
}


def policy_for(release: str) -> MemoryPolicy:
    """Return what that release does about memory.

    >>> len(policy_for("1.1.0").steps)
    9

    Raises:
        SettingsError: there is no such release.
    """
    try:
        return _POLICIES[Release(release)]
    except ValueError:
        msg = f"release: got {release!r}, want one of {', '.join(Release)}"
        raise SettingsError(msg) from None


def _steps(names: tuple[str, ...]) -> frozenset[Step]:
    try:
        return frozenset(Step(name) for name in names)
    except ValueError:
        msg = f"release steps: got {', '.join(names)}, want some of {', '.join(Step)}"
        raise SettingsError(msg) from None
