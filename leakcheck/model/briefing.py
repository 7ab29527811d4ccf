"""What a report is made from: runs, and what is to be said of them, ready to be laid out."""

from dataclasses import dataclass

from leakcheck.model.comparison import Difference
from leakcheck.model.explanation import Explanation
from leakcheck.model.run_record import RunRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that lies beside a record: where, as seen from the report, and what it shows."""

    href: str
    shows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A run and what is said of it.

    The files in `record` and `explanation` are named as a reader finds them. `account` is how
    the verdict was reached, a sentence each; `until` how long memory lasts, where that is known;
    `repeat` the command that runs the workload again.
    """

    record: RunRecord
    explanation: Explanation
    account: tuple[str, ...]
    repeat: str
    until: str = ""
    pages: tuple[Page, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """All that one report tells: at least one run, or two and how they differ."""

    runs: tuple[Told, ...]
    difference: Difference | None = None
