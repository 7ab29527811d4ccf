"""Launching: a workload goes in, an outcome and its call sites come out."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from leakcheck.driving.drive import Drive
from leakcheck.model.measurement import Ending
from leakcheck.model.native import NativeGrowth
from leakcheck.model.plan import Plan, Profiler
from leakcheck.run.bridge import bridge
from leakcheck.run.capture_file import CAPTURE_LIMIT_BYTES, CaptureFile, CaptureReader
from leakcheck.run.environment import child_environment
from leakcheck.run.limits import preparation_limit_s
from leakcheck.run.native import NATIVE_CAPTURE_LIMIT_BYTES, native_growth
from leakcheck.run.outcome import Observer, Outcome, Progress, Refine
from leakcheck.run.process import ChildProcess
from leakcheck.run.pytest_item import PytestItem, item_of
from leakcheck.run.supervise import Supervisor
from leakcheck.run.surroundings import Surroundings
from leakcheck.run.task_origins import find_origins

if TYPE_CHECKING:
    from leakcheck.driving.driver import Driver

_PATIENCE_S: Final = 30.0
"""A response that takes too long is the supervisor's to end: it says so in its own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How the runs of one command are launched.

    `variables` are the environment to start from; `interrupted` may be set from another
    thread at any time. `item` is the test that a target names, where its session knows more of it
    than its name; `drives` what is to be driven under targets that are routes, and `bodies` where
    the bodies of its responses go, None to nowhere. `folder` is the one that they start in, None
    for the present one; where it is named, the folders of captures are named from the root.
    """

    variables: Mapping[str, str]
    observe: Observer
    interrupted: threading.Event
    item: PytestItem | None = None
    drives: Mapping[str, Drive] = field(default_factory=dict)
    bodies: bytearray | None = None
    folder: Path | None = None

    def run(self, plan: Plan, refine: Refine, folder: Path) -> Outcome:
        """Return the outcome of a run whose capture and pages go into `folder`.

        Raises:
            TargetError: if the workload could not be loaded: then nothing was measured.
        """
        capture = CaptureFile(path=folder / "capture.bin")
        with self._ran(plan, refine, capture) as (outcome, reader):
            return self._with_sites(outcome, capture, reader)

    def run_natively(self, plan: Plan, folder: Path) -> NativeGrowth:
        """Return what a run with native stacks shows; its capture and page go into `folder`.

        Raises:
            TargetError: if the workload could not be loaded.
        """
        capture = CaptureFile(path=folder / "capture-native.bin")
        with self._ran(plan, lambda _: plan, capture, native=True) as (outcome, reader):
            self._show_reading(outcome)
            return native_growth(outcome, capture, reader, self.interrupted)

    @contextmanager
    def _ran(
        self, plan: Plan, refine: Refine, capture: CaptureFile, *, native: bool = False
    ) -> Iterator[tuple[Outcome, CaptureReader | None]]:
        """Run, and yield the outcome while the capture is there and somebody can read it."""
        limit_bytes = NATIVE_CAPTURE_LIMIT_BYTES if native else CAPTURE_LIMIT_BYTES
        with bridge() as way_in, self._driver(plan) as driver:
            child = self._start(plan, way_in, capture.path, native=native, driver=driver)
            reader = _reader(plan, way_in)
            around = Surroundings(
                refine=refine,
                observe=self.observe,
                interrupted=self.interrupted,
                capture_bytes=capture.size_bytes,
                capture_limit_bytes=limit_bytes,
                whole_tree=driver is not None,
                complaint=(lambda: driver.complaint) if driver else str,
            )
            keep = False
            try:
                outcome = _noted(Supervisor(plan, child, around).run(), driver)
                keep = plan.keep_capture
                yield outcome, reader
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
        self,
        plan: Plan,
        way_in: Path,
        capture: Path | None,
        *,
        only_load: bool = False,
        native: bool = False,
        driver: "Driver | None" = None,
    ) -> ChildProcess:
        environment, unset = child_environment(self.variables)
        tracks = plan.profiler is Profiler.MEMRAY and capture is not None
        folder = str(self.folder) if self.folder is not None else os.getcwd()  # noqa: PTH109 -- text
        drive = self.drives.get(plan.target)
        item = None if drive else self.item or item_of(plan.target, folder)
        ends = () if driver is None else (driver.childs_end,)
        order: dict[str, Any] = {
            "target": plan.target,
            "item": item.order() if item else None,
            "application": drive
            and {**drive.application.order(), "bell": ends[0] if ends else None},
            "folder": folder,
            "capture": str(capture) if tracks else None,
            "native": native,
            "only_load": only_load,
            "unset": unset,
        }
        child = ChildProcess(plan.python, way_in, order, environment, ends)
        if driver is not None:
            driver.start()
        return child

    @contextmanager
    def _driver(self, plan: Plan) -> "Iterator[Driver | None]":
        """Yield what drives the target, None where it is none that is driven."""
        drive = self.drives.get(plan.target)
        if drive is None:
            yield None
            return
        from leakcheck.driving.driver import Driver  # noqa: PLC0415 -- http.client takes its time

        timeout_s = preparation_limit_s(plan) + _PATIENCE_S
        driver = Driver(drive, timeout_s=timeout_s, bodies=self.bodies)
        try:
            yield driver
        finally:
            driver.close()

    def _with_sites(
        self, outcome: Outcome, capture: CaptureFile, reader: CaptureReader | None
    ) -> Outcome:
        measurement = outcome.measurement
        if reader is None or measurement.ending is Ending.INTERRUPTED:
            return outcome
        self._show_reading(outcome)
        readout = reader.read(capture, outcome, self.interrupted)
        measured = replace(
            measurement,
            sites=readout.table,
            task_origins=find_origins(readout, measurement.inventory),
            capture_stopped=readout.stopped,
            notes=(*measurement.notes, *readout.notes),
        )
        return replace(outcome, measurement=measured)

    def _show_reading(self, outcome: Outcome) -> None:
        self.observe(
            Progress(
                target=outcome.plan.target,
                phase="reading the capture",
                iterations=outcome.measurement.iterations,
            )
        )


def _noted(outcome: Outcome, driver: "Driver | None") -> Outcome:
    """Return the outcome with a note on how the application was driven, where it was."""
    if driver is None or not driver.note:
        return outcome
    measured = outcome.measurement
    return replace(outcome, measurement=replace(measured, notes=(*measured.notes, driver.note)))


def _reader(plan: Plan, way_in: Path) -> CaptureReader | None:
    return CaptureReader(plan.python, way_in) if plan.profiler is Profiler.MEMRAY else None
