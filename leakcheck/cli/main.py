"""`leakcheck`: from arguments to an exit code."""

import contextlib
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from leakcheck.analysis.places import shown_text
from leakcheck.check import Checked, Settings, check
from leakcheck.cli.arguments import AnyCommand, Command, build_parser, parse
from leakcheck.cli.comparing import CompareCommand, compared_records, comparison_lines
from leakcheck.cli.completing import CompletionCommand, completion_script
from leakcheck.cli.doctor import DoctorCommand, examined, health_text, lines_of
from leakcheck.cli.drawing import Drawing, drawn
from leakcheck.cli.formats import write_report
from leakcheck.cli.judging import JudgeCommand, difference, judge_records
from leakcheck.cli.progress import view_on
from leakcheck.cli.reporting import Report, ReportCommand, reported
from leakcheck.cli.screen import Paper, pour, screen_on
from leakcheck.cli.verifying import VerifyCommand, before_of, compared, resolved_from_here
from leakcheck.cli.why import WhyCommand, explained
from leakcheck.model.comparison import Word
from leakcheck.model.errors import LeakcheckError, UsageError
from leakcheck.model.explanation import Explanation
from leakcheck.model.fix import Answer
from leakcheck.model.run_record import RunRecord
from leakcheck.model.text import printable
from leakcheck.model.verdict import Verdict
from leakcheck.record.comparison_json import comparison_text
from leakcheck.record.junit import junit_xml
from leakcheck.record.verdict_json import verdicts_text
from leakcheck.wording.explaining import explained_from
from leakcheck.wording.rows import closing, details, last_words, row, shown_path

if TYPE_CHECKING:
    from rich.console import Console

    Screen = Paper | Console

EXIT_CLEAN: Final = 0
EXIT_LEAK: Final = 1
EXIT_USAGE: Final = 2
EXIT_INCONCLUSIVE: Final = 3
EXIT_ERROR: Final = 4
EXIT_INTERRUPTED: Final = 130

_AFTER_A_FIX: Final = {
    Answer.FIXED: EXIT_CLEAN,
    Answer.BETTER: EXIT_LEAK,
    Answer.NOT_FIXED: EXIT_LEAK,
    Answer.NOT_SURE: EXIT_INCONCLUSIVE,
    Answer.NOT_MEASURED: EXIT_ERROR,
}
_AFTER_A_COMPARISON: Final = {
    Word.SAME: EXIT_CLEAN,
    Word.BETTER: EXIT_CLEAN,
    Word.WORSE: EXIT_LEAK,
    Word.MIXED: EXIT_LEAK,
    Word.NOT_SURE: EXIT_INCONCLUSIVE,
    Word.NOT_COMPARABLE: EXIT_ERROR,
}
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


def exit_code(verdicts: Sequence[Verdict], *, allow_inconclusive: bool, warn_only: bool) -> int:
    """Return what the verdicts together mean to whoever called: LEAK before ERROR before the rest.

    >>> exit_code([Verdict.CLEAN, Verdict.ERROR], allow_inconclusive=True, warn_only=True)
    4
    """
    if Verdict.LEAK in verdicts and not warn_only:
        return EXIT_LEAK
    if Verdict.ERROR in verdicts:
        return EXIT_ERROR
    if Verdict.INCONCLUSIVE in verdicts and not (allow_inconclusive or warn_only):
        return EXIT_INCONCLUSIVE
    return EXIT_CLEAN


def _do(command: AnyCommand, console: "Screen", errors: "Screen") -> int:
    return _ACTIONS[type(command)](command, console, errors)


def _run(command: Command, console: "Screen", errors: "Screen") -> int:
    interrupted = threading.Event()
    found = _check(
        command.targets,
        command.settings,
        (console, errors),
        interrupted=interrupted,
        drawing=Drawing(plot=command.plot, html=command.html),
    )
    _write(command, found)
    verdicts = [checked.record.judgement.verdict for checked in found]
    _say(console, closing(verdicts))
    if interrupted.is_set():
        return _interrupted(command.settings, errors)
    return exit_code(
        verdicts, allow_inconclusive=command.allow_inconclusive, warn_only=command.warn_only
    )


def _check(
    targets: Sequence[str],
    settings: Settings,
    screens: "tuple[Screen, Screen]",
    *,
    interrupted: threading.Event,
    drawing: Drawing,
) -> list[Checked]:
    """Return what was checked, after it was shown on the screens for results and for errors."""
    console, errors = screens
    printing = threading.Lock()
    if console.is_terminal and errors.is_terminal:
        errors = console  # one screen: what is printed past the live view would garble it
    with _terminated_as_interrupted(), view_on(console, errors) as view:

        def done(checked: Checked) -> None:
            for complaint in drawn(checked, drawing):
                _say(errors, f"leakcheck: {complaint}")
            view.forget(checked.record.plan.target)
            with printing:  # two workloads may end at the same time
                print_checked(checked, console, errors)

        return check(targets, settings, observe=view.show, done=done, interrupted=interrupted)


