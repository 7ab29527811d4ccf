"""What a fix was worth: how each leaking signal changed, and the answer."""

from dataclasses import dataclass
from enum import StrEnum

from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Growth


class Answer(StrEnum):
    """What is said of a fix; never a bool."""

    FIXED = "fixed"
    BETTER = "better, not fixed"
    NOT_FIXED = "not fixed"
    NOT_SURE = "not sure"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How the growth of one leaking signal changed.

    `before` is None where it did not leak before, `after` where it was not measured. `bound`
    is what growth stays below afterwards, None where it was not shown to be bounded.
    """

    signal: Signal
    before: Growth | None
    after: Growth | None
    bound: float | None = None
    stands_still: bool = False
    """Whether growth no longer persists, of a signal too coarse to put a bound on (RSS)."""

    @property
    def is_gone(self) -> bool:
        """Return whether growth was shown to be bounded."""
        return self.bound is not None or self.stands_still

    @property
    def is_better(self) -> bool:
        """Return whether growth is gone, or its interval lies below the old one."""
        lower = bool(self.before and self.after and self.after.high < self.before.low)
        return self.is_gone or lower

    @property
    def is_worse(self) -> bool:
        """Return whether growth is new, or its interval lies above the old one."""
        higher = bool(self.before and self.after and self.after.low > self.before.high)
        return self.before is None or (higher and not self.is_gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The answer on a fix, what it rests on, and both in one sentence."""

    answer: Answer
    changes: tuple[Change, ...]
    sentence: str
