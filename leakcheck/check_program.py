"""The pipeline of a program that is seen from outside: run, judge, record."""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePath

from leakcheck._version import __version__
from leakcheck.analysis.decision import judge
from leakcheck.check import Checked, Settings, default_memory_limit, machine_of
from leakcheck.fanout import at_once
from leakcheck.model.options import Options
from leakcheck.model.plan import DEFAULT_PROGRAM_THRESHOLD_BYTES, Plan, Profiler
from leakcheck.model.run_record import RunRecord
from leakcheck.record.store import RecordStore
from leakcheck.run.interpreter import examine, own_interpreter
from leakcheck.run.outcome import Observer
from leakcheck.run.program.launch import ProgramLaunch
from leakcheck.run.program.order import Order


def check_program(
    order: Order,
    settings: Settings,
    *,
    observe: Observer,
    done: Callable[[Checked], None],
    interrupted: threading.Event,
) -> list[Checked]:
    """Return the program of `order`, checked; see `leakcheck.check.check`.

    Of the options, what a workload alone can have means nothing here; a threshold that the
    configuration gives is one for heap in use, and does not hold.

    Raises:
        UsageError: if the program cannot be started, or the output folder cannot be used.
        RecordError: if a record cannot be written.
    """
    store = RecordStore(settings.out)
    store.prepare()
    launch = ProgramLaunch(variables=settings.variables, observe=observe, interrupted=interrupted)

    def one(order: Order) -> Checked:
        checked = _checked(order, program_plan(order, settings), launch, store)
        done(checked)
        return checked

    found = at_once([order], one, jobs=1, interrupted=interrupted)
    return [checked for checked in found if checked is not None]


def program_plan(order: Order, settings: Settings) -> Plan:
    """Return the plan for a program, in which nothing of its secrets is.

    Raises:
        UsageError: if a number is out of its range.
    """
    configured = replace(settings.configured, threshold_bytes=DEFAULT_PROGRAM_THRESHOLD_BYTES)
    fixed = Options(profiler=Profiler.NONE, keep_capture=False, native=False)
    options = fixed.over(settings.commanded.over(configured))
    plan = options.plan(order.target, own_interpreter(), memory_limit_bytes=default_memory_limit(1))
    return replace(plan, program=order.masked_arguments)


def _checked(order: Order, plan: Plan, launch: ProgramLaunch, store: RecordStore) -> Checked:
    started = datetime.now(UTC)
    record_id = store.new_id(started, f"exec:{PurePath(order.masked_words[0]).name}")
    folder = store.folder(record_id)
    try:
        outcome = launch.run(plan, order)
        record = RunRecord(
            id=record_id,
            started_at=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            leakcheck=__version__,
            plan=plan,
            machine=machine_of(examine(own_interpreter(), Profiler.NONE)),
            measurement=outcome.measurement,
            judgement=judge(outcome.measurement, plan.thresholds),
        )
        store.save(record)
    except BaseException:
        # Nothing is recorded; rmdir leaves the folder alone if something is in it.
        with contextlib.suppress(OSError):
            folder.rmdir()
        raise
    store.prune(keep=record_id)
    return Checked(record=record, folder=folder, output_tail=outcome.output_tail)
