"""Running what `leakcheck matrix` asks for, and telling of it as it goes on."""

import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from leakcheck.check import Checked, Settings
from leakcheck.cli.ending import terminated_as_interrupted, told_interrupted
from leakcheck.cli.exit_codes import EXIT_CLEAN, EXIT_USAGE, exit_code
from leakcheck.cli.matrix import (
    MatrixCommand,
    entering,
    estimate_s,
    settings_by_python,
    standing_of,
)
from leakcheck.cli.progress import View, view_on
from leakcheck.cli.screen import say
from leakcheck.cli.writing import write_text
from leakcheck.fanout.cluster import Cluster
from leakcheck.matrix.cells import Cell
from leakcheck.matrix.document import matrix_text
from leakcheck.matrix.entry import Entry
from leakcheck.matrix.journal import Journal, locked, read_journal
from leakcheck.matrix.junit import matrix_junit
from leakcheck.matrix.running import Running, Standing, Told
from leakcheck.record.store import RecordStore
from leakcheck.wording.matrix import exception_lines, plan_lines, row_of, table_lines, tally

if TYPE_CHECKING:
    from leakcheck.cli.screen import Screen

_NOTHING_LEFT: Final = "every check has a verdict; --again runs them again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How a matrix speaks: results to `say`, what goes wrong to `complain`; `view` is live."""

    say: Callable[[str], None]
    complain: Callable[[str], None]
    view: View


def run_cells(command: MatrixCommand, console: "Screen", errors: "Screen") -> int:
    """Run what has no verdict yet, tell of it, and return the exit code; see `run_matrix`."""
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
        return told_interrupted(command.settings.out, errors)
    if standing.refused:
        return EXIT_USAGE
    return exit_code(
        [entry.verdict for entry in standing.entries.values() if entry.counts],
        allow_inconclusive=command.allow_inconclusive,
        warn_only=command.warn_only,
    )


def run_matrix(command: MatrixCommand, voice: Voice, interrupted: threading.Event) -> Standing:
    """Return how the matrix stands once it was run, or planned, and told of.

    Raises:
        UsageError: if an interpreter, the folder, its journal or the cluster cannot be used.
        LeakcheckError: if a record or the journal cannot be written, or the cluster is gone.
    """
    out = command.settings.out
    pythons = {} if command.cluster else settings_by_python(command, Path.cwd())
    if command.plan:
        standing = standing_of(command, read_journal(out))
        _say_plan(command, standing, voice, command.settings.jobs)
        return standing
    RecordStore(out).prepare()
    with locked(out):
        journal = read_journal(out)
        standing = standing_of(command, journal)
        _say_change(command, journal, standing, voice)
        try:
            _run(command, standing, journal, pythons, voice, interrupted)
        finally:
            _say_all(command, standing, voice)
    return standing


def _run(
    command: MatrixCommand,
    standing: Standing,
    journal: Journal,
    pythons: Mapping[str, Settings],
    voice: Voice,
    interrupted: threading.Event,
) -> None:
    told = _told(standing, voice)
    running = Running(standing, journal, command.settings, entering(command.known), told)
    if not standing.open_cells():
        voice.say(_NOTHING_LEFT)
        return
    with Cluster(command.cluster) if command.cluster else nullcontext() as cluster:
        workers = len(cluster.workers()) if cluster else command.settings.jobs
        _say_plan(command, standing, voice, workers)
        with voice.view:
            if cluster:
                running.on(cluster, interrupted)
            else:
                running.here(pythons, interrupted)


def _told(standing: Standing, voice: Voice) -> Told:
    number = len(standing.matrix.cells)

    def done(cell: Cell, _: Checked, entry: Entry) -> None:
        voice.view.forget(cell.label)
        so_far = len(standing.entries) + len(standing.refused)
        voice.say(row_of(cell, entry, number=so_far, of=number))

    def refused(cell: Cell, reason: str) -> None:
        voice.view.forget(cell.label)
        voice.complain(f"{cell.label}: not run: {reason}")

    def again(cell: Cell, _: str) -> None:
        voice.complain(f"{cell.label}: run again: its worker died")

    return Told(observe=voice.view.show, done=done, refused=refused, again=again)


def _say_plan(command: MatrixCommand, standing: Standing, voice: Voice, workers: int) -> None:
    seconds = estimate_s(command, standing, workers)
    for line in plan_lines(standing, at_once=workers, seconds=seconds):
        voice.say(line)


def _say_change(command: MatrixCommand, journal: Journal, standing: Standing, voice: Voice) -> None:
    others = journal.others(command.matrix)
    if others and not command.again:
        new = len(standing.open_cells())
        voice.complain(
            f"the matrix has changed: {command.settings.out} has verdicts on {others:,} checks "
            f"that are not in it, and none on {new:,} that are"
        )


def _say_all(command: MatrixCommand, standing: Standing, voice: Voice) -> None:
    for lines in (table_lines(standing), exception_lines(standing)):
        voice.say("")
        for line in lines:
            voice.say(line)
    voice.say(tally(standing))
    if command.json is not None:
        write_text(command.json, matrix_text(standing))
    if command.junit is not None:
        text = matrix_junit(
            standing, allow_inconclusive=command.allow_inconclusive, project=Path.cwd()
        )
        write_text(command.junit, text)
