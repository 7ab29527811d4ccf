"""The pipeline: resolve, run, judge, record."""

import contextlib
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from leakcheck._version import __version__
from leakcheck.analysis.decision import judge
from leakcheck.analysis.masking import MASK
from leakcheck.driving.drive import Drive
from leakcheck.fanout import at_once
from leakcheck.model.errors import TargetError
from leakcheck.model.options import Options, workload_options
from leakcheck.model.plan import Plan, Profiler
from leakcheck.model.route import route_of
from leakcheck.model.run_record import Machine, RunRecord
from leakcheck.model.verdict import Verdict
from leakcheck.probes.cgroup import container_limit
from leakcheck.probes.machine import machine_memory
from leakcheck.record.store import RecordStore
from leakcheck.run.again import called, native_stacks
from leakcheck.run.capture_file import GROWTH_PAGE
from leakcheck.run.interpreter import Interpreter, examine, own_interpreter
from leakcheck.run.launch import Launch
from leakcheck.run.outcome import Observer, Outcome
from leakcheck.run.pytest_item import PytestItem

_MOST_MEMORY: Final = 2 << 30
_SHARE_OF_AVAILABLE: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One workload that was checked.

    `folder` holds the record. `traceback` and `output_tail` are the workload's own last
    words: they are for the terminal and never go into a record.
    """

    record: RunRecord
    folder: Path
    traceback: tuple[str, ...] = ()
    output_tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How workloads are to be checked.

    `configured` are options that hold unless a workload gives its own with its mark;
    `commanded` win over both. `variables` are the environment that children start from; `item` is
    the test that the one target names, where a session of pytest's knows how it found it;
    `drives` are the requests that stand behind targets which are routes. `folder` is the one that
    children start in and look for targets in; where it is named, so is `out`, from the root.
    """

    out: Path = Path(".leakcheck")
    python: Path = field(default_factory=own_interpreter)
    jobs: int = 1
    configured: Options = field(default_factory=Options)
    commanded: Options = field(default_factory=Options)
    variables: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    item: PytestItem | None = None
    drives: Mapping[str, Drive] = field(default_factory=dict)
    folder: Path | None = None


def _ignore(_: object) -> None:
    """Take no notice."""


def check(
    targets: Sequence[str],
    settings: Settings | None = None,
    *,
    observe: Observer = _ignore,
    done: Callable[[Checked], None] = _ignore,
    interrupted: threading.Event | None = None,
) -> list[Checked]:
    """Return each of `targets` that was checked, in their order.

    `observe` is shown the progress and `done` each workload when it is finished, from any
    thread. A KeyboardInterrupt, or setting `interrupted`, ends the runs under way; what they
    measured is kept.

    Raises:
        UsageError: if a target, the interpreter or the output folder cannot be used: then
            nothing was run.
        RecordError: if a record cannot be written.
    """
    settings = settings or Settings()
    stop = interrupted or threading.Event()
    one = _pipeline(targets, settings, observe, done, stop)
    one.store.prepare()
    if len(targets) > 1:
        # A single target is resolved by its own child, before that runs anything of it.
        at_once(
            _loaded_apart(targets, settings),
            one.resolve,
            jobs=os.cpu_count() or 1,
            interrupted=stop,
        )
    if stop.is_set():
        return []
    found = at_once(targets, one.check, jobs=settings.jobs, interrupted=stop)
    return [checked for checked in found if checked is not None]


def load(target: str, settings: Settings, interrupted: threading.Event) -> None:
    """Load `target` as a check of it would, and do nothing more.

    Raises:
        UsageError: if the target or the interpreter cannot be used.
    """
    _pipeline([target], settings, _ignore, _ignore, interrupted).resolve(target)


