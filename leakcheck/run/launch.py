"""Launching: a workload goes in, an outcome and its call sites come out."""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from leakcheck.model.measurement import Ending
from leakcheck.model.plan import Plan, Profiler
from leakcheck.run.bridge import bridge
from leakcheck.run.capture_file import CAPTURE_LIMIT_BYTES, CaptureFile, CaptureReader
from leakcheck.run.environment import child_environment
from leakcheck.run.outcome import Observer, Outcome, Progress, Refine
from leakcheck.run.process import ChildProcess
from leakcheck.run.supervise import Supervisor, Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How the runs of one command are launched.

    `variables` are the environment to start from; `interrupted` may be set from another
    thread at any time.
    """

    variables: Mapping[str, str]
    observe: Observer
    interrupted: threading.Event

    def run(self, plan: Plan, refine: Refine, folder: Path) -> Outcome:
        """Return the outcome of a run whose capture and pages go into `folder`.

        Raises:
            TargetError: if the workload could not be loaded: then nothing was measured.
        """
        capture = CaptureFile(path=folder / "capture.bin")
        with bridge() as way_in:
            child = self._start(plan, way_in, capture.path, only_load=False)
            reader = _reader(plan, way_in)
            around = Surroundings(
                refine=refine,
                observe=self.observe,
                interrupted=self.interrupted,
                capture_bytes=capture.size_bytes,
                capture_limit_bytes=CAPTURE_LIMIT_BYTES,
            )
            keep = False
            try:
                outcome = Supervisor(plan, child, around).run()
                keep = plan.keep_capture
                return self._with_sites(outcome, capture, reader)
            finally:
                if reader is not None:
                    reader.close()
                if not keep:
                    capture.path.unlink(missing_ok=True)

    def require_loadable(self, plan: Plan, refine: Refine) -> None:
        """Load a workload in a process that does nothing else with it.

        Raises:
            UsageError: if it cannot be loaded, or `refine` refuses the options of its mark.
        """
        with bridge() as way_in:
            child = self._start(plan, way_in, None, only_load=True)
            around = Surroundings(
                refine=refine,
                observe=lambda _: None,
                interrupted=self.interrupted,
                capture_bytes=lambda: 0,
                capture_limit_bytes=CAPTURE_LIMIT_BYTES,
                only_load=True,
            )
            Supervisor(plan, child, around).run()

    def _start(
        self, plan: Plan, way_in: Path, capture: Path | None, *, only_load: bool
    ) -> ChildProcess:
        environment, unset = child_environment(self.variables)
        tracks = plan.profiler is Profiler.MEMRAY and capture is not None
        order: dict[str, Any] = {
            "target": plan.target,
            "folder": os.getcwd(),  # noqa: PTH109 -- goes into JSON as text
            "capture": str(capture) if tracks else None,
            "only_load": only_load,
            "unset": unset,
        }
        return ChildProcess(plan.python, way_in, order, environment)

    def _with_sites(
        self, outcome: Outcome, capture: CaptureFile, reader: CaptureReader | None
    ) -> Outcome:
        plan, measurement = outcome.plan, outcome.measurement
        if reader is None or measurement.ending is Ending.INTERRUPTED:
            return outcome
        self.observe(
            Progress(
                target=plan.target, phase="reading the capture", iterations=measurement.iterations
            )
        )
        readout = reader.read(capture, outcome, self.interrupted)
        measured = replace(
            measurement,
            sites=readout.table,
            capture_stopped=readout.stopped,
            notes=(*measurement.notes, *readout.notes),
        )
        return replace(outcome, measurement=measured)


def _reader(plan: Plan, way_in: Path) -> CaptureReader | None:
    return CaptureReader(plan.python, way_in) if plan.profiler is Profiler.MEMRAY else None
