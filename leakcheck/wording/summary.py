"""The summary of a CI job as GitHub's Markdown: verdicts, findings and curves."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from leakcheck.analysis.places import shown_text
from leakcheck.model.reported import Reported
from leakcheck.model.text import printable
from leakcheck.model.verdict import Verdict
from leakcheck.wording.curve import curve
from leakcheck.wording.explaining import explanation_lines
from leakcheck.wording.rows import closing, growth_text

MOST_BYTES: Final = 1 << 20
"""GitHub refuses the summary of a step that is larger."""
_ROOM: Final = 1 << 10
_LONGEST: Final = 500
_MOST_CURVES: Final = 10
_ORDER: Final = (Verdict.LEAK, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.CLEAN)
_MARKS: Final = {
    Verdict.LEAK: "\N{LARGE RED CIRCLE}",
    Verdict.CLEAN: "\N{LARGE GREEN CIRCLE}",
    Verdict.INCONCLUSIVE: "\N{LARGE YELLOW CIRCLE}",
    Verdict.ERROR: "\N{LARGE PURPLE CIRCLE}",
}
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>#|~@$+-]|:(?=\S)|(?<=www)\.)")
"""What Markdown, or a site's own reading of it, may take for more than a character."""


def summary(runs: Sequence[Reported], project: Path, *, most_bytes: int = MOST_BYTES) -> str:
    """Return the summary, in `most_bytes` of UTF-8 at the most; the worst verdicts come first.

    Whatever a record says is text in it.
    """
    worst_first = sorted(runs, key=lambda one: (not one.counts, _ORDER.index(one.verdict)))
    allowed = sum(one.allowed.passes for one in runs)
    text = f"## leakcheck: {closing([one.verdict for one in runs], allowed=allowed)}\n\n"
    text += "| Verdict | Workload | Growth | Iterations |\n|---|---|---|---|\n"
    parts = [*(_row(one) for one in worst_first), "\n"]
    parts += [_section(one, project, at) for at, one in enumerate(worst_first)]
    for number, part in enumerate(parts):
        if len((text + part).encode()) > most_bytes - _ROOM:
            more = f"\n\n{len(parts) - number} more parts do not fit in here.\n"
            return text + more if len(text.encode()) < most_bytes - _ROOM else ""
        text += part
    return text


def plain(text: str) -> str:
    r"""Return a text that Markdown shows as it is, on one line and not too long.

    >>> plain("a*b* <img> @all 1|2"), plain("- x"), plain("&lt;")
    ('a\\*b\\* \\<img\\> \\@all 1\\|2', '\\- x', '&amp;lt;')
    """
    return _SPECIAL.sub(r"\\\1", _short(text).replace("&", "&amp;"))


def code(text: str) -> str:
    r"""Return a text as code within a row of a table, whatever is in it.

    >>> code("jobs.py:12"), code("a`b"), code("a|b")
    ('`jobs.py:12`', '`` a`b ``', '`a\\|b`')
    """
    shown = _short(text).replace("|", r"\|")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    if not shown.strip() or shown.endswith("\\"):
        return plain(text)
    fence = "`" * (longest + 1)
    return f"{fence} {shown} {fence}" if longest else f"{fence}{shown}{fence}"


def _short(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."


def _row(one: Reported) -> str:
    judgement = one.record.judgement
    grown = plain(growth_text(judgement.growth)) if judgement.growth else "-"
    cells = (_worded(one), code(one.record.plan.target), grown, f"{judgement.iterations:,}")
    return f"| {' | '.join(cells)} |\n"


def _worded(one: Reported) -> str:
    return f"{_MARKS[one.verdict]} **{one.verdict}**{' (allowed)' if one.allowed.passes else ''}"


def _section(one: Reported, project: Path, number: int) -> str:
    """Return what was found in a run: of a CLEAN one, its curve if there is nothing else."""
    if one.verdict is Verdict.CLEAN and number:
        return ""
    drawn = curve(one.record) if number < _MOST_CURVES else ""
    lines = [f"### {_worded(one)} {code(one.record.plan.target)}", "", *_told(one, project)]
    return "\n".join([*lines, "", drawn, "", ""])


def _told(one: Reported, project: Path) -> Iterator[str]:
    judgement = one.record.judgement
    yield plain(shown_text(judgement.reason, project))
    lines = [*one.allowed.sentences, *explanation_lines(judgement, one.explanation, project)]
    if lines:
        yield from ("", *_fenced([_short(line) for line in lines]))


def _fenced(lines: Sequence[str]) -> list[str]:
    """Return lines as a block of code that none of them can end."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(longest + 1, 3)
    return [f"{fence}text", *lines, fence]
