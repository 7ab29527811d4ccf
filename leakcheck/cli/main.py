"""`leakcheck`: from arguments to an exit code."""

import contextlib
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from leakcheck.analysis.places import shown_text
from leakcheck.check import Checked, Settings, check
from leakcheck.cli.arguments import AnyCommand, build_parser, parse
from leakcheck.cli.baseline import BaselineCommand, baselined
from leakcheck.cli.bisecting import BisectCommand, bisect_shown
from leakcheck.cli.comparing import CompareCommand, compared_records, comparison_lines
from leakcheck.cli.completing import CompletionCommand, completion_script
from leakcheck.cli.doctor import DoctorCommand, examined, health_text, lines_of
from leakcheck.cli.drawing import Drawing, drawn
from leakcheck.cli.driving import DriveCommand, driven
from leakcheck.cli.elsewhere import Checker
from leakcheck.cli.executing import ExecCommand
from leakcheck.cli.exit_codes import (
    AFTER_A_COMPARISON,
    AFTER_A_FIX,
    EXIT_CLEAN,
    EXIT_ERROR,
    EXIT_INTERRUPTED,
    EXIT_LEAK,
    EXIT_USAGE,
    exit_code,
)
from leakcheck.cli.files import write_files, write_text, write_verdicts
from leakcheck.cli.formats import write_report
from leakcheck.cli.github import GitHub, told_github
from leakcheck.cli.judging import JudgeCommand, difference, judge_records
from leakcheck.cli.matrix import MatrixCommand
from leakcheck.cli.matrix_run import Voice, run_matrix
from leakcheck.cli.progress import view_on
from leakcheck.cli.reporting import Report, ReportCommand, reported
from leakcheck.cli.running import Command
from leakcheck.cli.screen import Paper, pour, screen_on
from leakcheck.cli.verifying import VerifyCommand, before_of, compared, resolved_from_here
from leakcheck.cli.watching import WatchCommand
from leakcheck.cli.why import WhyCommand, explained
from leakcheck.known import Known, counting, reported_run, vanished_lines
from leakcheck.model.errors import LeakcheckError, UsageError
from leakcheck.model.reported import Reported
from leakcheck.model.text import printable
from leakcheck.model.verdict import Verdict
from leakcheck.record.comparison_json import comparison_text
from leakcheck.wording.rows import closing, details, last_words, row, shown_path

if TYPE_CHECKING:
    from rich.console import Console

    Screen = Paper | Console

