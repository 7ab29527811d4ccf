"""A comparison of two records as JSON for scripts.

Schema 1 may be extended with new keys; what a key means changes only with a new version.
"""

import json
from typing import Final

from leakcheck.model.comparison import Difference, LineMove, Reading
from leakcheck.model.run_record import RunRecord
from leakcheck.model.verdict import Growth
from leakcheck.record.judgement_codec import encode_growth

COMPARISON_SCHEMA_VERSION: Final = 1
Json = dict[str, object]


def comparison_text(difference: Difference, before: RunRecord, after: RunRecord) -> str:
    """Return a comparison as JSON text; see `comparison_document`."""
    document = comparison_document(difference, before, after)
    return json.dumps(document, allow_nan=False, indent=1) + "\n"


def comparison_document(difference: Difference, before: RunRecord, after: RunRecord) -> Json:
    """Return a comparison as plain JSON; the records name their files as they are to be shown."""
    lines = difference.lines
    return {
        "schema_version": COMPARISON_SCHEMA_VERSION,
        "word": str(difference.word),
        "sentence": difference.sentence,
        "before": _record(before),
        "after": _record(after),
        "signals": {str(one.signal): _reading(one) for one in difference.readings},
        "lines": None if lines is None else [_line(one) for one in lines],
        "remarks": list(difference.remarks),
    }


def _record(record: RunRecord) -> Json:
    return {
        "record": record.id,
        "workload": record.plan.target,
        "verdict": str(record.judgement.verdict),
        "reason": record.judgement.reason,
    }


def _reading(one: Reading) -> Json:
    change = None if one.low is None else {"low": one.low, "high": one.high}
    return {
        "unit": one.signal.unit,
        "move": str(one.move),
        "decides": one.decides,
        "before": _growth(one.before),
        "after": _growth(one.after),
        "change_per_iteration": change,
    }


def _line(one: LineMove) -> Json:
    return {
        "file": one.line.file,
        "line": one.line.line,
        "function": one.line.function,
        "move": str(one.move),
        "before_bytes_per_iteration": _growth(one.before),
        "after_bytes_per_iteration": _growth(one.after),
    }


def _growth(growth: Growth | None) -> Json | None:
    return None if growth is None else encode_growth(growth)
