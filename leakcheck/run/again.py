"""Running a leak once more, with native stacks: whether it is worth it, and what comes of it."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from leakcheck.analysis.opaque import (
    is_native,
    opaque_call,
    opaque_frame,
    sits_on_native_code,
)
from leakcheck.model.errors import LeakcheckError
from leakcheck.model.measurement import Measurement
from leakcheck.model.native import NativeGrowth
from leakcheck.model.run_record import RunRecord
from leakcheck.model.verdict import Judgement
from leakcheck.run.launch import Launch
from leakcheck.run.native import second_plan
from leakcheck.run.outcome import Progress
from leakcheck.run.sources import source_of

_PART: Final = "(again, with native stacks)"
_UNSEEN: Final = "not run again: what memray does not see grow has none"


def called(measurement: Measurement, judgement: Judgement) -> NativeGrowth | None:
    """Return the call into C on the line that grows most, None where there is none."""
    frame = opaque_frame(measurement, judgement)
    call = opaque_call(source_of(frame.file), frame.line) if frame else ""
    return NativeGrowth(call=call) if call else None


def native_stacks(record: RunRecord, launch: Launch, folder: Path) -> NativeGrowth | None:
    """Return what is known of native code in a leak, after a second run if there is to be one.

    That run changes no verdict, and whatever becomes of it costs the native stacks only.
    """
    before = record.measurement.native
    if not record.plan.native or launch.interrupted.is_set():
        return before
    if sits_on_native_code(record.judgement, before):
        return replace(_run(record, launch, folder), call=before.call if before else "")
    return NativeGrowth(note=_UNSEEN) if is_native(record.judgement) else before


def _run(record: RunRecord, launch: Launch, folder: Path) -> NativeGrowth:
    def observe(progress: Progress) -> None:
        # What the second run would say is nobody's verdict.
        launch.observe(replace(progress, part=_PART, provisional=None))

    pieces = record.judgement.sites[0].objects_per_iteration
    plan = second_plan(record.plan, record.measurement.iterations, pieces)
    try:
        return replace(launch, observe=observe).run_natively(plan, folder)
    except (LeakcheckError, OSError) as error:
        return NativeGrowth(note=f"the second run failed ({error})")
