"""Checked runs for benchmarks: what a check does with a workload, up to the end of its child."""

import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from leakcheck.model.plan import Plan
from leakcheck.run.capture_file import CAPTURE_LIMIT_BYTES
from leakcheck.run.environment import child_environment
from leakcheck.run.outcome import Outcome
from leakcheck.run.process import ChildProcess
from leakcheck.run.supervise import Supervisor
from leakcheck.run.surroundings import Surroundings

PROJECT: Final = Path(__file__).parent.parent
_TIME_LIMIT_S: Final = 1_800


def run_checked(
    target: str, way_in: Path, iterations: int, variables: Mapping[str, str], capture: Path | None
) -> Outcome:
    """Return the outcome of a run of exactly so many iterations, its `capture` closed."""
    plan = Plan(
        target=target,
        python=Path(sys.executable),
        iterations=iterations,
        exact=True,
        time_limit_s=_TIME_LIMIT_S,
    )
    around = Surroundings(
        refine=lambda _: plan,
        observe=lambda _: None,
        interrupted=threading.Event(),
        capture_bytes=lambda: 0,
        capture_limit_bytes=CAPTURE_LIMIT_BYTES,
    )
    child = start_child(target, way_in, variables, capture)
    outcome = Supervisor(plan, child, around).run()
    assert outcome.measurement.iterations == iterations, outcome.measurement.failure
    return outcome


def start_child(
    target: str, way_in: Path, variables: Mapping[str, str], capture: Path | None
) -> ChildProcess:
    """Return a child that runs `target`, under memray where there is a `capture` to write."""
    environment, unset = child_environment(variables)
    order: dict[str, Any] = {
        "target": target,
        "folder": str(PROJECT),
        "capture": None if capture is None else str(capture),
        "native": False,
        "only_load": False,
        "item": None,
        "application": None,
        "unset": unset,
    }
    return ChildProcess(Path(sys.executable), way_in, order, environment)
