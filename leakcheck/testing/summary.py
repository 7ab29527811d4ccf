"""What a session says at its end of the tests that were looped."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from leakcheck.analysis.places import shown_text
from leakcheck.check import Checked
from leakcheck.model.text import printable
from leakcheck.model.verdict import Verdict
from leakcheck.run.child.testing.names import VERDICT
from leakcheck.wording.rows import closing

REASON: Final = "leakcheck_reason"
RECORD: Final = "leakcheck_record"
GROWTH: Final = "leakcheck_bytes_per_iteration"


def properties_of(checked: Checked, project: Path) -> list[tuple[str, object]]:
    """Return what a report carries of a verdict: into JUnit XML, and from worker to controller."""
    judgement = checked.record.judgement
    found: list[tuple[str, object]] = [
        (VERDICT, str(judgement.verdict)),
        (REASON, printable(shown_text(judgement.reason, project))),
        (RECORD, checked.record.id),
    ]
    if judgement.growth is not None:
        found.append((GROWTH, round(judgement.growth.estimate, 3)))
    return found


def summarise(reporter: Any, reports: Sequence[Any]) -> None:  # noqa: ANN401 -- pytest's own
    """Say which verdicts there were, and of each test that is left open why.

    Under xdist the controller knows all of it from the reports of its workers.
    """
    found = [(report.nodeid, dict(report.user_properties)) for report in reports]
    unsure = [(id_, said) for id_, said in found if said[VERDICT] == Verdict.INCONCLUSIVE]
    if unsure:
        reporter.section("leakcheck: INCONCLUSIVE", yellow=True)
        for nodeid, said in unsure:
            reporter.line(f"{nodeid}: {said[REASON]}")
    reporter.section("leakcheck")
    reporter.line(closing(Verdict(said[VERDICT]) for _, said in found))
