"""What is known of a watched process as a document: for a file and for a message."""

import json
import math
from typing import Any, Final

from leakcheck.watch.reading import Watched
from leakcheck.watch.standing import Standing
from leakcheck.watch.terms import CONFIDENCE

SCHEMA_VERSION: Final = 1


def document_of(standing: Standing, *, name: str) -> dict[str, Any]:
    """Return everything that is known; what never comes is null."""
    return {
        "schema_version": SCHEMA_VERSION,
        "watched": name,
        "verdict": standing.verdict.value,
        "reason": f"{standing.what} {standing.why}",
        "signal": standing.what.value,
        "growth_per_hour": _growth(standing),
        "threshold_per_hour": standing.threshold_per_hour,
        "unit": "bytes" if standing.what is Watched.MEMORY else "count",
        "memory_bytes": standing.memory_bytes,
        "peak_bytes": standing.peak_bytes,
        "limit_bytes": standing.limit_bytes,
        "seconds_to_limit": _forecast(standing),
        "watched_seconds": standing.watched_s,
        "readings": standing.readings,
        "lives": standing.lives,
    }


def document_text(standing: Standing, *, name: str) -> str:
    """Return the document as JSON text."""
    return json.dumps(document_of(standing, name=name), allow_nan=False, indent=1) + "\n"


def _growth(standing: Standing) -> dict[str, float] | None:
    growth = standing.growth
    if growth is None:
        return None
    return {
        "estimate": growth.estimate,
        "low": growth.low,
        "high": growth.high,
        "confidence": CONFIDENCE,
    }


def _forecast(standing: Standing) -> dict[str, float | None] | None:
    ahead = standing.forecast
    if ahead is None:
        return None
    seconds = {"low": ahead.soonest_s, "estimate": ahead.expected_s, "high": ahead.latest_s}
    return {name: value if math.isfinite(value) else None for name, value in seconds.items()}