def _pipeline(
    targets: Sequence[str],
    settings: Settings,
    observe: Observer,
    done: Callable[[Checked], None],
    stop: threading.Event,
) -> "_Pipeline":
    for target in targets:
        if target not in settings.drives:
            require_form(target)
    profiler = settings.commanded.over(settings.configured).profiler or Profiler.MEMRAY
    return _Pipeline(
        settings=settings,
        interpreter=examine(settings.python, profiler),
        store=RecordStore(settings.out),
        launch=Launch(
            variables=settings.variables,
            observe=observe,
            interrupted=stop,
            item=settings.item,
            drives=settings.drives,
            folder=settings.folder,
        ),
        done=done,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pipeline:
    """The way of one target through the rooms."""

    settings: Settings
    interpreter: Interpreter
    store: RecordStore
    launch: Launch
    done: Callable[[Checked], None]

    def resolve(self, target: str) -> None:
        """Load the target and nothing more."""
        self.launch.require_loadable(self._plan(target, {}), lambda own: self._plan(target, own))

    def check(self, target: str) -> Checked:
        """Run, judge and record one target."""
        started = datetime.now(UTC)
        record_id = self.store.new_id(started, target)
        folder = self.store.folder(record_id)
        try:
            outcome = self.launch.run(
                self._plan(target, {}), lambda own: self._plan(target, own), folder
            )
            record = self._record(record_id, started, outcome)
            if record.judgement.verdict is Verdict.CLEAN:
                (folder / GROWTH_PAGE).unlink(missing_ok=True)
            self.store.save(record)
            record = self._with_native_stacks(record, folder)
        except BaseException:
            # Nothing is recorded; rmdir leaves the folder alone if something is in it.
            with contextlib.suppress(OSError):
                folder.rmdir()
            raise
        self.store.prune(keep=record_id)
        checked = Checked(
            record=record,
            folder=folder,
            traceback=outcome.traceback,
            output_tail=outcome.output_tail,
        )
        self.done(checked)
        return checked

    def _plan(self, target: str, own: Mapping[str, object]) -> Plan:
        options = workload_options(target, own).over(self.settings.configured)
        options = self.settings.commanded.over(options)
        return options.plan(
            target,
            self.settings.python,
            memory_limit_bytes=default_memory_limit(self.settings.jobs),
        )

    def _with_native_stacks(self, record: RunRecord, folder: Path) -> RunRecord:
        """Return `record` with what a second run showed, if one was made; it is stored by then."""
        native = native_stacks(record, self.launch, folder)
        if native == record.measurement.native:
            return record
        record = replace(record, measurement=replace(record.measurement, native=native))
        self.store.save(record)
        return record

    def _record(self, record_id: str, started: datetime, outcome: Outcome) -> RunRecord:
        judgement = judge(outcome.measurement, outcome.plan.thresholds)
        return RunRecord(
            id=record_id,
            started_at=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            leakcheck=__version__,
            plan=outcome.plan,
            machine=machine_of(self.interpreter),
            measurement=replace(outcome.measurement, native=called(outcome.measurement, judgement)),
            judgement=judgement,
        )


def _loaded_apart(targets: Sequence[str], settings: Settings) -> list[str]:
    """Return the targets, of all routes of one application the first: they load the same."""
    found: dict[object, str] = {}
    for target in targets:
        drive = settings.drives.get(target)
        found.setdefault(drive.application if drive else target, target)
    return list(found.values())


def require_form(target: str) -> None:
    """Do nothing if `target` has the form of one.

    Raises:
        TargetError: if it has not, or is a route, of which it is not known what it is sent.
    """
    route = route_of(target)
    if route is not None:
        command = f"`leakcheck {route.protocol} {route.application} --request '{route.request}'`"
        hidden = ", with what *** stands for" if MASK in route.request else ""
        msg = f"{target}: found a route, wanted it driven: {command}{hidden}, and its headers"
        raise TargetError(msg)
    place, colon, name = target.rpartition(":")
    if not (place and colon and name):
        msg = f"{target!r} is no target: wanted package.module:name or path/to/file.py:name"
        raise TargetError(msg)


def default_memory_limit(jobs: int) -> int:
    """Return the growth in bytes that one of `jobs` children may have by default."""
    available = machine_memory().available_bytes
    return min(_MOST_MEMORY, available // (_SHARE_OF_AVAILABLE * max(jobs, 1)))


def machine_of(interpreter: Interpreter) -> Machine:
    """Return where a run takes place, in this interpreter or another."""
    limit = container_limit()
    return Machine(
        python=interpreter.python,
        memray=interpreter.memray,
        libc=interpreter.libc,
        platform=interpreter.platform,
        cpu_count=os.cpu_count() or 1,
        memory_bytes=machine_memory().total_bytes,
        container_limit_bytes=limit.limit_bytes if limit else None,
    )
