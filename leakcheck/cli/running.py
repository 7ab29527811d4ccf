"""`leakcheck run`, and the arguments that other commands which run something share with it."""

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from leakcheck.check import Settings, check
from leakcheck.cli.elsewhere import Checker, add_cluster, checker_on, cluster_of
from leakcheck.cli.files import Files, add_ci_files, files_of
from leakcheck.cli.github import GitHub, github_of
from leakcheck.cli.layout import Commands, add_command
from leakcheck.configuration.options import CONFIGURED, options_of, python_of
from leakcheck.configuration.table import Configuration
from leakcheck.configuration.values import out_of
from leakcheck.known import Known, known_of
from leakcheck.model.plan import Profiler

_HELP: Final = "run workloads many times and say of each whether it leaks"
_EXAMPLES: Final = """\
examples:
  leakcheck run jobs.py:tick --html                     # and a page about it
  leakcheck run jobs.py:tick shop.jobs:close_day --jobs 2 --json verdicts.json
  leakcheck run jobs.py:tick --exact-iterations 20000   # one that starts late
exit codes: 0 all CLEAN or allowed, 1 a LEAK, 2 wrong arguments, 3 INCONCLUSIVE,
            4 a workload could not be measured, 130 interrupted
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What is to be run, with its configuration: what to check, and what to write and print."""

    targets: tuple[str, ...]
    settings: Settings
    files: Files
    known: Known
    github: GitHub
    allow_inconclusive: bool
    warn_only: bool
    plot: bool
    html: bool
    cluster: str | None = None

    def checker(self, say: Callable[[str], None]) -> Checker:
        """Return what makes the checks: this machine, or a cluster's workers; `say` is told."""
        return checker_on(self.cluster, say) if self.cluster else check


def add_run(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the arguments of `leakcheck run`."""
    parser = add_command(commands, "run", usage="TARGET... [options]", does=_HELP, more=_EXAMPLES)
    group = parser.add_argument_group("what to run, and how long")
    group.add_argument(
        "targets",
        nargs="+",
        metavar="TARGET",
        help="package.module:name, file.py:name, test_file.py::test",
    )
    add_length(group)
    add_cluster(group)
    add_limits(parser.add_argument_group("what is too much"))
    add_outputs(parser.add_argument_group("how, and what to write"))


def run_command(given: argparse.Namespace, configuration: Configuration) -> Command:
    """Return what the arguments and the configuration ask for; see `command_of`."""
    return command_of(given, configuration, given.targets)


def command_of(
    given: argparse.Namespace, configuration: Configuration, targets: Sequence[str]
) -> Command:
    """Return what the arguments and the configuration ask for, of those targets.

    Raises:
        UsageError: if a value is none of its kind.
    """
    values = configuration.values
    commanded = options_of(_given(given), "--")
    return Command(
        targets=tuple(dict.fromkeys(targets)),
        settings=Settings(
            out=out_of(given.out, configuration),
            python=python_of(given.python, configuration),
            jobs=given.jobs if given.jobs is not None else values.get("jobs", 1),
            configured=options_of(values, CONFIGURED),
            commanded=commanded,
        ),
        files=files_of(given, configuration),
        known=known_of(configuration),
        github=github_of(given, configuration, os.environ),
        allow_inconclusive=given.allow_inconclusive or values.get("allow-inconclusive", False),
        warn_only=given.warn_only or values.get("warn-only", False),
        cluster=cluster_of(given.cluster, configuration, commanded) if "cluster" in given else None,
        plot=given.plot or values.get("plot", False),
        html=given.html or values.get("html", False),
    )


def add_length(group: "argparse._ArgumentGroup") -> None:
    """Add how long to run, and how many at a time."""
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


def add_limits(group: "argparse._ArgumentGroup") -> None:
    """Add what growth is too much."""
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


def add_outputs(group: "argparse._ArgumentGroup") -> None:
    """Add how to run, and what to write."""
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
