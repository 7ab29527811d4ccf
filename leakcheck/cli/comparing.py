"""`leakcheck compare`: two records beside each other, and a word on how they differ."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from leakcheck.analysis.comparison import difference
from leakcheck.analysis.shown import as_shown
from leakcheck.check import Checked
from leakcheck.cli.exit_codes import EXIT_CLEAN, EXIT_ERROR, EXIT_INCONCLUSIVE, EXIT_LEAK
from leakcheck.cli.formats import HTML, rendered, require_format
from leakcheck.cli.layout import Commands, add_command
from leakcheck.cli.records import Stored, all_stored
from leakcheck.cli.reporting import STANDARD_OUTPUT, Report, put
from leakcheck.cli.screen import say
from leakcheck.cli.telling import told
from leakcheck.cli.writing import write_text
from leakcheck.configuration.table import Configuration
from leakcheck.configuration.values import out_of, writable
from leakcheck.model.briefing import Briefing
from leakcheck.model.comparison import Difference, LineMove, Move, Reading, Word
from leakcheck.model.signals import BYTE_SIGNALS, Signal
from leakcheck.model.units import format_count, format_rate
from leakcheck.model.verdict import Growth
from leakcheck.record.comparison_json import comparison_text
from leakcheck.wording.rows import row

if TYPE_CHECKING:
    from leakcheck.cli.screen import Screen

_HELP: Final = "put two run records beside each other and say what changed"
_EXAMPLES: Final = """\
examples:
  leakcheck compare 20261123T120000Z-tick-1a2b3c 20261124T120000Z-tick-4d5e6f
  leakcheck compare old/2*-tick-* .leakcheck/2*-tick-* --json compare.json
  leakcheck compare A B -o compare.html              # as a page, with both runs

Nothing is run. The last line is the answer:
  same, better or worse: heap in use: 185 B -> 12 B an iteration (9 B .. 15 B)
  mixed: some of it better and some worse, or one leak gone and another new
  not sure: the intervals are too wide to say either
  not comparable: two workloads, or one that could not be measured

exit codes: 0 same or better, 1 worse or mixed, 2 wrong arguments or a record
            that cannot be read, 3 not sure, 4 not comparable
"""

_EXIT_CODES: Final = {
    Word.SAME: EXIT_CLEAN,
    Word.BETTER: EXIT_CLEAN,
    Word.WORSE: EXIT_LEAK,
    Word.MIXED: EXIT_LEAK,
    Word.NOT_SURE: EXIT_INCONCLUSIVE,
    Word.NOT_COMPARABLE: EXIT_ERROR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareCommand:
    """A `leakcheck compare`: which two records, and what to write beside the answer."""

    before: str
    after: str
    out: Path
    renamed: bool = False
    json: Path | None = None
    format: str = HTML
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two records as they are shown, how they differ, and the report, if one was asked for."""

    before: Stored
    after: Stored
    difference: Difference
    report: Report | None


