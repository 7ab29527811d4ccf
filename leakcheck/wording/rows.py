"""What is said of a checked workload, as lines of plain text."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from leakcheck.analysis.places import shown_text
from leakcheck.check import Checked
from leakcheck.model.allowance import Allowed
from leakcheck.model.explanation import Explanation
from leakcheck.model.measurement import Measurement
from leakcheck.model.text import printable
from leakcheck.model.units import format_rate
from leakcheck.model.verdict import Growth, Verdict
from leakcheck.wording.explaining import explained_from, explanation_lines

INDENT: Final = " " * 14
_TAIL_LINES: Final = 15


def row(checked: Checked, allowed: Allowed | None = None) -> str:
    """Return the one row of a workload: verdict, name, growth with its interval, length.

    A LEAK stays one where it is allowed; the row says so, and until when.
    """
    record = checked.record
    judgement, measurement = record.judgement, record.measurement
    name = record.plan.target
    cells = [f"{judgement.verdict:<13} {name}"]
    if judgement.growth is not None:
        cells.append(growth_text(judgement.growth))
    times = "iteration" if measurement.iterations == 1 else "iterations"
    cells.append(f"{measurement.iterations:,} {times} in {measurement.elapsed_s:.1f} s")
    if allowed is not None and allowed.passes:
        cells.append(f"allowed until {min(one.until for one in allowed.used)}")
    return "   ".join(cells)


def details(
    checked: Checked,
    project: Path,
    explanation: Explanation | None = None,
    allowed: Allowed | None = None,
) -> list[str]:
    """Return the lines below the row: why, where it grows, what was proved and what was kept.

    `explanation` is the record's own unless another is given; `allowed` what is known of it.
    """
    record = checked.record
    judgement, measurement = record.judgement, record.measurement
    lines = [shown_text(judgement.reason, project)]
    lines += allowed.sentences if allowed is not None else ()
    lines += map(
        printable,
        explanation_lines(judgement, explanation or explained_from(record, project), project),
    )
    if judgement.cannot_see:
        lines.append(f"cannot see: {judgement.cannot_see}")
    lines += [f"note: {shown_text(note, project)}" for note in measurement.notes]
    lines.append(_probes(measurement))
    lines.append(f"record {shown_path(checked.folder)}{_pages(checked.folder)}")
    return [INDENT + line for line in lines]


def last_words(checked: Checked) -> list[str]:
    """Return what the workload itself said before it failed, for the terminal only."""
    if checked.record.judgement.verdict is not Verdict.ERROR:
        return []
    lines = [line for text in checked.traceback for line in text.rstrip().splitlines()]
    printed = checked.output_tail.strip().splitlines()[-_TAIL_LINES:]
    said = ["it printed last:", *printed] if printed else []
    return [f"{INDENT}| {printable(line)}" for line in [*lines, *said]]


def growth_text(growth: Growth) -> str:
    """Return a rate with its interval: ``+108 B/iteration (107 B .. 109 B at 99 %)``."""
    low, high = format_rate(growth.low), format_rate(growth.high)
    sign = "+" if growth.estimate > 0 else ""
    return (
        f"{sign}{format_rate(growth.estimate)}/iteration "
        f"({low} .. {high} at {100 * growth.confidence:g} %)"
    )


def closing(verdicts: Iterable[Verdict], *, allowed: int = 0) -> str:
    """Return the last line: how many workloads got which verdict, and how many LEAK are allowed.

    >>> closing([Verdict.CLEAN, Verdict.LEAK, Verdict.CLEAN])
    '1 LEAK, 2 CLEAN'
    >>> closing([Verdict.LEAK, Verdict.LEAK, Verdict.CLEAN], allowed=1)
    '2 LEAK (1 allowed), 1 CLEAN'
    """
    found = list(verdicts)
    order = (Verdict.LEAK, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.CLEAN)
    said = {Verdict.LEAK: f" ({allowed} allowed)"} if allowed else {}
    counted = (f"{found.count(v)} {v}{said.get(v, '')}" for v in order if v in found)
    return ", ".join(counted) or "nothing checked"


def _probes(measurement: Measurement) -> str:
    if measurement.from_outside is not None:
        return "seen from outside: memory, descriptors, threads and children of all its processes"
    probes = measurement.probes
    verified = ", ".join(probes.verified) or "none"
    missed = f"; not available: {', '.join(probes.unavailable)}" if probes.unavailable else ""
    return f"probes verified: {verified}{missed}"


def _pages(folder: Path) -> str:
    names = (
        "report.html",
        "rss.png",
        "rss.svg",
        "growth.html",
        "growth-native.html",
        "flamegraph.html",
        "leaks.html",
    )
    there = [name for name in names if (folder / name).exists()]
    return f"  ({', '.join(there)})" if there else ""


def shown_path(path: Path) -> str:
    """Return a path as seen from here, or as it is where it lies elsewhere."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
