"""`leakcheck`: from arguments to an exit code."""

import io
import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from leakcheck.cli.arguments import AnyCommand, build_parser, parse
from leakcheck.cli.baseline import BaselineCommand, baselined
from leakcheck.cli.bisecting import BisectCommand, bisect_shown
from leakcheck.cli.checking import drive, judge, run, verify
from leakcheck.cli.comparing import CompareCommand, compared_records, comparison_lines
from leakcheck.cli.completing import CompletionCommand, completion_script
from leakcheck.cli.doctor import DoctorCommand, examined, health_text, lines_of
from leakcheck.cli.driving import DriveCommand
from leakcheck.cli.executing import ExecCommand
from leakcheck.cli.exit_codes import (
    AFTER_A_COMPARISON,
    EXIT_CLEAN,
    EXIT_ERROR,
    EXIT_INTERRUPTED,
    EXIT_LEAK,
    EXIT_USAGE,
    exit_code,
)
from leakcheck.cli.files import write_text, write_verdicts
from leakcheck.cli.formats import write_report
from leakcheck.cli.judging import JudgeCommand
from leakcheck.cli.matrix import MatrixCommand
from leakcheck.cli.matrix_run import Voice, run_matrix
from leakcheck.cli.progress import view_on
from leakcheck.cli.reporting import Report, ReportCommand, reported
from leakcheck.cli.running import Command
from leakcheck.cli.saying import print_checked, say, terminated_as_interrupted, told_interrupted
from leakcheck.cli.screen import pour, screen_on
from leakcheck.cli.verifying import VerifyCommand
from leakcheck.cli.watching import WatchCommand
from leakcheck.cli.why import WhyCommand, explained
from leakcheck.model.errors import LeakcheckError, UsageError
from leakcheck.model.reported import Reported
from leakcheck.record.comparison_json import comparison_text
from leakcheck.wording.rows import shown_path

if TYPE_CHECKING:
    from leakcheck.cli.saying import Screen


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the terminal cannot show costs that name, not the verdict.
        sys.stdout.reconfigure(errors="backslashreplace")
    console, errors = (screen_on(file, os.environ) for file in (sys.stdout, sys.stderr))
    try:
        return _do(parse(arguments), console, errors)
    except UsageError as error:
        say(errors, f"leakcheck: {error}")
        return EXIT_USAGE
    except LeakcheckError as error:
        say(errors, f"leakcheck: {error}")
        return EXIT_ERROR
    except KeyboardInterrupt:
        say(errors, "leakcheck: interrupted")
        return EXIT_INTERRUPTED
    except OSError as error:
        # A full or forbidden temporary folder, too many open files, a working folder that is gone.
        say(errors, f"leakcheck: the machine refused ({error})")
        return EXIT_ERROR
    except Exception:  # noqa: BLE001 -- a bug: Python's own exit code for it is 1, which means LEAK
        traceback.print_exc()
        return EXIT_ERROR


def _do(command: AnyCommand, console: "Screen", errors: "Screen") -> int:
    return _ACTIONS[type(command)](command, console, errors)


def _run_cells(command: MatrixCommand, console: "Screen", errors: "Screen") -> int:
    interrupted = threading.Event()
    if console.is_terminal and errors.is_terminal:
        errors = console
    voice = Voice(
        say=lambda line: say(console, line),
        complain=lambda line: say(errors, f"leakcheck: {line}"),
        view=view_on(console, errors),
    )
    with terminated_as_interrupted():
        standing = run_matrix(command, voice, interrupted)
    if command.plan:
        return EXIT_CLEAN
    if interrupted.is_set():
        return told_interrupted(command.settings, errors)
    if standing.refused:
        return EXIT_USAGE
    return exit_code(
        [entry.verdict for entry in standing.entries.values() if entry.counts],
        allow_inconclusive=command.allow_inconclusive,
        warn_only=command.warn_only,
    )


def _explain(command: WhyCommand, console: "Screen", errors: "Screen") -> int:
    found = explained(command)
    one = Reported(record=found.checked.record, explanation=found.explanation)
    print_checked(found.checked, console, errors, one)
    if command.json is not None:
        write_verdicts(command.json, [one])
    return exit_code([one.verdict], allow_inconclusive=False, warn_only=False)


def _report(command: ReportCommand, console: "Screen", _: "Screen") -> int:
    _put(reported(command), console)
    return EXIT_CLEAN


def _compare(command: CompareCommand, console: "Screen", _: "Screen") -> int:
    compared = compared_records(command)
    if command.json is not None:
        before, after = compared.before.record, compared.after.record
        write_text(command.json, comparison_text(compared.difference, before, after))
    if compared.report is not None and compared.report.file is None:
        _put(compared.report, console)  # standard output holds the report alone
        return AFTER_A_COMPARISON[compared.difference.word]
    for line in comparison_lines(compared):
        say(console, line)
    if compared.report is not None:
        _put(compared.report, console)
    return AFTER_A_COMPARISON[compared.difference.word]


def _put(report: Report, console: "Screen") -> None:
    """Write a report to where it belongs, and say where that is."""
    if report.file is None:
        pour(sys.stdout, report.content)
    else:
        say(console, f"wrote {shown_path(write_report(report.file, report.content))}")


def _examine(command: DoctorCommand, console: "Screen", _: "Screen") -> int:
    with terminated_as_interrupted():
        health = examined(command)
    for line in lines_of(health):
        say(console, line)
    if command.json is not None:
        write_text(command.json, health_text(health))
    return EXIT_CLEAN if health.reason is None else EXIT_LEAK


def _complete(command: CompletionCommand, _: "Screen", __: "Screen") -> int:
    pour(sys.stdout, completion_script(build_parser(), command.shell).encode())
    return EXIT_CLEAN


def _baseline(command: BaselineCommand, console: "Screen", errors: "Screen") -> int:
    found = baselined(command)
    for line in found.remarks:
        say(errors, f"leakcheck: {line}")
    for line in found.lines:
        say(console, line)
    return EXIT_CLEAN


def _bisect(command: BisectCommand, console: "Screen", errors: "Screen") -> int:
    with terminated_as_interrupted():
        return bisect_shown(command, console, errors)


def _watch(command: WatchCommand, console: "Screen", errors: "Screen") -> int:
    from leakcheck.cli.watched import Telling, watched_until_end  # noqa: PLC0415 -- rarely needed

    with terminated_as_interrupted(), Telling(console, errors, say) as telling:
        return watched_until_end(command, telling)


_ACTIONS: Final[Mapping[type[AnyCommand], Callable[[Any, "Screen", "Screen"], int]]] = {
    Command: run,
    ExecCommand: run,
    JudgeCommand: judge,
    VerifyCommand: verify,
    DoctorCommand: _examine,
    WhyCommand: _explain,
    ReportCommand: _report,
    CompareCommand: _compare,
    BaselineCommand: _baseline,
    BisectCommand: _bisect,
    MatrixCommand: _run_cells,
    CompletionCommand: _complete,
    DriveCommand: drive,
    WatchCommand: _watch,
}
