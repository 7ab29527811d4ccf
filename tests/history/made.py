"""Benchmark files and runs, made up."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.history.facts import Commit, Figure, Kind, Machine, Metric, Result, Run

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HERE = Machine(facts={"cpu": "one", "python": "CPython 3.11"})


def document(name: str = "bench/bench_a.py::bench_a", median: float = 0.5) -> dict[str, Any]:
    """Return a benchmark file as plain JSON."""
    return {
        "machine_info": {
            "node": "a-host",
            "machine": "x86_64",
            "system": "Linux",
            "release": "6.1",
            "python_version": "3.11.7",
            "python_implementation": "CPython",
            "cpu": {"brand_raw": "A CPU", "count": 2},
            "packages": {"memray": "1.20.0"},
        },
        "commit_info": {
            "id": "a" * 40,
            "time": "2026-11-25T10:00:00+01:00",
            "dirty": False,
            "branch": "main",
        },
        "benchmarks": [
            {
                "fullname": name,
                "options": {"max_time": 1.0},
                "stats": {"median": median, "q1": median * 0.9, "q3": median * 1.1},
                "extra_info": {"peak_bytes": 2_000, "allocations": 30},
            }
        ],
        "datetime": "2026-11-25T12:00:00+00:00",
        "version": "5.3.1",
    }


def text(**changed: Any) -> str:
    """Return a benchmark file, with some members of it `changed`."""
    return json.dumps({**document(), **changed})


def run(
    number: int = 0,
    *,
    value: float = 1.0,
    machine: Machine = HERE,
    subject: str = "bench_a",
    metric: Metric = Metric.TIME,
    **changed: Any,
) -> Run:
    """Return a run of one benchmark, of a commit of its own."""
    at = NOON + timedelta(hours=number)
    return Run(
        source=changed.pop("source", f"made:{machine.key[:6]}:{subject}:{number}"),
        kind=changed.pop("kind", Kind.BENCHMARK),
        started_at=at,
        commit=changed.pop("commit", Commit(id=f"{number:040x}", committed_at=at)),
        machine=machine,
        results=(Result(subject=subject, figures={metric: Figure(value=value)}),),
        **changed,
    )
