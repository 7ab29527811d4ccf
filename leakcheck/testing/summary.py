"""What a session says at its end of the tests that were looped."""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from leakcheck.check import Checked
from leakcheck.model.text import printable
from leakcheck.model.verdict import Verdict
from leakcheck.wording.rows import closing

VERDICT: Final = "leakcheck_verdict"
REASON: Final = "leakcheck_reason"
RECORD: Final = "leakcheck_record"
GROWTH: Final = "leakcheck_bytes_per_iteration"


def properties_of(checked: Checked) -> list[tuple[str, object]]:
    """Return what a report carries of a verdict: into JUnit XML, and from worker to controller."""
    judgement = checked.record.judgement
    found: list[tuple[str, object]] = [
        (VERDICT, str(judgement.verdict)),
        (REASON, printable(judgement.reason)),
        (RECORD, checked.record.id),
    ]
    if judgement.growth is not None:
        found.append((GROWTH, round(judgement.growth.estimate, 3)))
    return found


class Summary:
    """The sections of the terminal's summary; under xdist it has all from the reports."""

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:  # noqa: ANN401 -- pytest's
        """Say which verdicts there were, and what became of each test that is left open."""
        found = list(_told(terminalreporter.stats))
        if not found:
            return
        unsure = [(id_, said) for id_, said in found if said[VERDICT] == Verdict.INCONCLUSIVE]
        if unsure:
            terminalreporter.section("leakcheck: INCONCLUSIVE", yellow=True)
            for nodeid, said in unsure:
                terminalreporter.line(f"{nodeid}: {said[REASON]}")
        terminalreporter.section("leakcheck")
        terminalreporter.line(closing(Verdict(said[VERDICT]) for _, said in found))


def _told(stats: dict[str, list[Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each looped test with what its report carries."""
    for reports in stats.values():
        for report in reports:
            said = dict(getattr(report, "user_properties", ()))
            if getattr(report, "when", None) == "call" and VERDICT in said:
                yield report.nodeid, said
