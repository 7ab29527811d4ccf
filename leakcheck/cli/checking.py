"""The commands that make checks or judge them anew, told on the screens as they go on."""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from leakcheck.analysis.places import shown_text
from leakcheck.check import Checked, Settings, check
from leakcheck.cli.drawing import Drawing, drawn
from leakcheck.cli.driving import DriveCommand, driven
from leakcheck.cli.elsewhere import Checker
from leakcheck.cli.ending import terminated_as_interrupted, told_interrupted
from leakcheck.cli.exit_codes import exit_code
from leakcheck.cli.files import write_files, write_verdicts
from leakcheck.cli.github import GitHub, told_github
from leakcheck.cli.judging import JudgeCommand, difference, judge_records
from leakcheck.cli.progress import view_on
from leakcheck.cli.running import Command
from leakcheck.cli.saying import print_checked
from leakcheck.cli.screen import say
from leakcheck.cli.verifying import (
    EXIT_CODES,
    VerifyCommand,
    before_of,
    compared,
    resolved_from_here,
)
from leakcheck.known import Known, counting, reported_run, vanished_lines
from leakcheck.model.reported import Reported
from leakcheck.wording.rows import closing

if TYPE_CHECKING:
    from leakcheck.cli.screen import Screen


def run(command: Command, console: "Screen", errors: "Screen") -> int:
    """Check what the command asks for, and return the exit code."""
    interrupted = threading.Event()
    found = _shown(
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
    say(console, _closing(found))
    if interrupted.is_set():
        return told_interrupted(command.settings.out, errors)
    return _exit_code(command, found)


def drive(command: DriveCommand, console: "Screen", errors: "Screen") -> int:
    """Check each route of an application, and return the exit code."""
    with terminated_as_interrupted():
        found = driven(command, tell=lambda line: say(errors, f"leakcheck: {line}"))
    return run(found, console, errors)


def verify(command: VerifyCommand, console: "Screen", errors: "Screen") -> int:
    """Run what a record is of once more, say whether it is fixed, and return the exit code."""
    before = before_of(command)
    interrupted = threading.Event()
    with resolved_from_here(before):
        found = _shown(
            [before.record.plan.target],
            before.settings,
            (console, errors),
            interrupted=interrupted,
        )
    if command.json is not None:
        write_verdicts(command.json, found)
    if interrupted.is_set() or not found:
        return told_interrupted(before.settings.out, errors)
    comparison = compared(before, found[0].record)
    say(console, comparison.sentence)
    return EXIT_CODES[comparison.answer]


def judge(command: JudgeCommand, console: "Screen", errors: "Screen") -> int:
    """Judge records by the rules of today, and return the exit code."""
    found = []
    for judged in judge_records(command):
        one = reported_run(judged.checked.record, command.known)
        found.append(one)
        print_checked(judged.checked, console, errors, one)
        if said := difference(judged):
            say(console, shown_text(said, Path.cwd()))
    write_files(command.files, found, allow_inconclusive=command.allow_inconclusive)
    _say_vanished(command.known, found, console)
    _tell_github(command.github, found, (console, errors))
    say(console, _closing(found))
    return _exit_code(command, found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manner:
    """How checks are made and told: by whom, with which pictures, and what is known before."""

    drawing: Drawing = field(default_factory=Drawing)
    known: Known = field(default_factory=Known)
    checker: Callable[[Callable[[str], None]], Checker] = lambda _: check


def _shown(
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

    def complain(line: str) -> None:
        say(errors, f"leakcheck: {line}")

    with terminated_as_interrupted(), view_on(console, errors) as view:

        def done(checked: Checked) -> None:
            for complaint in drawn(checked, manner.drawing):
                complain(complaint)
            view.forget(checked.record.plan.target)
            one = reported_run(checked.record, manner.known)
            with printing:  # two workloads may end at the same time
                told[checked.record.id] = one
                print_checked(checked, console, errors, one)

        make = manner.checker(complain)
        found = make(targets, settings, observe=view.show, done=done, interrupted=interrupted)
    return [told[checked.record.id] for checked in found]


def _say_vanished(known: Known, found: Sequence[Reported], console: "Screen") -> None:
    for line in vanished_lines(known, found):
        say(console, line)


def _tell_github(
    github: GitHub, found: Sequence[Reported], screens: "tuple[Screen, Screen]"
) -> None:
    for screen, lines in zip(screens, told_github(github, found, os.environ), strict=True):
        for line in lines:
            say(screen, line if screen is screens[0] else f"leakcheck: {line}")


def _closing(found: Sequence[Reported]) -> str:
    return closing([one.verdict for one in found], allowed=sum(one.allowed.passes for one in found))


def _exit_code(command: "Command | JudgeCommand", found: Sequence[Reported]) -> int:
    return exit_code(
        counting(found),
        allow_inconclusive=command.allow_inconclusive,
        warn_only=command.warn_only,
    )
