"""The second run of a leak, with native stacks: how long it is, and what it showed."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from leakcheck.model.measurement import Ending, Measurement
from leakcheck.model.native import NativeFrame, NativeGrowth, NativeSite
from leakcheck.model.plan import Plan
from leakcheck.run.capture_file import CaptureFile, CaptureReader, UnreadError, read_stack
from leakcheck.run.outcome import Outcome

NATIVE_CAPTURE_LIMIT_BYTES: Final = 128 << 20
PAGE: Final = "growth-native.html"
_ENOUGH: Final = 2_000
_ENOUGH_PIECES: Final = 16
"""So many have to be kept for their growth to show, where not every iteration keeps one."""
_FEWEST_ITERATIONS: Final = 20
"""With fewer there are no four quarters of a run to tell apart."""


def second_plan(plan: Plan, iterations: int, pieces_per_iteration: float) -> Plan:
    """Return the plan of a second run, after one of so many iterations.

    It runs a fixed number of them, no more than the first did: its own verdict is nobody's
    concern. `pieces_per_iteration` are what the line keeps that grows most.
    """
    wanted = float(_ENOUGH)
    if 0 < pieces_per_iteration < 1:
        wanted = max(wanted, min(_ENOUGH_PIECES / pieces_per_iteration, iterations))
    return replace(
        plan, iterations=max(min(iterations, int(wanted)), _FEWEST_ITERATIONS), exact=True
    )


def native_growth(
    outcome: Outcome,
    capture: CaptureFile,
    reader: CaptureReader | None,
    interrupted: threading.Event,
) -> NativeGrowth:
    """Return which native stacks grew in a second run, or in one sentence why none is known."""
    measurement = outcome.measurement
    found = NativeGrowth(iterations=measurement.iterations, elapsed_s=measurement.elapsed_s)
    if reader is None or measurement.ending in (Ending.FAILED, Ending.INTERRUPTED):
        return replace(found, note=_failure(measurement))
    try:
        content, _ = reader.content(
            capture, outcome, interrupted, native=capture.path.with_name(PAGE)
        )
    except UnreadError as error:
        return replace(found, note=str(error))
    sites = tuple(map(_site, content["sites"]))
    return replace(found, sites=sites, note="" if sites else _nothing(measurement))


def _failure(measurement: Measurement) -> str:
    if measurement.ending is Ending.INTERRUPTED:
        return "the second run was interrupted"
    return f"the second run {measurement.failure or 'was not recorded'}"


def _nothing(measurement: Measurement) -> str:
    """Return why nothing grew in a second run."""
    after = f"after {measurement.iterations:,} iterations"
    early = {
        Ending.CAPTURE_LIMIT: f"its capture was full {after}",
        Ending.TIME_LIMIT: f"its time was up {after}",
        Ending.MEMORY_LIMIT: f"it was at the memory limit {after}",
    }
    why = early.get(measurement.ending)
    return f"nothing grew steadily in the second run{': ' + why if why else ''}"


def _site(told: Mapping[str, Any]) -> NativeSite:
    return NativeSite(
        stack=read_stack(told["stack"]),
        native=tuple(NativeFrame(**frame) for frame in told["native"]),
        allocator=str(told["allocator"]),
        bytes_per_iteration=float(told["bytes_per_iteration"]),
        objects_per_iteration=float(told["objects_per_iteration"]),
    )
