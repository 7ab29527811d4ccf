"""A checked run as CI is told of it: what was found, why, and what of it is known."""

from dataclasses import dataclass, field

from leakcheck.model.allowance import Allowed
from leakcheck.model.explanation import Explanation
from leakcheck.model.run_record import RunRecord
from leakcheck.model.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A record with its explanation, and what the known leaks say of it."""

    record: RunRecord
    explanation: Explanation = field(default_factory=Explanation)
    allowed: Allowed = field(default_factory=Allowed)

    @property
    def verdict(self) -> Verdict:
        """Return the verdict, which no known leak changes."""
        return self.record.judgement.verdict

    @property
    def counts(self) -> bool:
        """Return whether the verdict counts for the exit code: all do but an allowed LEAK."""
        return not self.allowed.passes
