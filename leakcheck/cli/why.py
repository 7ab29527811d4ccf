"""`leakcheck why`: the explanation of a leak once more, from its record."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from leakcheck.analysis.explanation import explain_record
from leakcheck.check import Checked
from leakcheck.cli.exit_codes import exit_code
from leakcheck.cli.files import write_verdicts
from leakcheck.cli.layout import Commands, add_command
from leakcheck.cli.records import stored
from leakcheck.cli.saying import print_checked
from leakcheck.configuration.ranges import require_allowed
from leakcheck.configuration.table import Configuration
from leakcheck.configuration.values import out_of, size_of, writable
from leakcheck.model.explanation import Explanation
from leakcheck.model.reported import Reported
from leakcheck.run.interpreter import own_interpreter

if TYPE_CHECKING:
    from leakcheck.cli.screen import Screen

_HELP: Final = "explain a leak again, from its record"
_EXAMPLES: Final = """\
examples:
  leakcheck why 20261123T120000Z-tick-1a2b3c       # an id in --out
  leakcheck why .leakcheck/2*-tick-* --limit 512MB --rate 8
  leakcheck why .leakcheck/2*-tick-* --json why.json

Nothing is run, and the record is not changed.

exit codes: those of `leakcheck run` for the stored verdict; 2 also where the
            record is missing, damaged or from a newer leakcheck
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyCommand:
    """A `leakcheck why`: which record, and the limit and pace to look ahead with."""

    record: str
    out: Path
    limit_bytes: float | None = None
    iterations_per_second: float | None = None
    json: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A record, where it lies, and what is known of its leak."""

    checked: Checked
    explanation: Explanation


def add_why(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the arguments of `leakcheck why`."""
    parser = add_command(commands, "why", usage="RECORD [options]", does=_HELP, more=_EXAMPLES)
    parser.add_argument("record", metavar="RECORD", help="a record: its id, its folder or its file")
    parser.add_argument(
        "--limit", metavar="SIZE", help="the memory that there is (default: the container's limit)"
    )
    parser.add_argument(
        "--rate", type=float, metavar="X", help="iterations a second (default: as measured)"
    )
    parser.add_argument("--json", metavar="FILE", help="write the verdict as JSON")
    parser.add_argument(
        "--out", metavar="DIR", help="where ids are looked for (default .leakcheck/)"
    )


def why_command(given: argparse.Namespace, configuration: Configuration) -> WhyCommand:
    """Return what the arguments ask for.

    Raises:
        UsageError: if a value is none of its kind.
    """
    require_allowed({"limit": given.limit, "rate": given.rate}, "--")
    sizes = {"limit": given.limit} if given.limit is not None else {}
    return WhyCommand(
        record=given.record,
        out=out_of(given.out, configuration),
        limit_bytes=size_of(sizes, "limit", "--"),
        iterations_per_second=given.rate,
        json=writable("json", Path(given.json)) if given.json is not None else None,
    )


def explain(command: WhyCommand, console: "Screen", errors: "Screen") -> int:
    """Print the explanation, and return the exit code of the stored verdict.

    Raises:
        UsageError: if the record is missing, damaged or too new.
    """
    found = explained(command)
    one = Reported(record=found.checked.record, explanation=found.explanation)
    print_checked(found.checked, console, errors, one)
    if command.json is not None:
        write_verdicts(command.json, [one])
    return exit_code([one.verdict], allow_inconclusive=False, warn_only=False)


def explained(command: WhyCommand) -> Explained:
    """Return the record that `command` names with its explanation.

    Raises:
        UsageError: if it is missing, damaged or too new.
    """
    found = stored(command.record, command.out)
    return Explained(
        checked=Checked(record=found.record, folder=found.folder),
        explanation=explain_record(
            found.record,
            limit_bytes=command.limit_bytes,
            iterations_per_second=command.iterations_per_second,
            project=Path.cwd(),
            own_python=own_interpreter(),
        ),
    )
