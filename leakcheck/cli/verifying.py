"""`leakcheck verify-fix`: the workload of a record that was a LEAK, run again after its fix."""

import argparse
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leakcheck.analysis.fixed import compare
from leakcheck.analysis.repeat import repeat_command
from leakcheck.check import Settings
from leakcheck.cli.exit_codes import EXIT_CLEAN, EXIT_ERROR, EXIT_INCONCLUSIVE, EXIT_LEAK
from leakcheck.cli.layout import Commands, add_command
from leakcheck.cli.records import stored
from leakcheck.configuration.table import Configuration
from leakcheck.configuration.values import interpreter_named, out_of, writable
from leakcheck.model.errors import TargetError, UsageError
from leakcheck.model.fix import Answer, Comparison
from leakcheck.model.options import Options
from leakcheck.model.plan import Plan
from leakcheck.model.route import route_of
from leakcheck.model.run_record import RunRecord
from leakcheck.model.verdict import Verdict
from leakcheck.record.ids import is_id
from leakcheck.run.interpreter import own_interpreter

_HELP: Final = "run the workload of a LEAK again and say whether it is fixed"
_EXAMPLES: Final = """\
examples:
  leakcheck verify-fix 20261123T120000Z-tick-1a2b3c       # an id in --out
  leakcheck verify-fix .leakcheck/2*-tick-* --json after.json

It runs from this folder what the record names, in the interpreter that it names
and with its options; so take a record whose maker you trust. The new record
goes where the old one is, which is not changed. The last line is the answer:
  fixed: 1,108 -> below 1.7 B an iteration (at 99 %)
  better, not fixed: 1,108 -> 64 B an iteration (63.5 .. 64.5)
  not fixed: 1,108 -> 1,101 B an iteration (1,095 .. 1,107)
  not sure: 1,108 -> 2 B an iteration (-1 .. 5): ...

exit codes: 0 fixed, 1 not fixed, 2 wrong arguments or a record of no LEAK,
            3 not sure, 4 it could not be measured, 130 interrupted
"""

EXIT_CODES: Final = {
    Answer.FIXED: EXIT_CLEAN,
    Answer.BETTER: EXIT_LEAK,
    Answer.NOT_FIXED: EXIT_LEAK,
    Answer.NOT_SURE: EXIT_INCONCLUSIVE,
    Answer.NOT_MEASURED: EXIT_ERROR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyCommand:
    """A `leakcheck verify-fix`: which record, and how; None is as in the record."""

    record: str
    configured_out: Path
    out: Path | None = None
    python: Path | None = None
    json: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The record of a LEAK, and the settings with which its workload is run once more."""

    record: RunRecord
    settings: Settings


def add_verify(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the arguments of `leakcheck verify-fix`."""
    parser = add_command(
        commands, "verify-fix", usage="BEFORE [options]", does=_HELP, more=_EXAMPLES
    )
    parser.add_argument(
        "record", metavar="BEFORE", help="the record of a LEAK: its id, its folder or its file"
    )
    parser.add_argument(
        "--python", metavar="PATH", help="the interpreter to run in (default: that of the record)"
    )
    parser.add_argument("--json", metavar="FILE", help="write the new verdict as JSON")
    parser.add_argument(
        "--out", metavar="DIR", help="where ids are looked for, and the new record goes"
    )


def verify_command(given: argparse.Namespace, configuration: Configuration) -> VerifyCommand:
    """Return what the arguments ask for; of the configuration, only where records are.

    Raises:
        UsageError: if a value is none of its kind.
    """
    return VerifyCommand(
        record=given.record,
        configured_out=out_of(None, configuration),
        out=Path(given.out) if given.out is not None else None,
        python=interpreter_named(given.python, Path.cwd()) if given.python is not None else None,
        json=writable("json", Path(given.json)) if given.json is not None else None,
    )


def before_of(command: VerifyCommand) -> Before:
    """Return the record that `command` names, with the settings of its run.

    Raises:
        UsageError: if it is missing, damaged or no LEAK, or its interpreter is not there.
    """
    one = stored(command.record, command.out or command.configured_out)
    record, found = one.record, one.record.judgement.verdict
    if found is not Verdict.LEAK:
        msg = f"{record.id}: found {found}, wanted the record of a LEAK: there is no fix to verify"
        raise UsageError(msg)
    _refuse_route(record)
    _require_workload(record)
    settings = Settings(
        out=command.out or _place_of(one.folder, command.configured_out),
        python=command.python or _interpreter_of(record),
        commanded=options_of(record.plan),
    )
    return Before(record=record, settings=settings)


def _refuse_route(record: RunRecord) -> None:
    """Say what to do instead: what a route is sent besides its path is in no record."""
    if route_of(record.plan.target) is None:
        return
    again = repeat_command(record.plan, project=Path.cwd(), own_python=own_interpreter())
    msg = (
        f"{record.id}: found a route, whose headers and body are in no record, wanted it driven "
        f"again with them and compared: {again}, then leakcheck compare {record.id} NEW"
    )
    raise UsageError(msg)


def options_of(plan: Plan) -> Options:
    """Return the options that lead to `plan` again, whatever the workload's mark says by now.

    >>> plan = Plan(target="jobs.py:tick", python=Path("python"), iterations=300, exact=True)
    >>> options_of(plan).plan(plan.target, plan.python, memory_limit_bytes=1) == plan
    True
    """
    return Options(
        iterations=None if plan.exact else plan.iterations,
        exact_iterations=plan.iterations if plan.exact else None,
        time_limit_s=plan.time_limit_s,
        memory_limit_bytes=plan.memory_limit_bytes,
        threshold_bytes=plan.thresholds.bytes_per_iteration,
        count_threshold=plan.thresholds.counts_per_iteration,
        profiler=plan.profiler,
        keep_capture=plan.keep_capture,
        native=plan.native,
    )


def compared(before: Before, after: RunRecord) -> Comparison:
    """Return what the fix was worth."""
    return compare(
        before.record.judgement, after.judgement, thresholds=before.record.plan.thresholds
    )


@contextlib.contextmanager
def resolved_from_here(before: Before) -> Iterator[None]:
    """Say of a target that cannot be loaded who named it, and from where it was looked for.

    Raises:
        TargetError: if one was raised.
    """
    try:
        yield
    except TargetError as error:
        named = f"{before.record.id} names {before.record.plan.target}"
        msg = f"{error} ({named}, looked for from {Path.cwd()})"
        raise TargetError(msg) from error


def _place_of(folder: Path, configured: Path) -> Path:
    """Return the folder that the record's own folder lies in, if that is a place of records."""
    return folder.parent if is_id(folder.name) else configured


def _require_workload(record: RunRecord) -> None:
    if record.plan.program:
        msg = (
            f"{record.id}: found the record of a program, which keeps none of its secrets, wanted "
            "that of a workload: run leakcheck exec again, then leakcheck compare"
        )
        raise UsageError(msg)


def _interpreter_of(record: RunRecord) -> Path:
    python = record.plan.python
    if not python.exists():
        msg = f"{python}: found no interpreter there, which {record.id} names, wanted --python PATH"
        raise UsageError(msg)
    return python