def add_compare(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the arguments of `leakcheck compare`."""
    parser = add_command(commands, "compare", usage="A B [options]", does=_HELP, more=_EXAMPLES)
    parser.add_argument("before", metavar="A", help="a record: its id, its folder or its file")
    parser.add_argument("after", metavar="B", help="the one to compare with it")
    parser.add_argument(
        "--renamed", action="store_true", help="compare them although their names differ"
    )
    parser.add_argument("--json", metavar="FILE", help="write the comparison as JSON")
    parser.add_argument("-o", dest="file", metavar="FILE", help="write a report, - for a pipe")
    parser.add_argument(
        "--format", default=HTML, metavar="NAME", help="of that: html, markdown or text"
    )
    parser.add_argument(
        "--out", metavar="DIR", help="where ids are looked for (default .leakcheck/)"
    )


def compare_command(given: argparse.Namespace, configuration: Configuration) -> CompareCommand:
    """Return what the arguments ask for.

    Raises:
        UsageError: if a file cannot be written.
    """
    return CompareCommand(
        before=given.before,
        after=given.after,
        out=out_of(given.out, configuration),
        renamed=given.renamed,
        json=writable("json", Path(given.json)) if given.json is not None else None,
        format=given.format,
        file=given.file,
    )


def compare(command: CompareCommand, console: "Screen", _: "Screen") -> int:
    """Say how the two records differ, and return the exit code.

    Raises:
        UsageError: if one cannot be read, or the file or the format cannot be used.
    """
    compared = compared_records(command)
    word = compared.difference.word
    if command.json is not None:
        before, after = compared.before.record, compared.after.record
        write_text(command.json, comparison_text(compared.difference, before, after))
    if compared.report is None or compared.report.file is not None:
        for line in comparison_lines(compared):
            say(console, line)
    if compared.report is not None:  # on standard output it stands alone
        put(compared.report, console)
    return _EXIT_CODES[word]


def compared_records(command: CompareCommand) -> Compared:
    """Return how the two records differ; nothing is written yet.

    Raises:
        UsageError: if one cannot be read, or the file or the format cannot be used.
    """
    before, after = all_stored((command.before, command.after), command.out)
    found = difference(before.record, after.record, renamed=command.renamed)
    found = as_shown(found, Path.cwd())
    return Compared(
        before=before,
        after=after,
        difference=found,
        report=_report(command, (before, after), found),
    )


def _report(
    command: CompareCommand, records: tuple[Stored, Stored], found: Difference
) -> Report | None:
    if command.file is None:
        return None
    entry = require_format(command.format)
    file = None if command.file == STANDARD_OUTPUT else writable("o", Path(command.file))
    folder = file.parent if file is not None else None
    runs = tuple(told(one, Path.cwd(), folder) for one in records)
    return Report(content=rendered(entry, Briefing(runs=runs, difference=found)), file=file)


def comparison_lines(compared: Compared) -> Iterator[str]:
    """Yield the lines that tell of a comparison, the answer last."""
    for name, one in (("A", compared.before), ("B", compared.after)):
        yield f"{name}  {row(Checked(record=one.record, folder=one.folder))}"
    found = compared.difference
    yield from _readings(found.readings)
    for line in found.lines or ():
        yield f"{line.move:<8} {_line(line)}"
    yield from found.remarks
    yield found.sentence


def _readings(readings: Sequence[Reading]) -> Iterator[str]:
    """Yield a line for heap in use and whatever is not the same, and one for the others."""
    for one in sorted(readings, key=lambda one: not one.decides):
        is_told = one.decides or one.move.is_better or one.move.is_worse
        if one.signal is Signal.HEAP or (is_told and one.move is not Move.SAME):
            yield f"{one.move:<8} {_reading(one)}"
    same = [one for one in readings if one.decides and one.move is Move.SAME]
    names = [str(one.signal) for one in same if one.signal is not Signal.HEAP]
    if names:
        yield f"{Move.SAME:<8} {', '.join(names)}"


def _reading(one: Reading) -> str:
    said = f"{one.signal}  {_rate(one.signal, one.before)} -> {_rate(one.signal, one.after)}"
    return said if one.decides else f"{said}  (does not decide)"


def _line(one: LineMove) -> str:
    line = one.line
    place = f"{line.file}:{line.line}  {line.function}()" if line.file else "(no Python frame)"
    return f"{place}  {_rate(Signal.HEAP, one.before)} -> {_rate(Signal.HEAP, one.after)}"


def _rate(signal: Signal, growth: Growth | None) -> str:
    """Return a rate with its interval, a dash where there is none."""
    if growth is None:
        return "-"
    of = format_rate if signal in BYTE_SIGNALS else format_count
    if not growth.confidence:
        return of(growth.estimate)
    return f"{of(growth.estimate)} ({of(growth.low)} .. {of(growth.high)})"
