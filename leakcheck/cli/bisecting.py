"""`leakcheck bisect`: since which version, or which commit, a workload leaks."""

import argparse
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from leakcheck.bisecting.asking import Asked, Ends, bisected
from leakcheck.bisecting.cache import default_cache
from leakcheck.bisecting.document import bisection_text
from leakcheck.bisecting.environments import Index, Wanted
from leakcheck.bisecting.names import (
    package_named,
    require_requirement,
    require_revision,
    require_version,
)
from leakcheck.bisecting.places import Origin
from leakcheck.bisecting.steps import Outcome, Step
from leakcheck.bisecting.targets import content_of, target_named
from leakcheck.bisecting.telling import closing_lines, step_line
from leakcheck.bisecting.versions import versions_given
from leakcheck.check import Settings
from leakcheck.cli.ending import terminated_as_interrupted
from leakcheck.cli.layout import Commands, add_command
from leakcheck.cli.progress import View, view_on
from leakcheck.cli.screen import say
from leakcheck.cli.writing import write_text
from leakcheck.configuration.options import CONFIGURED, options_of, python_of
from leakcheck.configuration.table import Configuration
from leakcheck.configuration.values import out_of, writable
from leakcheck.model.errors import UsageError
from leakcheck.model.plan import Profiler
from leakcheck.run.outcome import Observer, Progress

if TYPE_CHECKING:
    from leakcheck.cli.screen import Screen

