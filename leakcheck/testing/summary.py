"""What a session says at its end of the tests that were looped."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from leakcheck.analysis.allowing import vanished
from leakcheck.analysis.places import shown_text
from leakcheck.known import vanished_line
from leakcheck.model.allowance import Allowance, Allowed
from leakcheck.model.reported import Reported
from leakcheck.model.text import printable
from leakcheck.model.verdict import Verdict
from leakcheck.run.child.testing.names import VERDICT
from leakcheck.wording.rows import closing

REASON: Final = "leakcheck_reason"
RECORD: Final = "leakcheck_record"
GROWTH: Final = "leakcheck_bytes_per_iteration"
ALLOWED: Final = "leakcheck_allowed"
SITES: Final = "leakcheck_allowed_sites"
_SETTLED: Final = (Verdict.LEAK, Verdict.CLEAN)


def properties_of(found: Reported, project: Path) -> list[tuple[str, object]]:
    """Return what a report carries of a verdict: into JUnit XML, and from worker to controller."""
    judgement = found.record.judgement
    told: list[tuple[str, object]] = [
        (VERDICT, str(judgement.verdict)),
        (REASON, printable(shown_text(judgement.reason, project))),
        (RECORD, found.record.id),
    ]
    if judgement.growth is not None:
        told.append((GROWTH, round(judgement.growth.estimate, 3)))
    if found.allowed.used:
        told.append((SITES, "\n".join(one.site for one in found.allowed.used)))
    if found.allowed.passes:
        told.append((ALLOWED, "; ".join(found.allowed.sentences)))
    return told


def summarise(
    reporter: Any,  # noqa: ANN401 -- pytest's own
    reports: Sequence[Any],
    allowances: Sequence[Allowance],
) -> None:
    """Say which verdicts there were, of each test that is left open why, and what is allowed.

    Under xdist the controller knows all of it from the reports of its workers.
    """
    found = [(report.nodeid, dict(report.user_properties)) for report in reports]
    unsure = [(id_, said) for id_, said in found if said[VERDICT] == Verdict.INCONCLUSIVE]
    if unsure:
        reporter.section("leakcheck: INCONCLUSIVE", yellow=True)
        for nodeid, said in unsure:
            reporter.line(f"{nodeid}: {said[REASON]}")
    reporter.section("leakcheck")
    allowed = [(nodeid, said[ALLOWED]) for nodeid, said in found if ALLOWED in said]
    for nodeid, sentences in allowed:
        reporter.line(f"{nodeid}: {sentences}")
    for one in vanished(allowances, [_allowed(*one, allowances) for one in found]):
        reporter.line(vanished_line(one))
    reporter.line(closing((Verdict(said[VERDICT]) for _, said in found), allowed=len(allowed)))


def _allowed(nodeid: str, said: Mapping[str, Any], allowances: Sequence[Allowance]) -> Allowed:
    """Return what the entries said of a test, as far as its report carries it."""
    sites = str(said.get(SITES, "")).splitlines()
    return Allowed(
        used=tuple(one for one in allowances if one.site in sites),
        workload=nodeid,
        is_settled=said[VERDICT] in _SETTLED,
    )
