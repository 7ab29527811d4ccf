"""`leakcheck matrix`: workloads by interpreters by variables, run as one and resumed where left."""

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from leakcheck.analysis.places import shown_file
from leakcheck.check import Checked, Settings
from leakcheck.cli.elsewhere import add_cluster, cluster_of
from leakcheck.cli.layout import Commands, add_command
from leakcheck.configuration.options import CONFIGURED, options_of
from leakcheck.configuration.ranges import require_allowed
from leakcheck.configuration.table import Configuration
from leakcheck.configuration.values import interpreter_named, out_of, writable
from leakcheck.known import Known, known_of, reported_run
from leakcheck.matrix.cells import Matrix, require_possible, variables_of
from leakcheck.matrix.entry import Entry
from leakcheck.matrix.journal import Journal
from leakcheck.matrix.running import Standing, seconds_left
from leakcheck.model.options import Options
from leakcheck.model.plan import DEFAULT_TIME_LIMIT_S
from leakcheck.model.sites import Frame
from leakcheck.run.interpreter import own_interpreter

_HELP: Final = "run workloads in many interpreters and settings, as one"
_EXAMPLES: Final = """\
examples:
  leakcheck matrix jobs.py:tick --python python3.11 --python python3.12
  leakcheck matrix jobs.py:tick shop:close --set RELEASE=1.0.0,current --plan
  leakcheck matrix jobs.py:tick --set RELEASE=1,2 --cluster tcp://10.0.0.1:8786
The same command again runs only what has no verdict yet; --out keeps them.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixCommand:
    """A `leakcheck matrix`: which cells, how they are run, and what is told of them."""

    matrix: Matrix
    settings: Settings
    known: Known
    cluster: str | None
    json: Path | None
    junit: Path | None
    plan: bool
    again: bool
    allow_inconclusive: bool
    warn_only: bool


def add_matrix(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the arguments of `leakcheck matrix`."""
    parser = add_command(
        commands, "matrix", usage="TARGET... [options]", does=_HELP, more=_EXAMPLES
    )
    add = parser.add_argument
    add("targets", nargs="+", metavar="TARGET", help="as for leakcheck run")
    add("--python", action="append", metavar="PATH", help="an interpreter; may be given again")
    add("--set", action="append", metavar="NAME=V,V,...", help="values of a variable; again too")
    add("--plan", action="store_true", help="say what would be run, and run nothing")
    add("--again", action="store_true", help="run what has a verdict too")
    add("--jobs", type=int, metavar="N", help="checks at a time (default 1)")
    add_cluster(parser)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--iterations", type=int, metavar="N", help="the most iterations")
    length.add_argument("--exact-iterations", type=int, metavar="N", help="exactly N")
    add("--time-limit", type=float, metavar="S", help="the most seconds a check (default 60)")
    add("--profiler", metavar="NAME", help="memray or none (default memray)")
    add("--json", metavar="FILE", help="write all cells as JSON")
    add("--junit", metavar="FILE", help="write all cells as JUnit XML")
    add("--out", metavar="DIR", help="where records and the journal are (default .leakcheck/)")
    add("--allow-inconclusive", action="store_true", help="exit code 3 becomes 0")
    add("--warn-only", action="store_true", help="exit codes 1 and 3 become 0")


def matrix_command(given: argparse.Namespace, configuration: Configuration) -> MatrixCommand:
    """Return what the arguments and the configuration ask for.

    Raises:
        UsageError: if a value is none of its kind.
    """
    values = configuration.values
    configured, commanded = options_of(values, CONFIGURED), options_of(_options(given), "--")
    require_allowed({"jobs": given.jobs}, "--")
    for python in given.python or ():
        require_allowed({"python": python}, "--")
    return MatrixCommand(
        matrix=require_possible(
            Matrix(
                targets=tuple(dict.fromkeys(given.targets)),
                pythons=tuple(dict.fromkeys(given.python or [values.get("python", "")])),
                variables=variables_of(given.set or ()),
                options=commanded.over(configured),
            )
        ),
        settings=Settings(
            out=out_of(given.out, configuration),
            jobs=given.jobs if given.jobs is not None else values.get("jobs", 1),
            configured=configured,
            commanded=commanded,
            variables=dict(os.environ),
        ),
        known=known_of(configuration),
        cluster=cluster_of(given.cluster, configuration, commanded),
        json=_file("json", given.json),
        junit=_file("junit", given.junit),
        plan=given.plan,
        again=given.again,
        allow_inconclusive=given.allow_inconclusive or values.get("allow-inconclusive", False),
        warn_only=given.warn_only or values.get("warn-only", False),
    )


def _file(option: str, name: str | None) -> Path | None:
    return None if name is None else writable(option, Path(name))


def settings_by_python(command: MatrixCommand, folder: Path) -> dict[str, Settings]:
    """Return the settings of each interpreter on this machine, seen from `folder`.

    Raises:
        UsageError: if nothing on PATH has its name.
    """
    found = {
        python: interpreter_named(python, folder) if python else own_interpreter()
        for python in command.matrix.pythons
    }
    return {python: replace(command.settings, python=path) for python, path in found.items()}


def standing_of(command: MatrixCommand, journal: Journal) -> Standing:
    """Return how the matrix stands by its journal; with `--again` nothing of it has a verdict."""
    known = {} if command.again else journal.entries
    keys = {cell.key for cell in command.matrix.cells}
    return Standing(
        matrix=command.matrix,
        entries={key: entry for key, entry in known.items() if key in keys},
    )


def entering(known: Known) -> Callable[[Checked, float], Entry]:
    """Return what makes an entry of a check, given the known leaks."""

    def enter(checked: Checked, seconds: float) -> Entry:
        record = checked.record
        judgement, one = record.judgement, reported_run(record, known)
        causes = one.explanation.causes
        return Entry(
            record=record.id,
            verdict=judgement.verdict,
            counts=one.counts,
            growth=judgement.growth,
            where=_place(causes[0].line) if causes else "",
            reason=judgement.reason,
            seconds=seconds,
        )

    return enter


def _place(frame: Frame) -> str:
    return f"{shown_file(frame.file, Path.cwd())}:{frame.line}"


def estimate_s(command: MatrixCommand, standing: Standing, workers: int) -> float:
    """Return about how many seconds the open cells take, `workers` at a time."""
    limit_s = _limit_s(command.settings.configured, command.settings.commanded)
    return seconds_left(standing.open_cells(), standing.entries, limit_s) / max(workers, 1)


def _limit_s(configured: Options, commanded: Options) -> float:
    limit_s = commanded.over(configured).time_limit_s
    return DEFAULT_TIME_LIMIT_S if limit_s is None else limit_s


def _options(given: argparse.Namespace) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in vars(given).items()}
    return {name: value for name, value in named.items() if value is not None and name != "python"}
