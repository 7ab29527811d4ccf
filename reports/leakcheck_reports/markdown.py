"""A document as Markdown, as the summary of a CI job shows it."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from leakcheck.model.briefing import Briefing
from leakcheck.model.text import printable
from leakcheck.model.verdict import Verdict
from leakcheck_reports.contents import document_of
from leakcheck_reports.document import (
    Block,
    Cell,
    Charts,
    Code,
    Document,
    Facts,
    Items,
    Links,
    Section,
    Table,
    Text,
)

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<#|~@$]|:(?=\S)|(?<=www)\.)")
"""What Markdown, or a site's own reading of it, may take for more than a character."""
_STARTS_A_LIST: Final = re.compile(r"^(\d+)([.)])(?=\s|$)|^([-+=>])")
_MOST_LINES: Final = 6
"""So many lines are shown of a stack: a summary is no debugger."""
_MARKS: Final = {
    Verdict.LEAK: "\N{LARGE RED CIRCLE}",
    Verdict.CLEAN: "\N{LARGE GREEN CIRCLE}",
    Verdict.INCONCLUSIVE: "\N{LARGE YELLOW CIRCLE}",
    Verdict.ERROR: "\N{LARGE PURPLE CIRCLE}",
}


def markdown_report(briefing: Briefing) -> bytes:
    """Return the report as GitHub's Markdown; whatever a record says is text in it."""
    text = "\n".join(_lines(document_of(briefing)))
    return (re.sub(r"\n{3,}", "\n\n", text).strip() + "\n").encode("utf-8", "replace")


def plain(text: str) -> str:
    r"""Return a text that Markdown shows as it is, on one line.

    >>> plain("a*b* <img> @all 1|2"), plain("- x"), plain("&lt;")
    ('a\\*b\\* \\<img> \\@all 1\\|2', '\\- x', '&amp;lt;')
    """
    escaped = _SPECIAL.sub(r"\\\1", printable(text).replace("&", "&amp;"))
    return _STARTS_A_LIST.sub(lambda found: _list_mark(*found.groups()), escaped)


def code(text: str) -> str:
    r"""Return a text as code, whatever is in it.

    >>> code("jobs.py:12"), code("a`b"), code("a|b")
    ('`jobs.py:12`', '`` a`b ``', '`a\\|b`')
    """
    shown = printable(text).replace("|", r"\|")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    if not shown.strip():
        return plain(shown)
    fence = "`" * (longest + 1)
    return f"{fence} {shown} {fence}" if longest else f"{fence}{shown}{fence}"


def _lines(document: Document) -> Iterator[str]:
    if document.opening:
        yield from (f"# {plain(document.title)}", "")
    for section in document.opening:
        yield from _section(section, "##")
    level = "##" if document.opening else "#"
    for part in document.parts:
        yield from ("", f"{level} {_worded(part.word)} {code(part.name)}", "")
        for block in part.lead:
            yield from (*_block(block), "")
        for section in part.sections:
            yield from _section(section, f"{level}#")
    yield from ("", "---", "", plain(document.closing))


def _section(section: Section, level: str) -> Iterator[str]:
    yield from ("", f"{level} {plain(section.title)}", "")
    for block in section.blocks:
        yield from (*_block(block), "")


def _block(block: Block) -> Iterator[str]:  # noqa: C901 -- a case for each kind of block
    match block:
        case Text():
            yield plain(block.text)
        case Items():
            for number, item in enumerate(block.items, start=1):
                yield f"{f'{number}.' if block.is_ordered else '-'} {plain(item)}"
        case Code():
            yield from ("```console", printable(block.text), "```")
        case Facts():
            yield from ("| | |", "|---|---|")
            for name, value in block.facts:
                yield f"| {plain(name)} | {plain(value)} |"
        case Links():
            for page in block.pages:
                yield f"- [{plain(page.href)}]({quote(page.href, safe='/%.')}): {plain(page.shows)}"
        case Charts():
            for chart in block.charts:
                yield f"- {plain(chart.says)}"
        case Table():
            yield from _table(block)


def _table(table: Table) -> Iterator[str]:
    yield from (f"*{plain(table.caption)}*", "")
    yield f"| {' | '.join(map(plain, table.header))} |"
    yield f"|{'---|' * len(table.header)}"
    for row in table.rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(cell: Cell) -> str:
    if cell.verdict is not None:
        return _worded(cell.text)
    shown = code(cell.text) if cell.is_code else plain(cell.text)
    more = [plain(line) for line in cell.more[:_MOST_LINES]]
    hidden = len(cell.more) - len(more)
    return "<br>".join([shown, *more, *([f"and {hidden} more"] if hidden else [])])


def _worded(word: str) -> str:
    mark = _MARKS.get(Verdict(word)) if word in list(Verdict) else None
    return f"{mark} **{plain(word)}**" if mark else f"**{plain(word)}**"


def _list_mark(number: str | None, point: str | None, mark: str | None) -> str:
    return f"{number}\\{point}" if number else f"\\{mark}"
