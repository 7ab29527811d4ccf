"""The commands, each of which loads its modules when it is asked for: most need few of them.

A function for each, in the order of the overview; they import what the command stands on, which
takes between a twentieth and half a second.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from leakcheck._version import __version__
from leakcheck.cli.exit_codes import EXIT_CLEAN
from leakcheck.cli.layout import Commands, Layout

if TYPE_CHECKING:
    from leakcheck.cli.baseline import BaselineCommand
    from leakcheck.cli.bisecting import BisectCommand
    from leakcheck.cli.comparing import CompareCommand
    from leakcheck.cli.completing import CompletionCommand
    from leakcheck.cli.doctor import DoctorCommand
    from leakcheck.cli.driving import DriveCommand
    from leakcheck.cli.executing import ExecCommand
    from leakcheck.cli.judging import JudgeCommand
    from leakcheck.cli.matrix import MatrixCommand
    from leakcheck.cli.reporting import ReportCommand
    from leakcheck.cli.running import Command
    from leakcheck.cli.screen import Screen
    from leakcheck.cli.verifying import VerifyCommand
    from leakcheck.cli.watching import WatchCommand
    from leakcheck.cli.why import WhyCommand
    from leakcheck.configuration.table import Configuration

Asked = TypeVar("Asked")

_OVERVIEW: Final = """\
first steps:
  leakcheck doctor                       what can be measured here
  leakcheck run jobs.py:tick             tick() in jobs.py, thousands of times
  leakcheck report                       a page about it, for others
  leakcheck verify-fix .leakcheck/2*     after the fix: is it gone?

`leakcheck COMMAND --help` shows its options and examples.
"""


@dataclass(frozen=True, slots=True)
class Part(Generic[Asked]):
    """A command's part of the command line.

    It adds its arguments, reads what is asked from those given and the nearest configuration,
    and does that: on the screens for results and for errors, with an exit code.
    """

    add: "Callable[[Commands[argparse.ArgumentParser]], None]"
    read: "Callable[[argparse.Namespace, Configuration], Asked]"
    do: "Callable[[Asked, Screen, Screen], int]"
    is_configured: bool = True
    """Whether the configuration matters to it."""


def build_parser(names: Iterable[str] | None = None) -> argparse.ArgumentParser:
    """Return the parser of these commands; None are all."""
    parser = argparse.ArgumentParser(
        prog="leakcheck",
        usage="leakcheck COMMAND [options]",
        description="Does it leak? A verdict with a rate, an interval and the allocating line.",
        epilog=_OVERVIEW,
        formatter_class=Layout,
    )
    parser.add_argument("--version", action="version", version=f"leakcheck {__version__}")
    commands = parser.add_subparsers(
        title="commands", dest="command", required=True, metavar="COMMAND"
    )
    for part in dict.fromkeys(PARTS[name] for name in (PARTS if names is None else names)):
        part().add(commands)
    for one in commands.choices.values():
        one.set_defaults(parser=one)
    return parser


def _run() -> "Part[Command]":
    from leakcheck.cli.checking import run
    from leakcheck.cli.running import add_run, run_command

    return Part(add_run, run_command, run)


def _driving() -> "Part[DriveCommand]":
    from leakcheck.cli.checking import drive
    from leakcheck.cli.driving import add_driving, drive_command

    return Part(add_driving, drive_command, drive)


def _exec() -> "Part[ExecCommand]":
    from leakcheck.cli.checking import run
    from leakcheck.cli.executing import add_exec, exec_command

    return Part(add_exec, exec_command, run)


def _verify() -> "Part[VerifyCommand]":
    from leakcheck.cli.checking import verify
    from leakcheck.cli.verifying import add_verify, verify_command

    return Part(add_verify, verify_command, verify)


def _why() -> "Part[WhyCommand]":
    from leakcheck.cli.why import add_why, explain, why_command

    return Part(add_why, why_command, explain)


def _report() -> "Part[ReportCommand]":
    from leakcheck.cli.reporting import add_report, report, report_command

    return Part(add_report, report_command, report)


def _judge() -> "Part[JudgeCommand]":
    from leakcheck.cli.checking import judge
    from leakcheck.cli.judging import add_judge, judge_command

    return Part(add_judge, judge_command, judge)


def _compare() -> "Part[CompareCommand]":
    from leakcheck.cli.comparing import add_compare, compare, compare_command

    return Part(add_compare, compare_command, compare)


def _baseline() -> "Part[BaselineCommand]":
    from leakcheck.cli.baseline import add_baseline, baseline_command, print_baseline

    return Part(add_baseline, baseline_command, print_baseline)


def _bisect() -> "Part[BisectCommand]":
    from leakcheck.cli.bisecting import add_bisect, bisect, bisect_command

    return Part(add_bisect, bisect_command, bisect)


def _matrix() -> "Part[MatrixCommand]":
    from leakcheck.cli.matrix import add_matrix, matrix_command
    from leakcheck.cli.matrix_run import run_cells

    return Part(add_matrix, matrix_command, run_cells)


def _watch() -> "Part[WatchCommand]":
    from leakcheck.cli.watched import watch
    from leakcheck.cli.watching import add_watch, watch_command

    return Part(add_watch, watch_command, watch)


def _doctor() -> "Part[DoctorCommand]":
    from leakcheck.cli.doctor import add_doctor, doctor_command, examine

    return Part(add_doctor, doctor_command, examine)


def _completion() -> "Part[CompletionCommand]":
    from leakcheck.cli.completing import add_completion, completion_command, completion_script
    from leakcheck.cli.screen import pour

    def complete(command: "CompletionCommand", _: "Screen", __: "Screen") -> int:
        pour(sys.stdout, completion_script(build_parser(), command.shell).encode())
        return EXIT_CLEAN

    return Part(add_completion, completion_command, complete, is_configured=False)


PARTS: Final[Mapping[str, Callable[[], Part[Any]]]] = {
    "run": _run,
    "asgi": _driving,
    "wsgi": _driving,
    "exec": _exec,
    "verify-fix": _verify,
    "why": _why,
    "report": _report,
    "judge": _judge,
    "compare": _compare,
    "baseline": _baseline,
    "bisect": _bisect,
    "matrix": _matrix,
    "watch": _watch,
    "doctor": _doctor,
    "completion": _completion,
}
"""By the name that is typed; two commands may have one part."""
