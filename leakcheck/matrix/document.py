"""A matrix as JSON for scripts."""

import json
from typing import Final

from leakcheck.matrix.cells import Cell, shown_value
from leakcheck.matrix.running import Standing
from leakcheck.record.judgement_codec import encode_growth

MATRIX_SCHEMA_VERSION: Final = 1
Json = dict[str, object]


def matrix_text(standing: Standing) -> str:
    """Return a matrix as JSON text: every cell with its verdict, null where it has none yet."""
    document = {
        "schema_version": MATRIX_SCHEMA_VERSION,
        "columns": [column.label for column in standing.matrix.columns],
        "cells": [_cell(cell, standing) for cell in standing.matrix.cells],
    }
    return json.dumps(document, allow_nan=False, indent=1) + "\n"


def _cell(cell: Cell, standing: Standing) -> Json:
    entry = standing.entries.get(cell.key)
    variables = standing.matrix.variables
    return {
        "workload": cell.target,
        "python": cell.column.python or None,
        "variables": {
            name: shown_value(name, value, variables[name]) for name, value in cell.column.variables
        },
        "verdict": str(entry.verdict) if entry else None,
        "allowed": bool(entry and not entry.counts),
        "growth_bytes_per_iteration": (
            encode_growth(entry.growth) if entry and entry.growth else None
        ),
        "where": entry.where or None if entry else None,
        "reason": entry.reason if entry else standing.refused.get(cell.key),
        "record": entry.record if entry else None,
    }
