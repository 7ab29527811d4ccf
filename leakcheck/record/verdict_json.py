"""The verdicts as JSON for scripts: the fixed keys of the contract, nothing of this program's own.

Schema 1 may be extended with new keys; what a key means changes only with a new version.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from leakcheck.analysis.explanation import explain_record
from leakcheck.analysis.lines import line_of
from leakcheck.analysis.places import shown_file, shown_text
from leakcheck.model.allowance import Allowance, Allowed
from leakcheck.model.explanation import Explanation
from leakcheck.model.run_record import RunRecord
from leakcheck.model.sites import Frame, SiteGrowth
from leakcheck.model.verdict import Trend
from leakcheck.record.explanation_json import explanation_document, shown_frame
from leakcheck.record.judgement_codec import encode_growth

VERDICTS_SCHEMA_VERSION: Final = 1
Json = dict[str, object]


def verdicts_text(
    records: Iterable[RunRecord],
    *,
    project: Path,
    explanations: Mapping[str, Explanation] | None = None,
    alloweds: Mapping[str, Allowed] | None = None,
) -> str:
    """Return the verdicts of `records` as JSON text; see `verdicts_document`."""
    document = verdicts_document(
        records, project=project, explanations=explanations, alloweds=alloweds
    )
    return json.dumps(document, allow_nan=False, indent=1) + "\n"


def verdicts_document(
    records: Iterable[RunRecord],
    *,
    project: Path,
    explanations: Mapping[str, Explanation] | None = None,
    alloweds: Mapping[str, Allowed] | None = None,
) -> Json:
    """Return the verdicts of `records` as plain JSON.

    `project` is an absolute folder; files below it are named from there. `explanations` are
    by record id; a record's own is computed where there is none for it. So are `alloweds`: what
    the known leaks say.

    >>> verdicts_document([], project=Path("/project"))
    {'schema_version': 1, 'verdicts': []}
    """
    known, allowed = explanations or {}, alloweds or {}
    found = [(one, known.get(one.id) or explain_record(one, project=project)) for one in records]
    return {
        "schema_version": VERDICTS_SCHEMA_VERSION,
        "verdicts": [
            {
                **_verdict(record, explanation, project),
                "allowed": _allowed(allowed.get(record.id, Allowed())),
            }
            for record, explanation in found
        ],
    }


def _verdict(record: RunRecord, explanation: Explanation, project: Path) -> Json:
    judgement = record.judgement
    growth = judgement.growth
    return {
        "workload": record.plan.target,
        "verdict": str(judgement.verdict),
        "reason": shown_text(judgement.reason, project),
        "diagnosis": [str(diagnosis) for diagnosis in judgement.diagnosis],
        "growth_bytes_per_iteration": None if growth is None else encode_growth(growth),
        "threshold_bytes_per_iteration": record.plan.thresholds.bytes_per_iteration,
        "smallest_detectable_bytes_per_iteration": (
            judgement.smallest_detectable_bytes_per_iteration
        ),
        "iterations": judgement.iterations,
        "warm_up_iterations": judgement.warm_up_iterations,
        "signals": {str(signal): _signal(trend) for signal, trend in judgement.trends.items()},
        "sites": [_site(site, project) for site in judgement.sites],
        "held_by": list(judgement.held_by),
        "explanation": explanation_document(explanation, project),
        "cannot_see": judgement.cannot_see or None,
        "record": record.id,
    }


def _allowed(allowed: Allowed) -> Json | None:
    """Return the entries of `allow` at whose sites something grows, None where there are none."""
    if not allowed.used:
        return None
    return {
        "passes": allowed.passes,
        "entries": [_entry(one, allowed) for one in allowed.used],
        "said": list(allowed.sentences),
    }


def _entry(one: Allowance, allowed: Allowed) -> Json:
    state = "exceeded" if one in allowed.exceeded else "expired"
    return {
        "site": one.site,
        "rate_per_iteration": one.rate,
        "unit": "count" if one.is_count else "bytes",
        "until": one.until.isoformat(),
        "reason": one.reason,
        "state": state if one in (*allowed.exceeded, *allowed.expired) else "allowed",
    }


def _signal(trend: Trend) -> Json:
    return {
        "unit": trend.signal.unit,
        "growth_per_iteration": encode_growth(trend.growth),
        "verdict": str(trend.verdict),
        "why": trend.why,
    }


def _site(site: SiteGrowth, project: Path) -> Json:
    """Return a site under the line to look at first; its stack begins at the allocating one."""
    frame = line_of(site.stack) or Frame(file=site.file, line=site.line, function=site.function)
    return {
        "file": shown_file(frame.file, project),
        "line": frame.line,
        "function": frame.function,
        "bytes_per_iteration": site.bytes_per_iteration,
        "objects_per_iteration": site.objects_per_iteration,
        "stack": [shown_frame(frame, project) for frame in site.stack],
    }