def _interrupted(settings: Settings, errors: "Screen") -> int:
    _say(errors, f"leakcheck: interrupted; what was measured is in {settings.out}")
    return EXIT_INTERRUPTED


def _verify(command: VerifyCommand, console: "Screen", errors: "Screen") -> int:
    before = before_of(command)
    interrupted = threading.Event()
    with resolved_from_here(before):
        found = _check(
            [before.record.plan.target],
            before.settings,
            (console, errors),
            interrupted=interrupted,
            drawing=Drawing(),
        )
    records = [checked.record for checked in found]
    if command.json is not None:
        _write_verdicts(command.json, records)
    if interrupted.is_set() or not records:
        return _interrupted(before.settings, errors)
    comparison = compared(before, records[0])
    _say(console, comparison.sentence)
    return _AFTER_A_FIX[comparison.answer]


def _explain(command: WhyCommand, console: "Screen", errors: "Screen") -> int:
    found = explained(command)
    print_checked(found.checked, console, errors, found.explanation)
    record = found.checked.record
    if command.json is not None:
        _write_verdicts(command.json, [record], {record.id: found.explanation})
    return exit_code([record.judgement.verdict], allow_inconclusive=False, warn_only=False)


def _report(command: ReportCommand, console: "Screen", _: "Screen") -> int:
    _put(reported(command), console)
    return EXIT_CLEAN


def _compare(command: CompareCommand, console: "Screen", _: "Screen") -> int:
    compared = compared_records(command)
    if command.json is not None:
        before, after = compared.before.record, compared.after.record
        _write_text(command.json, comparison_text(compared.difference, before, after))
    if compared.report is not None and compared.report.file is None:
        _put(compared.report, console)  # standard output holds the report alone
        return _AFTER_A_COMPARISON[compared.difference.word]
    for line in comparison_lines(compared):
        _say(console, line)
    if compared.report is not None:
        _put(compared.report, console)
    return _AFTER_A_COMPARISON[compared.difference.word]


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
        _write_text(command.json, health_text(health))
    return EXIT_CLEAN if health.reason is None else EXIT_LEAK


def _complete(command: CompletionCommand, _: "Screen", __: "Screen") -> int:
    pour(sys.stdout, completion_script(build_parser(), command.shell).encode())
    return EXIT_CLEAN


def _judge(command: JudgeCommand, console: "Screen", errors: "Screen") -> int:
    judged = judge_records(command)
    for one in judged:
        print_checked(one.checked, console, errors)
        if said := difference(one):
            _say(console, shown_text(said, Path.cwd()))
    records = [one.checked.record for one in judged]
    if command.json is not None:
        _write_verdicts(command.json, records)
    verdicts = [record.judgement.verdict for record in records]
    _say(console, closing(verdicts))
    return exit_code(
        verdicts, allow_inconclusive=command.allow_inconclusive, warn_only=command.warn_only
    )


def print_checked(
    checked: Checked,
    console: "Screen",
    errors: "Screen",
    explanation: Explanation | None = None,
) -> None:
    """Print a workload's row and details, and to `errors` what it said before it failed."""
    verdict = checked.record.judgement.verdict
    head = row(checked)
    if isinstance(console, Paper):
        _say(console, head)
    else:
        from leakcheck.cli.terminal import print_row  # noqa: PLC0415 -- it is imported already

        print_row(console, verdict, _STYLES[verdict], printable(head.removeprefix(verdict)))
    for line in details(checked, Path.cwd(), explanation):
        _say(console, line)
    for line in last_words(checked):
        _say(errors, line)


def _write(command: Command, found: Sequence[Checked]) -> None:
    records = [checked.record for checked in found]
    if command.json is not None:
        _write_verdicts(command.json, records)
    if command.junit is not None:
        allowed = command.allow_inconclusive
        text = junit_xml(records, allow_inconclusive=allowed, project=Path.cwd())
        _write_text(command.junit, text)


def _write_verdicts(
    file: Path,
    records: Sequence[RunRecord],
    explanations: Mapping[str, Explanation] | None = None,
) -> None:
    here = Path.cwd()
    found = explanations or {record.id: explained_from(record, here) for record in records}
    _write_text(file, verdicts_text(records, project=here, explanations=found))


def _write_text(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        msg = f"{error.filename}: could not be written ({error.strerror})"
        raise LeakcheckError(msg) from error


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
    JudgeCommand: _judge,
    VerifyCommand: _verify,
    DoctorCommand: _examine,
    WhyCommand: _explain,
    ReportCommand: _report,
    CompareCommand: _compare,
    CompletionCommand: _complete,
}