_HELP: Final = "say since which commit, or which version of a package, a workload leaks"
_EXAMPLES: Final = """\
examples:
  leakcheck bisect jobs.py:tick --good v1.0              # up to HEAD
  leakcheck bisect jobs.py:tick --package tenacity --good 8.0.1 --bad 8.2.0
  leakcheck bisect jobs.py:tick --package multidict --bad 6.5.1 --fixed
exit codes: 0 found, 2 wrong arguments or ends, 3 only a range can be told or an
            end is INCONCLUSIVE, 4 an end cannot be tested, 130 interrupted
"""
EXIT_CODES: Final = {
    Outcome.FOUND: 0,
    Outcome.RANGE: 3,
    Outcome.WRONG_END: 2,
    Outcome.UNSURE_END: 3,
    Outcome.UNTESTED_END: 4,
}
_INTERRUPTED: Final = 130
_OPTIONS: Final = (
    "iterations",
    "exact-iterations",
    "time-limit",
    "memory-limit",
    "threshold",
    "count-threshold",
    "profiler",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BisectCommand:
    """A `leakcheck bisect`: what is asked, and where the answer is written."""

    asked: Asked
    json: Path | None = None


def add_bisect(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the arguments of `leakcheck bisect`."""
    parser = add_command(
        commands, "bisect", usage="TARGET --good A [options]", does=_HELP, more=_EXAMPLES
    )
    parser.add_argument(
        "target", metavar="TARGET", help="as for run; a file is the one of here in each step"
    )
    add = parser.add_argument
    add("--good", metavar="A", help="the older end, without the leak: version or commit")
    add("--bad", metavar="B", help="the newer end, with it (default: newest, or HEAD)")
    add("--fixed", action="store_true", help="since when not any more: --bad is the older end")
    add("--package", metavar="NAME", help="ask versions of this package, not commits")
    add("--versions", metavar="A,B,C", help="these, the oldest first (default: all pip finds)")
    add("--pre", action="store_true", help="pre-releases too")
    add("--repo", metavar="DIR", help="ask commits of another repository than this one")
    add(
        "--target-from",
        choices=[*Origin],
        metavar="WHICH",
        help="whose TARGET file: here, or commit for each its own",
    )
    _add_environment(parser)
    _add_measuring(parser)


def _add_environment(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--with", metavar="REQ", action="append", help="install this too; .[x]: extras of a commit")
    add("-r", metavar="FILE", action="append", help="install these requirements too")
    add("--no-install", action="store_true", help="do not install commits: run from their folder")
    add("--find-links", metavar="DIR", action="append", help="look for packages there too")
    add("--no-index", action="store_true", help="look for packages only there")
    add("--python", metavar="PATH", help="the interpreter that environments are made of")
    add("--cache", metavar="DIR", help="where they are kept (default: the user's cache folder)")
    add("--again", action="store_true", help="measure again what was measured before")


def _add_measuring(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--iterations", type=int, metavar="N", help="as for run, and so below:")
    length.add_argument("--exact-iterations", type=int, metavar="N", help="exactly N a step")
    add("--time-limit", type=float, metavar="S", help="the most seconds a step (default 60)")
    add("--memory-limit", metavar="SIZE", help="the most growth")
    add("--threshold", metavar="SIZE", help="growth an iteration that is a LEAK (default 4B)")
    add("--count-threshold", type=float, metavar="X", help="of descriptors, threads, tasks, ...")
    add("--profiler", choices=[*Profiler], metavar="NAME", help="memray or none (default memray)")
    add("--json", metavar="FILE", help="write the answer and all steps as JSON")
    add("--out", metavar="DIR", help="where run records go (default .leakcheck/)")


def bisect_command(given: argparse.Namespace, configuration: Configuration) -> BisectCommand:
    """Return what the arguments and the configuration ask for.

    Raises:
        UsageError: if a value is none of its kind, or does not go with another.
    """
    _require_fitting(given)
    values = {name: getattr(given, name.replace("-", "_")) for name in _OPTIONS}
    target = target_named(given.target, Path.cwd())
    if target.file is not None and given.target_from != Origin.COMMIT:
        content_of(target)
    asked = Asked(
        target=target,
        ends=_ends(given),
        package=package_named(given.package) if given.package is not None else None,
        versions=versions_given(given.versions) if given.versions is not None else None,
        pre=given.pre,
        repository=Path(given.repo) if given.repo is not None else Path.cwd(),
        origin=Origin(given.target_from or Origin.HERE),
        more=_wanted(given),
        installs=not given.no_install,
        index=_index(given),
        cache=Path(given.cache).absolute()
        if given.cache is not None
        else default_cache(os.environ),
        again=given.again,
        uv=shutil.which("uv"),
        settings=Settings(
            out=out_of(given.out, configuration).absolute(),
            python=python_of(given.python, configuration),
            configured=options_of(configuration.values, CONFIGURED),
            commanded=options_of({k: v for k, v in values.items() if v is not None}, "--"),
        ),
    )
    file = writable("json", Path(given.json)) if given.json is not None else None
    return BisectCommand(asked=asked, json=file)


def bisect(command: BisectCommand, console: "Screen", errors: "Screen") -> int:
    """Show each step and the answer, and return the exit code.

    Raises:
        UsageError: if something that is named is not there.
    """

    def told(step: Step) -> None:
        say(console, step_line(step))

    try:
        with terminated_as_interrupted(), view_on(console, errors) as view:
            finding = bisected(command.asked, observe=one_at_a_time(view), told=told)
    except KeyboardInterrupt:
        say(errors, "leakcheck: interrupted; the same command goes on where it was")
        return _INTERRUPTED
    if command.json is not None:
        write_text(command.json, bisection_text(finding))
    for line in closing_lines(finding, Path.cwd()):
        say(console, line)
    return EXIT_CODES[finding.outcome]


def one_at_a_time(view: View) -> Observer:
    """Return what shows a step on a view, and no longer the one before it."""
    shown = ""

    def show(progress: Progress) -> None:
        nonlocal shown
        if progress.target != shown:
            view.forget(shown)
            shown = progress.target
        view.show(progress)

    return show


def _require_fitting(given: argparse.Namespace) -> None:
    """Do nothing if the options go together."""
    if given.package is None:
        _refuse(given, ("versions", "pre"), "wanted it with --package")
    else:
        _refuse(given, ("repo", "no_install", "target_from"), "wanted it without --package")
    if given.no_index and not given.find_links:
        msg = "--no-index: found no --find-links, wanted a folder to look for packages in"
        raise UsageError(msg)


def _refuse(given: argparse.Namespace, names: tuple[str, ...], wanted: str) -> None:
    for name in names:
        value = getattr(given, name)
        if value not in (None, False):
            msg = f"--{name.replace('_', '-')}: found {value!r}, {wanted}"
            raise UsageError(msg)


def _ends(given: argparse.Namespace) -> Ends:
    require = require_revision if given.package is None else require_version
    for name in ("good", "bad"):
        value: Any = getattr(given, name)
        if value is not None:
            require(f"--{name}", value)
    old, new = (given.bad, given.good) if given.fixed else (given.good, given.bad)
    if old is None:
        name = "bad" if given.fixed else "good"
        msg = f"--{name}: found none, wanted the older end, such as --{name} 1.0"
        raise UsageError(msg)
    return Ends(old=old, new=new, is_fix=given.fixed)


def _wanted(given: argparse.Namespace) -> Wanted:
    extras, requirements = "", []
    for text in given.__dict__["with"] or ():
        require_requirement(text)
        if text.startswith(".[") and text.endswith("]") and given.package is None:
            extras = text[1:]
        else:
            requirements.append(text)
    files = tuple(Path(one).absolute() for one in given.r or ())
    for file in files:
        if not file.is_file():
            msg = f"-r: {file} found no such file, wanted a file of requirements"
            raise UsageError(msg)
    return Wanted(requirements=tuple(requirements), files=files, extras=extras)


def _index(given: argparse.Namespace) -> Index:
    folders = tuple(Path(one).absolute() for one in given.find_links or ())
    for folder in folders:
        if not folder.is_dir():
            msg = f"--find-links: {folder} found no such folder, wanted one of packages"
            raise UsageError(msg)
    return Index(find_links=folders, no_index=given.no_index)
