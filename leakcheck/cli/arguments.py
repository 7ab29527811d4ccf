"""The command line's arguments, those of `leakcheck run` first, and what becomes of them."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from leakcheck._version import __version__
from leakcheck.check import Settings
from leakcheck.cli.baseline import BaselineCommand, add_baseline, baseline_command
from leakcheck.cli.comparing import CompareCommand, add_compare, compare_command
from leakcheck.cli.completing import CompletionCommand, add_completion, completion_command
from leakcheck.cli.doctor import DoctorCommand, add_doctor, doctor_command
from leakcheck.cli.files import Files, add_ci_files, files_of
from leakcheck.cli.github import GitHub, github_of
from leakcheck.cli.judging import JudgeCommand, add_judge, judge_command
from leakcheck.cli.layout import Commands, Layout, add_command
from leakcheck.cli.reporting import ReportCommand, add_report, report_command
from leakcheck.cli.slips import given_to
from leakcheck.cli.verifying import VerifyCommand, add_verify, verify_command
from leakcheck.cli.watching import WatchCommand, add_watch, watch_command
from leakcheck.cli.why import WhyCommand, add_why, why_command
from leakcheck.configuration.options import CONFIGURED, options_of, python_of
from leakcheck.configuration.table import Configuration, read_configuration
from leakcheck.configuration.values import out_of
from leakcheck.known import Known, known_of
from leakcheck.model.plan import Profiler

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A `leakcheck run` with its configuration: what to check, and what to write and print."""

    targets: tuple[str, ...]
    settings: Settings
    files: Files
    known: Known
    github: GitHub
    allow_inconclusive: bool
    warn_only: bool
    plot: bool
    html: bool


AnyCommand = (
    Command
    | JudgeCommand
    | VerifyCommand
    | DoctorCommand
    | WhyCommand
    | ReportCommand
    | CompareCommand
    | BaselineCommand
    | CompletionCommand
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


def _run_command(given: argparse.Namespace, configuration: Configuration) -> Command:
    values = configuration.values
    return Command(
        targets=tuple(dict.fromkeys(given.targets)),
        settings=Settings(
            out=out_of(given.out, configuration),
            python=python_of(given.python, configuration),
            jobs=given.jobs if given.jobs is not None else values.get("jobs", 1),
            configured=options_of(values, CONFIGURED),
            commanded=options_of(_given(given), "--"),
        ),
        files=files_of(given, configuration),
        known=known_of(configuration),
        github=github_of(given, configuration, os.environ),
        allow_inconclusive=given.allow_inconclusive or values.get("allow-inconclusive", False),
        warn_only=given.warn_only or values.get("warn-only", False),
        plot=given.plot or values.get("plot", False),
        html=given.html or values.get("html", False),
    )


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
    add_verify(commands)
    add_why(commands)
    add_report(commands)
    add_judge(commands)
    add_compare(commands)
    add_baseline(commands)
    add_watch(commands)
    add_doctor(commands)
    add_completion(commands)
    for one in commands.choices.values():
        one.set_defaults(parser=one)
    return parser


def _add_run(commands: "Commands[argparse.ArgumentParser]") -> None:
    run = add_command(commands, "run", usage="TARGET... [options]", does=_RUN_HELP, more=_EXAMPLES)
    _add_length(run)
    _add_limits(run)
    _add_outputs(run)


def _add_length(run: argparse.ArgumentParser) -> None:
    group = run.add_argument_group("what to run, and how long")
    group.add_argument(
        "targets",
        nargs="+",
        metavar="TARGET",
        help="package.module:name, file.py:name, test_file.py::test",
    )
    length = group.add_mutually_exclusive_group()
    length.add_argument(
        "--iterations", type=int, metavar="N", help="the most iterations (default 20,000)"
    )
    length.add_argument(
        "--exact-iterations", type=int, metavar="N", help="exactly N, for leaks that start late"
    )
    group.add_argument(
        "--time-limit", type=float, metavar="S", help="the most seconds a workload (default 60)"
    )
    group.add_argument(
        "--memory-limit",
        metavar="SIZE",
        help="the most growth (default 2GiB or a quarter of free)",
    )
    group.add_argument("--jobs", type=int, metavar="N", help="workloads at a time (default 1)")


def _add_limits(run: argparse.ArgumentParser) -> None:
    group = run.add_argument_group("what is too much")
    group.add_argument(
        "--threshold", metavar="SIZE", help="growth an iteration that is a LEAK (default 4B)"
    )
    group.add_argument(
        "--count-threshold",
        type=float,
        metavar="X",
        help="of descriptors, threads, tasks, ... (default 0.001)",
    )
    group.add_argument("--allow-inconclusive", action="store_true", help="exit code 3 becomes 0")
    group.add_argument("--warn-only", action="store_true", help="exit codes 1 and 3 become 0")


def _add_outputs(run: argparse.ArgumentParser) -> None:
    group = run.add_argument_group("how, and what to write")
    group.add_argument(
        "--profiler",
        choices=[*Profiler],
        metavar="NAME",
        help="what sees call sites: memray or none (default memray)",
    )
    group.add_argument(
        "--native",
        action="store_true",
        default=None,
        help="run a leak in C again, to see what allocates",
    )
    group.add_argument(
        "--python", metavar="PATH", help="the interpreter to run in; it needs memray 1.20"
    )
    group.add_argument("--json", metavar="FILE", help="write the verdicts as JSON")
    group.add_argument("--junit", metavar="FILE", help="write the verdicts as JUnit XML")
    add_ci_files(group)
    group.add_argument("--out", metavar="DIR", help="where run records go (default .leakcheck/)")
    group.add_argument("--plot", action="store_true", help="draw the RSS curve beside each record")
    group.add_argument("--html", action="store_true", help="write report.html beside each record")
    group.add_argument(
        "--keep-capture", action="store_true", default=None, help="keep memray's capture"
    )


def _given(given: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments that were given, by the names that the configuration has for them."""
    named = {name.replace("_", "-"): value for name, value in vars(given).items()}
    return {name: value for name, value in named.items() if value is not None}


_COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace, Configuration], AnyCommand]]] = {
    "run": _run_command,
    "judge": judge_command,
    "verify-fix": verify_command,
    "doctor": _doctor_command,
    "why": why_command,
    "report": report_command,
    "compare": compare_command,
    "baseline": baseline_command,
    "watch": watch_command,
}
