"""The command line's arguments, those of `leakcheck run` first, and what becomes of them."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from leakcheck._version import __version__
from leakcheck.cli.baseline import BaselineCommand, add_baseline, baseline_command
from leakcheck.cli.bisecting import BisectCommand, add_bisect, bisect_command
from leakcheck.cli.comparing import CompareCommand, add_compare, compare_command
from leakcheck.cli.completing import CompletionCommand, add_completion, completion_command
from leakcheck.cli.doctor import DoctorCommand, add_doctor, doctor_command
from leakcheck.cli.driving import DriveCommand, add_driving, drive_command
from leakcheck.cli.elsewhere import add_cluster
from leakcheck.cli.executing import ExecCommand, add_exec, exec_command
from leakcheck.cli.judging import JudgeCommand, add_judge, judge_command
from leakcheck.cli.layout import Commands, Layout, add_command
from leakcheck.cli.matrix import MatrixCommand, add_matrix, matrix_command
from leakcheck.cli.reporting import ReportCommand, add_report, report_command
from leakcheck.cli.running import Command, add_length, add_limits, add_outputs, command_of
from leakcheck.cli.slips import given_to
from leakcheck.cli.verifying import VerifyCommand, add_verify, verify_command
from leakcheck.cli.watching import WatchCommand, add_watch, watch_command
from leakcheck.cli.why import WhyCommand, add_why, why_command
from leakcheck.configuration.options import python_of
from leakcheck.configuration.table import Configuration, read_configuration

_EXAMPLES: Final = """\
examples:
  leakcheck run jobs.py:tick --html                     # and a page about it
  leakcheck run jobs.py:tick shop.jobs:close_day --jobs 2 --json verdicts.json
  leakcheck run jobs.py:tick --exact-iterations 20000   # one that starts late
exit codes: 0 all CLEAN or allowed, 1 a LEAK, 2 wrong arguments, 3 INCONCLUSIVE,
            4 a workload could not be measured, 130 interrupted
"""
_OVERVIEW: Final = """\
first steps:
  leakcheck doctor                       what can be measured here
  leakcheck run jobs.py:tick             tick() in jobs.py, thousands of times
  leakcheck report                       a page about it, for others
  leakcheck verify-fix .leakcheck/2*     after the fix: is it gone?

`leakcheck COMMAND --help` shows its options and examples.
"""
_RUN_HELP: Final = "run workloads many times and say of each whether it leaks"


AnyCommand = (
    Command
    | JudgeCommand
    | VerifyCommand
    | DoctorCommand
    | WhyCommand
    | ReportCommand
    | CompareCommand
    | BaselineCommand
    | BisectCommand
    | MatrixCommand
    | CompletionCommand
    | DriveCommand
    | ExecCommand
    | WatchCommand
)


def parse(arguments: list[str] | None) -> AnyCommand:
    """Return what the command line and the nearest configuration ask for.

    Raises:
        UsageError: if a value is none of its kind. argparse itself exits with 2.
    """
    typed = sys.argv[1:] if arguments is None else arguments
    given = given_to(build_parser(), typed)
    if given.command == "completion":  # whatever the configuration of the folder it is asked in
        return completion_command(given)
    return _COMMANDS[given.command](given, read_configuration(Path.cwd()))


def _doctor_command(given: argparse.Namespace, configuration: Configuration) -> DoctorCommand:
    return doctor_command(given, python=python_of(given.python, configuration))


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
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
    _add_run(commands)
    add_driving(commands)
    add_exec(commands)
    add_verify(commands)
    add_why(commands)
    add_report(commands)
    add_judge(commands)
    add_compare(commands)
    add_baseline(commands)
    add_bisect(commands)
    add_matrix(commands)
    add_watch(commands)
    add_doctor(commands)
    add_completion(commands)
    for one in commands.choices.values():
        one.set_defaults(parser=one)
    return parser


def _run_command(given: argparse.Namespace, configuration: Configuration) -> Command:
    return command_of(given, configuration, given.targets)


def _add_run(commands: "Commands[argparse.ArgumentParser]") -> None:
    run = add_command(commands, "run", usage="TARGET... [options]", does=_RUN_HELP, more=_EXAMPLES)
    group = run.add_argument_group("what to run, and how long")
    group.add_argument(
        "targets",
        nargs="+",
        metavar="TARGET",
        help="package.module:name, file.py:name, test_file.py::test",
    )
    add_length(group)
    add_cluster(group)
    add_limits(run)
    add_outputs(run)


_COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace, Configuration], AnyCommand]]] = {
    "run": _run_command,
    "asgi": drive_command,
    "wsgi": drive_command,
    "exec": exec_command,
    "judge": judge_command,
    "verify-fix": verify_command,
    "doctor": _doctor_command,
    "why": why_command,
    "report": report_command,
    "compare": compare_command,
    "baseline": baseline_command,
    "bisect": bisect_command,
    "matrix": matrix_command,
    "watch": watch_command,
}
