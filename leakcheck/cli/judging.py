"""`leakcheck judge`: the verdict on a record that is already there, computed anew."""

import argparse
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from leakcheck.analysis.decision import judge
from leakcheck.check import Checked
from leakcheck.cli.files import Files, add_ci_files, files_given
from leakcheck.cli.github import GitHub, github_of, only_where_asked
from leakcheck.cli.layout import Commands, add_command
from leakcheck.cli.records import Stored, all_stored
from leakcheck.configuration.ranges import require_allowed
from leakcheck.configuration.table import Configuration
from leakcheck.configuration.values import out_of, size_of
from leakcheck.known import Known, known_of
from leakcheck.model.plan import Thresholds
from leakcheck.model.run_record import RunRecord
from leakcheck.model.units import format_count, format_rate
from leakcheck.model.verdict import Judgement, Verdict
from leakcheck.wording.rows import INDENT

_HELP: Final = "judge a run record anew, without running anything"
_EXAMPLES: Final = """\
examples:
  leakcheck judge 20261123T120000Z-tick-1a2b3c       # an id in --out
  leakcheck judge .leakcheck/2* --json verdicts.json       # folders
  leakcheck judge .leakcheck/2* --threshold 64B

The verdict comes from the recorded series alone, by the thresholds of the run
unless others are given. The record is not changed.

exit codes: those of `leakcheck run`; 2 also where a record is missing, damaged
            or from a newer leakcheck
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCommand:
    """A `leakcheck judge`: which records, by which thresholds; None is the record's own."""

    records: tuple[str, ...]
    out: Path
    threshold_bytes: float | None = None
    count_threshold: float | None = None
    files: Files = field(default_factory=Files)
    known: Known = field(default_factory=Known)
    github: GitHub = field(default_factory=GitHub)
    allow_inconclusive: bool = False
    warn_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """A record with its new judgement in place of the stored one, and that one beside it."""

    checked: Checked
    stored: RunRecord


def add_judge(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the arguments of `leakcheck judge`."""
    parser = add_command(commands, "judge", usage="RECORD... [options]", does=_HELP, more=_EXAMPLES)
    parser.add_argument(
        "records", nargs="+", metavar="RECORD", help="a record: its id, its folder or its file"
    )
    parser.add_argument("--threshold", metavar="SIZE", help="as for run (default: as in the run)")
    parser.add_argument(
        "--count-threshold", type=float, metavar="X", help="as for run (default: as in the run)"
    )
    parser.add_argument("--json", metavar="FILE", help="write the verdicts as JSON")
    add_ci_files(parser)
    parser.add_argument(
        "--out", metavar="DIR", help="where ids are looked for (default .leakcheck/)"
    )
    parser.add_argument("--allow-inconclusive", action="store_true", help="exit code 3 becomes 0")
    parser.add_argument("--warn-only", action="store_true", help="exit codes 1 and 3 become 0")


def judge_command(given: argparse.Namespace, configuration: Configuration) -> JudgeCommand:
    """Return what the arguments ask for; of the configuration, only what is not of a run.

    Known leaks count here as they do there. A file that the configuration names for the verdicts
    of a run is not written over.

    Raises:
        UsageError: if a value is none of its kind.
    """
    values = configuration.values
    sizes = {"threshold": given.threshold} if given.threshold is not None else {}
    require_allowed({**sizes, "count-threshold": given.count_threshold}, "--")
    return JudgeCommand(
        records=tuple(dict.fromkeys(given.records)),
        out=out_of(given.out, configuration),
        threshold_bytes=size_of(sizes, "threshold", "--"),
        count_threshold=given.count_threshold,
        files=files_given(given),
        known=known_of(configuration),
        github=github_of(given, Configuration(folder=Path()), only_where_asked(os.environ)),
        allow_inconclusive=given.allow_inconclusive or values.get("allow-inconclusive", False),
        warn_only=given.warn_only or values.get("warn-only", False),
    )


def judge_records(command: JudgeCommand) -> list[Rejudged]:
    """Return every record that `command` names, judged anew.

    Raises:
        UsageError: if one is missing, damaged or too new: then none is judged.
    """
    return [_rejudged(command, one) for one in all_stored(command.records, command.out)]


def difference(one: Rejudged) -> str | None:
    """Return the line that says how the stored verdict differs, None if it does not."""
    stored, now = one.stored, one.checked.record
    if stored.judgement.verdict is now.judgement.verdict:
        return None
    limits = stored.plan.thresholds
    by = "" if limits == now.plan.thresholds else f" at {_text(limits)}"
    return (
        f"{INDENT}differs: leakcheck {stored.leakcheck} said {stored.judgement.verdict}{by}: "
        f"{stored.judgement.reason}"
    )


def _rejudged(command: JudgeCommand, one: Stored) -> Rejudged:
    stored = one.record
    thresholds = _thresholds(command, stored.plan.thresholds)
    record = replace(
        stored,
        plan=replace(stored.plan, thresholds=thresholds),
        judgement=_with_holders(judge(stored.measurement, thresholds), stored.judgement),
    )
    return Rejudged(checked=Checked(record=record, folder=one.folder), stored=stored)


def _thresholds(command: JudgeCommand, own: Thresholds) -> Thresholds:
    size, count = command.threshold_bytes, command.count_threshold
    return Thresholds(
        bytes_per_iteration=own.bytes_per_iteration if size is None else size,
        counts_per_iteration=own.counts_per_iteration if count is None else count,
    )


def _with_holders(now: Judgement, stored: Judgement) -> Judgement:
    """Return a LEAK with what held its objects: read from a live process, once and for all."""
    if now.verdict is not Verdict.LEAK or now.held_by:
        return now
    return replace(now, held_by=stored.held_by)


def _text(thresholds: Thresholds) -> str:
    return (
        f"{format_rate(thresholds.bytes_per_iteration)} and "
        f"{format_count(thresholds.counts_per_iteration)} an iteration"
    )
