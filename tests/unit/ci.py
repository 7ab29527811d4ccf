"""Runs as CI is told of them, for tests."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from leakcheck.analysis.allowing import allow
from leakcheck.analysis.growing_places import Roots
from leakcheck.model.allowance import parse_allowances
from leakcheck.model.reported import Reported
from leakcheck.model.run_record import RunRecord
from leakcheck.model.verdict import Judgement, Verdict
from leakcheck.wording.explaining import explained_from
from tests.unit.records import leak_record

PROJECT = Path("/project")
ROOTS = Roots(repository=PROJECT, here=PROJECT)
TODAY = date(2026, 12, 1)
KNOWN = "jobs.py:12 = 110B until 2027-01-31 # ticket 12"


def told(record: RunRecord | None = None, *entries: str) -> Reported:
    """Return a run as CI is told of it; without a record, that of a leak."""
    record = record or leak_record()
    explanation = explained_from(record, PROJECT)
    known = parse_allowances(entries)
    allowed = allow(record, explanation, known, today=TODAY, project=PROJECT)
    return Reported(record=record, explanation=explanation, allowed=allowed)


def told_as(verdict: Verdict, reason: str = "because") -> Reported:
    """Return a run with another verdict."""
    return told(replace(leak_record(), judgement=Judgement(verdict=verdict, reason=reason)))
