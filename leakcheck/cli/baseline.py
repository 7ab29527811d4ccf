"""`leakcheck baseline`: the entries of `allow` for what leaks already."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from leakcheck.analysis.baseline import Baseline, baseline, together
from leakcheck.cli.exit_codes import EXIT_CLEAN
from leakcheck.cli.layout import Commands, add_command
from leakcheck.cli.records import Stored, all_stored
from leakcheck.cli.reporting import newest
from leakcheck.cli.screen import say
from leakcheck.configuration.table import Configuration
from leakcheck.configuration.values import out_of
from leakcheck.known import today
from leakcheck.model.errors import UsageError
from leakcheck.model.verdict import Verdict
from leakcheck.wording.explaining import explained_from

if TYPE_CHECKING:
    from leakcheck.cli.screen import Screen

_DAYS: Final = 90
_HELP: Final = "print the entries of `allow` for what leaks in run records"
_EXAMPLES: Final = """\
examples:
  leakcheck baseline                                    # the newest record
  leakcheck baseline .leakcheck/2* --until 2027-01-31 --reason "ticket 12"

The lines belong into [tool.leakcheck] of pyproject.toml; from then on only
leaks that are new or worse fail. Rates are upper bounds, rounded up. Nothing is
run, and no file is changed.

exit codes: 0 printed, 2 wrong arguments or a record that cannot be read
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineCommand:
    """A `leakcheck baseline`: of which records, until when and why; none are the newest."""

    records: tuple[str, ...]
    out: Path
    project: Path
    until: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Baselined:
    """The lines to paste, and what is to be said beside them."""

    lines: tuple[str, ...]
    remarks: tuple[str, ...]


def add_baseline(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the arguments of `leakcheck baseline`."""
    parser = add_command(
        commands, "baseline", usage="[RECORD...] [options]", does=_HELP, more=_EXAMPLES
    )
    parser.add_argument(
        "records",
        nargs="*",
        metavar="RECORD",
        help="its id, folder or file (default: the newest in --out)",
    )
    parser.add_argument(
        "--until", metavar="DATE", help=f"the last day, as YYYY-MM-DD (default: in {_DAYS} days)"
    )
    parser.add_argument("--reason", metavar="TEXT", help="why, such as a ticket")
    parser.add_argument(
        "--out", metavar="DIR", help="where ids are looked for (default .leakcheck/)"
    )


def baseline_command(given: argparse.Namespace, configuration: Configuration) -> BaselineCommand:
    """Return what the arguments ask for.

    Raises:
        UsageError: if the day or the reason is none.
    """
    now = today()
    return BaselineCommand(
        records=tuple(dict.fromkeys(given.records)),
        out=out_of(given.out, configuration),
        project=configuration.folder,
        until=now + timedelta(days=_DAYS) if given.until is None else _day(given.until, now),
        reason=f"known on {now}" if given.reason is None else _reason(given.reason),
    )


def print_baseline(command: BaselineCommand, console: "Screen", errors: "Screen") -> int:
    """Print the lines that allow what the records hold, and return the exit code.

    Raises:
        UsageError: if a record cannot be read.
    """
    found = baselined(command)
    for line in found.remarks:
        say(errors, f"leakcheck: {line}")
    for line in found.lines:
        say(console, line)
    return EXIT_CLEAN


def baselined(command: BaselineCommand) -> Baselined:
    """Return the lines that allow what the records hold.

    Raises:
        UsageError: if a record cannot be read.
    """
    records = all_stored(command.records or (newest(command.out),), command.out)
    found = together(_of(one, command) for one in records)
    entries = [f"  {_quoted(one.entry)}," for one in found.entries]
    lines = ["allow = [", *entries, "]"] if entries else ["allow = []"]
    return Baselined(lines=tuple(lines), remarks=tuple(_remarks(records, found)))


def _of(one: Stored, command: BaselineCommand) -> Baseline:
    explanation = explained_from(one.record, Path.cwd())
    return baseline(
        one.record,
        explanation,
        until=command.until,
        reason=command.reason,
        project=command.project,
    )


def _remarks(records: list[Stored], found: Baseline) -> Iterator[str]:
    for one in records:
        verdict = one.record.judgement.verdict
        if verdict is not Verdict.LEAK:
            yield f"{one.record.id}: found {verdict}, wanted a LEAK: it has nothing to allow"
    for site in found.unnamed:
        yield f"{site!r}: no entry can name it, and it is left out"


def _quoted(text: str) -> str:
    r"""Return a text of one line as TOML has it.

    >>> print(_quoted('a "b" \\ c'))
    "a \"b\" \\ c"
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _day(text: str, now: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day < now or day.isoformat() != text:
        msg = f"--until: found {text!r}, wanted a day as YYYY-MM-DD, {now} or later"
        raise UsageError(msg)
    return day


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason or not reason.isprintable():
        msg = f"--reason: found {text!r}, wanted a text on one line"
        raise UsageError(msg)
    return reason
