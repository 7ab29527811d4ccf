"""Known leaks, for every way in: what the configuration allows, and what came of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from leakcheck.analysis.allowing import allow, vanished
from leakcheck.configuration.allowances import allowances_of
from leakcheck.configuration.table import Configuration
from leakcheck.model.allowance import Allowance
from leakcheck.model.explanation import Explanation
from leakcheck.model.reported import Reported
from leakcheck.model.run_record import RunRecord
from leakcheck.model.verdict import Verdict
from leakcheck.wording.explaining import explained_from


def today() -> date:
    """Return the day in UTC: the same for everybody who looks at a pipeline."""
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The known leaks of a project, the folder their files are named from, and the day it is."""

    allowances: tuple[Allowance, ...] = ()
    project: Path = field(default_factory=Path.cwd)
    today: date = field(default_factory=today)


def known_of(configuration: Configuration) -> Known:
    """Return the known leaks that the configuration names.

    Raises:
        UsageError: if an entry is none.
    """
    return Known(allowances=allowances_of(configuration), project=configuration.folder)


def reported_run(
    record: RunRecord, known: Known, explanation: Explanation | None = None
) -> Reported:
    """Return a record with its explanation and what is known of its leak."""
    found = explanation or explained_from(record, Path.cwd())
    allowed = allow(record, found, known.allowances, today=known.today, project=known.project)
    return Reported(record=record, explanation=found, allowed=allowed)


def vanished_lines(known: Known, found: Sequence[Reported]) -> Iterator[str]:
    """Yield a line for each entry at whose site nothing grows any more."""
    for one in vanished(known.allowances, [each.allowed for each in found]):
        yield vanished_line(one)


def vanished_line(one: Allowance) -> str:
    """Return what is said of an entry at whose site nothing grows any more."""
    return f"vanished: nothing grew at {one.site} in this run; allow may lose {one.entry!r}"


def counting(found: Iterable[Reported]) -> list[Verdict]:
    """Return the verdicts that count for the exit code."""
    return [one.verdict for one in found if one.counts]
