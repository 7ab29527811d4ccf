"""What a bisection is made of: candidates, steps, and what they come to."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from leakcheck.bisecting.search import State
from leakcheck.model.errors import LeakcheckError
from leakcheck.model.run_record import RunRecord
from leakcheck.model.verdict import Verdict

NOT_INSTALLED: Final = "it does not install: "
"""How it begins why a candidate cannot be told, where an installer would not have it."""


class UntestableError(LeakcheckError):
    """A candidate of which nothing can be told: it does not install, or does not run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A version or a commit: `key` names it for the machine, `name` for a reader.

    `subject` is a commit's first line, printable and short; empty for a version.
    """

    key: str
    name: str
    subject: str = ""
    parents: tuple[str, ...] = ()

    @property
    def is_merge(self) -> bool:
        """Return whether it is a commit that joins two lines of history."""
        return len(self.parents) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one candidate was found to be.

    `record` is None where nothing was measured, and then `why` says why not. `folder` is the folder
    of the record; `is_kept` whether it was measured by an earlier bisection.
    """

    candidate: Candidate
    record: RunRecord | None = None
    folder: Path | None = None
    root: Path | None = None
    """The folder that files are shown from: the commit's own."""
    why: str = ""
    is_kept: bool = False

    @property
    def verdict(self) -> Verdict | None:
        """Return the verdict, None where there is none."""
        return self.record.judgement.verdict if self.record is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One candidate that was asked, and what follows for the search.

    `is_elsewhere` says of a LEAK that it is not the one that is looked for.
    """

    measured: Measured
    state: State
    is_elsewhere: bool = False

    @property
    def candidate(self) -> Candidate:
        """Return what was asked."""
        return self.measured.candidate


class Outcome(StrEnum):
    """What a bisection comes to; never a bool."""

    FOUND = "found"
    RANGE = "range"
    WRONG_END = "wrong end"
    UNSURE_END = "unsure end"
    UNTESTED_END = "untested end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The answer: the steps in their order, and between which candidates the change lies.

    `last` is the newest candidate that is as the old end, `first` the oldest that is as the new
    one, `between` those that cannot tell; None and empty where an end was not what it should be,
    and then `at_fault` is that end's step.
    """

    target: str
    subject: str
    """What the candidates are of: a package, or empty for commits."""
    is_fix: bool
    outcome: Outcome
    steps: tuple[Step, ...]
    last: Step | None = None
    first: Step | None = None
    between: tuple[Candidate, ...] = ()
    at_fault: Step | None = None
