"""`leakcheck report`: records as one page that others can read."""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from leakcheck.cli.exit_codes import EXIT_CLEAN
from leakcheck.cli.formats import HTML, file_name, rendered, require_format, write_report
from leakcheck.cli.layout import Commands, add_command
from leakcheck.cli.records import Stored, all_stored
from leakcheck.cli.screen import pour, say
from leakcheck.cli.telling import told
from leakcheck.configuration.table import Configuration
from leakcheck.configuration.values import out_of, writable
from leakcheck.model.briefing import Briefing
from leakcheck.model.errors import UsageError
from leakcheck.record.store import RecordStore
from leakcheck.wording.rows import shown_path

if TYPE_CHECKING:
    from leakcheck.cli.screen import Screen

STANDARD_OUTPUT: Final = "-"
_HELP: Final = "write a page about run records, for those who did not run them"
_EXAMPLES: Final = """\
examples:
  leakcheck report                                # the newest record, as HTML
  leakcheck report .leakcheck/2* -o leaks.html    # several on a page
  leakcheck report --format markdown -o - >> summary.md

The HTML page needs no network and no other file; memray's pages are linked
where they lie beside the record. Nothing is run, and no record is changed.

exit codes: 0 written, whatever the verdict; 2 wrong arguments, or a record that
            is missing, damaged or from a newer leakcheck: then nothing is
            written; 4 it could not be written
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCommand:
    """A `leakcheck report`: which records, in which format, and where to.

    No records are the newest; a `file` of None lies beside the record, ``-`` is standard output.
    """

    records: tuple[str, ...]
    out: Path
    format: str = HTML
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report that is to be written; `file` is None for standard output."""

    content: bytes
    file: Path | None


def add_report(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the arguments of `leakcheck report`."""
    parser = add_command(
        commands, "report", usage="[RECORD...] [options]", does=_HELP, more=_EXAMPLES
    )
    parser.add_argument(
        "records",
        nargs="*",
        metavar="RECORD",
        help="a record: its id, its folder or its file (default: the newest in --out)",
    )
    parser.add_argument(
        "-o",
        dest="file",
        metavar="FILE",
        help="where to, - for standard output (default: beside the record; of several, in --out)",
    )
    parser.add_argument(
        "--format", default=HTML, metavar="NAME", help="html, markdown, text or png (default html)"
    )
    parser.add_argument(
        "--out", metavar="DIR", help="where ids are looked for (default .leakcheck/)"
    )


def report_command(given: argparse.Namespace, configuration: Configuration) -> ReportCommand:
    """Return what the arguments ask for."""
    return ReportCommand(
        records=tuple(dict.fromkeys(given.records)),
        out=out_of(given.out, configuration),
        format=given.format,
        file=given.file,
    )


def report(command: ReportCommand, console: "Screen", _: "Screen") -> int:
    """Write the report that is asked for, and return the exit code: that of any verdict is 0.

    Raises:
        UsageError: if a record cannot be read, or the file or the format cannot be used.
    """
    put(reported(command), console)
    return EXIT_CLEAN


def put(found: Report, console: "Screen") -> None:
    """Write a report to where it belongs, and say where that is."""
    if found.file is None:
        pour(sys.stdout, found.content)
    else:
        say(console, f"wrote {shown_path(write_report(found.file, found.content))}")


def reported(command: ReportCommand) -> Report:
    """Return the report that `command` asks for; nothing is written yet.

    Raises:
        UsageError: if a record cannot be read, or the file or the format cannot be used.
    """
    entry = require_format(command.format)
    records = all_stored(command.records or (newest(command.out),), command.out)
    file = _file(command, records)
    folder = file.parent if file is not None else None
    briefing = Briefing(runs=tuple(told(one, Path.cwd(), folder) for one in records))
    return Report(content=rendered(entry, briefing), file=file)


def newest(out: Path) -> str:
    """Return the id of the newest record in a folder.

    Raises:
        UsageError: if there is none.
    """
    ids = RecordStore(out).ids()
    if not ids:
        msg = f"{out}: found no run record there, wanted RECORD or a folder with one (--out)"
        raise UsageError(msg)
    return ids[-1]


def _file(command: ReportCommand, records: list[Stored]) -> Path | None:
    if command.file == STANDARD_OUTPUT:
        return None
    if command.file is not None:
        return writable("o", Path(command.file))
    folder = records[0].folder if len(records) == 1 else command.out
    return writable("o", folder / file_name(command.format))