_STYLES: Final = {
    Verdict.LEAK: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.INCONCLUSIVE: "bold yellow",
    Verdict.CLEAN: "bold green",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the terminal cannot show costs that name, not the verdict.
        sys.stdout.reconfigure(errors="backslashreplace")
    console, errors = (screen_on(file, os.environ) for file in (sys.stdout, sys.stderr))
    try:
        return _do(parse(arguments), console, errors)
    except UsageError as error:
        _say(errors, f"leakcheck: {error}")
        return EXIT_USAGE
    except LeakcheckError as error:
        _say(errors, f"leakcheck: {error}")
        return EXIT_ERROR
    except KeyboardInterrupt:
        _say(errors, "leakcheck: interrupted")
        return EXIT_INTERRUPTED
    except OSError as error:
        # A full or forbidden temporary folder, too many open files, a working folder that is gone.
        _say(errors, f"leakcheck: the machine refused ({error})")
        return EXIT_ERROR
    except Exception:  # noqa: BLE001 -- a bug: Python's own exit code for it is 1, which means LEAK
        traceback.print_exc()
        return EXIT_ERROR


def _do(command: AnyCommand, console: "Screen", errors: "Screen") -> int:
    return _ACTIONS[type(command)](command, console, errors)


def _run(command: Command, console: "Screen", errors: "Screen") -> int:
    interrupted = threading.Event()
    found = _check(
        command.targets,
        command.settings,
        (console, errors),
        interrupted=interrupted,
        manner=_Manner(
            drawing=Drawing(plot=command.plot, html=command.html),
            known=command.known,
            checker=command.checker,
        ),
    )
    write_files(command.files, found, allow_inconclusive=command.allow_inconclusive)
    if not interrupted.is_set():
        _say_vanished(command.known, found, console)
    _tell_github(command.github, found, (console, errors))
    _say(console, _closing(found))
    if interrupted.is_set():
        return _interrupted(command.settings, errors)
    return _exit_code(command, found)


def _drive(command: DriveCommand, console: "Screen", errors: "Screen") -> int:
    with _terminated_as_interrupted():
        found = driven(command, tell=lambda line: _say(errors, f"leakcheck: {line}"))
    return _run(found, console, errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manner:
    """How checks are made and told: by whom, with which pictures, and what is known before."""

    drawing: Drawing = field(default_factory=Drawing)
    known: Known = field(default_factory=Known)
    checker: Callable[[Callable[[str], None]], Checker] = lambda _: check


def _check(
    targets: Sequence[str],
    settings: Settings,
    screens: "tuple[Screen, Screen]",
    *,
    interrupted: threading.Event,
    manner: "_Manner | None" = None,
) -> list[Reported]:
    """Return what was checked, after it was shown on the screens for results and for errors."""
    console, errors = screens
    manner = manner or _Manner()
    printing = threading.Lock()
    told: dict[str, Reported] = {}
    if console.is_terminal and errors.is_terminal:
        errors = console  # one screen: what is printed past the live view would garble it

    def say(line: str) -> None:
        _say(errors, f"leakcheck: {line}")

    with _terminated_as_interrupted(), view_on(console, errors) as view:

        def done(checked: Checked) -> None:
            for complaint in drawn(checked, manner.drawing):
                _say(errors, f"leakcheck: {complaint}")
            view.forget(checked.record.plan.target)
            one = reported_run(checked.record, manner.known)
            with printing:  # two workloads may end at the same time
                told[checked.record.id] = one
                print_checked(checked, console, errors, one)

        make = manner.checker(say)
        found = make(targets, settings, observe=view.show, done=done, interrupted=interrupted)
    return [told[checked.record.id] for checked in found]


def _say_vanished(known: Known, found: Sequence[Reported], console: "Screen") -> None:
    for line in vanished_lines(known, found):
        _say(console, line)


def _tell_github(
    github: GitHub, found: Sequence[Reported], screens: "tuple[Screen, Screen]"
) -> None:
    for screen, lines in zip(screens, told_github(github, found, os.environ), strict=True):
        for line in lines:
            _say(screen, line if screen is screens[0] else f"leakcheck: {line}")


def _closing(found: Sequence[Reported]) -> str:
    return closing([one.verdict for one in found], allowed=sum(one.allowed.passes for one in found))


def _exit_code(command: "Command | JudgeCommand", found: Sequence[Reported]) -> int:
    return exit_code(
        counting(found),
        allow_inconclusive=command.allow_inconclusive,
        warn_only=command.warn_only,
    )


def _interrupted(settings: Settings, errors: "Screen") -> int:
    _say(errors, f"leakcheck: interrupted; what was measured is in {settings.out}")
    return EXIT_INTERRUPTED


def _run_cells(command: MatrixCommand, console: "Screen", errors: "Screen") -> int:
    interrupted = threading.Event()
    if console.is_terminal and errors.is_terminal:
        errors = console
    voice = Voice(
        say=lambda line: _say(console, line),
        complain=lambda line: _say(errors, f"leakcheck: {line}"),
        view=view_on(console, errors),
    )
    with _terminated_as_interrupted():
        standing = run_matrix(command, voice, interrupted)
    if command.plan:
        return EXIT_CLEAN
    if interrupted.is_set():
        return _interrupted(command.settings, errors)
    if standing.refused:
        return EXIT_USAGE
    return exit_code(
        [entry.verdict for entry in standing.entries.values() if entry.counts],
        allow_inconclusive=command.allow_inconclusive,
        warn_only=command.warn_only,
    )


def _verify(command: VerifyCommand, console: "Screen", errors: "Screen") -> int:
    before = before_of(command)
    interrupted = threading.Event()
    with resolved_from_here(before):
        found = _check(
            [before.record.plan.target],
            before.settings,
            (console, errors),
            interrupted=interrupted,
        )
    if command.json is not None:
        write_verdicts(command.json, found)
    if interrupted.is_set() or not found:
        return _interrupted(before.settings, errors)
    comparison = compared(before, found[0].record)
    _say(console, comparison.sentence)
    return AFTER_A_FIX[comparison.answer]


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
        _say(console, line)
    if compared.report is not None:
        _put(compared.report, console)
    return AFTER_A_COMPARISON[compared.difference.word]


def _put(report: Report, console: "Screen") -> None:
    """Write a report to where it belongs, and say where that is."""
    if report.file is None:
        pour(sys.stdout, report.content)
    else:
        _say(console, f"wrote {shown_path(write_report(report.file, report.content))}")


def _examine(command: DoctorCommand, console: "Screen", _: "Screen") -> int:
    with _terminated_as_interrupted():
        health = examined(command)
    for line in lines_of(health):
        _say(console, line)
    if command.json is not None:
        write_text(command.json, health_text(health))
    return EXIT_CLEAN if health.reason is None else EXIT_LEAK


def _complete(command: CompletionCommand, _: "Screen", __: "Screen") -> int:
    pour(sys.stdout, completion_script(build_parser(), command.shell).encode())
    return EXIT_CLEAN


def _judge(command: JudgeCommand, console: "Screen", errors: "Screen") -> int:
    found = []
    for judged in judge_records(command):
        one = reported_run(judged.checked.record, command.known)
        found.append(one)
        print_checked(judged.checked, console, errors, one)
        if said := difference(judged):
            _say(console, shown_text(said, Path.cwd()))
    write_files(command.files, found, allow_inconclusive=command.allow_inconclusive)
    _say_vanished(command.known, found, console)
    _tell_github(command.github, found, (console, errors))
    _say(console, _closing(found))
    return _exit_code(command, found)


def _baseline(command: BaselineCommand, console: "Screen", errors: "Screen") -> int:
    found = baselined(command)
    for line in found.remarks:
        _say(errors, f"leakcheck: {line}")
    for line in found.lines:
        _say(console, line)
    return EXIT_CLEAN


def _bisect(command: BisectCommand, console: "Screen", errors: "Screen") -> int:
    with _terminated_as_interrupted():
        return bisect_shown(command, console, errors)


def _watch(command: WatchCommand, console: "Screen", errors: "Screen") -> int:
    from leakcheck.cli.watched import Telling, watched_until_end  # noqa: PLC0415 -- rarely needed

    with _terminated_as_interrupted(), Telling(console, errors, _say) as telling:
        return watched_until_end(command, telling)


def print_checked(
    checked: Checked,
    console: "Screen",
    errors: "Screen",
    told: Reported | None = None,
) -> None:
    """Print a workload's row and details, and to `errors` what it said before it failed."""
    verdict = checked.record.judgement.verdict
    explanation, allowed = (told.explanation, told.allowed) if told else (None, None)
    head = row(checked, allowed)
    if isinstance(console, Paper):
        _say(console, head)
    else:
        from leakcheck.cli.terminal import print_row  # noqa: PLC0415 -- it is imported already

        print_row(console, verdict, _STYLES[verdict], printable(head.removeprefix(verdict)))
    for line in details(checked, Path.cwd(), explanation, allowed):
        _say(console, line)
    for line in last_words(checked):
        _say(errors, line)


def _say(console: "Screen", text: str) -> None:
    console.print(printable(text), markup=False, highlight=False, soft_wrap=True)


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Treat SIGTERM, which a CI system sends, as Ctrl-C: no child is left running."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


_ACTIONS: Final[Mapping[type[AnyCommand], Callable[[Any, "Screen", "Screen"], int]]] = {
    Command: _run,
    ExecCommand: _run,
    JudgeCommand: _judge,
    VerifyCommand: _verify,
    DoctorCommand: _examine,
    WhyCommand: _explain,
    ReportCommand: _report,
    CompareCommand: _compare,
    BaselineCommand: _baseline,
    BisectCommand: _bisect,
    MatrixCommand: _run_cells,
    CompletionCommand: _complete,
    DriveCommand: _drive,
    WatchCommand: _watch,
}
