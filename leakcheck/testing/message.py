"""What a test fails with: the finding in short, the rest is in the record."""

from pathlib import Path
from typing import Final

from leakcheck.analysis.places import shown_text
from leakcheck.check import Checked
from leakcheck.model.reported import Reported
from leakcheck.model.text import printable
from leakcheck.wording.explaining import explanation_lines
from leakcheck.wording.rows import last_words, shown_path

MOST_LINES: Final = 25
_LAST: Final = 2
"""The last lines are the command that repeats it and where the rest is: they always stay."""


def leak_message(checked: Checked, found: Reported, project: Path) -> str:
    """Return the finding in 25 lines at the most, files named as seen from `project`."""
    record = checked.record
    judgement = record.judgement
    lines = [f"{judgement.verdict}: {shown_text(judgement.reason, project)}"]
    lines += [f"allow: {shown_text(said, project)}" for said in found.allowed.sentences]
    lines += explanation_lines(judgement, found.explanation, project)
    lines += [f"note: {shown_text(note, project)}" for note in record.measurement.notes]
    lines.append(f"record: {shown_path(checked.folder)} (leakcheck why {record.id})")
    return "\n".join(map(printable, shortened_to(MOST_LINES, lines)))


def shortened_to(most: int, lines: list[str]) -> list[str]:
    """Return `lines`, or the first and the last two of them and how many are left out.

    >>> shortened_to(4, ["a", "b", "c", "d", "e"])
    ['a', '    (2 more lines in the record)', 'd', 'e']
    """
    if len(lines) <= most:
        return lines
    head = most - _LAST - 1
    left_out = len(lines) - head - _LAST
    return [*lines[:head], f"    ({left_out} more lines in the record)", *lines[-_LAST:]]


def ended_message(checked: Checked, project: Path) -> str:
    """Return why a test could not be looped to its end, and what pytest says of it."""
    measurement = checked.record.measurement
    why = measurement.failure or "; ".join(measurement.notes) or checked.record.judgement.reason
    head = f"{_subject(checked)} {shown_text(why, project)}"
    said = list(checked.traceback) or [line.strip() for line in last_words(checked)]
    return "\n".join(map(printable, [head, *said]))


def _subject(checked: Checked) -> str:
    """Return what the sentence on a failure is about: the test itself, or that it was looped."""
    if checked.record.measurement.failure is None:
        return "looped to its end; then it"
    if checked.record.measurement.iterations:
        return "cannot be looped with its fixtures set up once: it passed before, and"
    return "could not be looped: it"
