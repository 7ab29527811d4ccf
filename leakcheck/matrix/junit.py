"""A matrix as JUnit XML: one test case a check."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath

from leakcheck.analysis.places import shown_text
from leakcheck.matrix.cells import Cell
from leakcheck.matrix.entry import Entry
from leakcheck.matrix.running import Standing
from leakcheck.record.junit import Case, cases_xml, outcome_of


def matrix_junit(
    standing: Standing, *, allow_inconclusive: bool, project: PurePath | None = None
) -> str:
    """Return a matrix as JUnit XML, by the rules of `leakcheck.record.junit.junit_xml`.

    What could not be checked is an error, and what was not reached is skipped.
    """
    cases = _cases(standing, allow_inconclusive=allow_inconclusive)
    return cases_xml([replace(one, message=shown_text(one.message, project)) for one in cases])


def _cases(standing: Standing, *, allow_inconclusive: bool) -> Iterator[Case]:
    for cell in standing.matrix.cells:
        entry = standing.entries.get(cell.key)
        if entry is None:
            yield _unchecked(cell, standing.refused.get(cell.key))
        else:
            yield _checked(cell, entry, allow_inconclusive=allow_inconclusive)


def _unchecked(cell: Cell, refusal: str | None) -> Case:
    outcome, message = ("error", refusal) if refusal else ("skipped", "was not reached")
    return Case(name=cell.label, seconds=0.0, outcome=outcome, kind="not run", message=message)


def _checked(cell: Cell, entry: Entry, *, allow_inconclusive: bool) -> Case:
    outcome = outcome_of(entry.verdict, allow_inconclusive=allow_inconclusive)
    where = (f"{entry.where}\n",) if entry.where else ()
    return Case(
        name=cell.label,
        seconds=entry.seconds,
        outcome=outcome if entry.counts else "skipped",
        kind=str(entry.verdict).lower(),
        message=entry.reason if entry.counts else f"allowed: {entry.reason}",
        details="".join((*where, f"record {entry.record}")),
    )
