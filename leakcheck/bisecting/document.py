"""A bisection as JSON for scripts.

Schema 1 may be extended with new keys; what a key means changes only with a new version.
"""

import json
from typing import Final

from leakcheck.analysis.same_leak import leading_line
from leakcheck.analysis.shown import as_shown
from leakcheck.bisecting.steps import Candidate, Finding, Step
from leakcheck.bisecting.telling import sentence, why_said
from leakcheck.model.text import printable
from leakcheck.model.verdict import Verdict
from leakcheck.record.judgement_codec import encode_growth

BISECTION_SCHEMA_VERSION: Final = 1
Json = dict[str, object]


def bisection_text(finding: Finding) -> str:
    """Return a bisection as JSON text; files in it are named as a reader finds them."""
    document: Json = {
        "schema_version": BISECTION_SCHEMA_VERSION,
        "workload": finding.target,
        "package": finding.subject or None,
        "fixed": finding.is_fix,
        "outcome": str(finding.outcome),
        "sentence": sentence(finding),
        "last": None if finding.last is None else _candidate(finding.last.candidate),
        "first": None if finding.first is None else _candidate(finding.first.candidate),
        "between": [_candidate(one) for one in finding.between],
        "steps": [_step(one) for one in finding.steps],
    }
    return json.dumps(document, allow_nan=False, indent=1) + "\n"


def _candidate(candidate: Candidate) -> Json:
    return {"key": candidate.key, "name": candidate.name, "subject": candidate.subject}


def _step(step: Step) -> Json:
    measured = step.measured
    judgement = measured.record.judgement if measured.record is not None else None
    growth = judgement.growth if judgement is not None else None
    return {
        **_candidate(step.candidate),
        "verdict": None if measured.verdict is None else str(measured.verdict),
        "state": str(step.state),
        "elsewhere": step.is_elsewhere,
        "why": why_said(measured),
        "measured_before": measured.is_kept,
        "growth_bytes_per_iteration": None if growth is None else encode_growth(growth),
        "line": _line(step),
        "record": None if measured.record is None else measured.record.id,
    }


def _line(step: Step) -> Json | None:
    record = step.measured.record
    frame = leading_line(record) if record is not None else None
    if frame is None or step.measured.verdict is not Verdict.LEAK:
        return None
    shown = as_shown(frame, step.measured.root)
    return {
        "file": printable(shown.file),
        "line": shown.line,
        "function": printable(shown.function),
    }
