"""A document as plain text."""

import textwrap
from collections.abc import Iterator
from typing import Final

from leakcheck.model.briefing import Briefing
from leakcheck.model.text import printable
from leakcheck_reports.contents import document_of
from leakcheck_reports.document import (
    Block,
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

_WIDTH: Final = 100
_GAP: Final = "  "
_WIDEST_COLUMN: Final = 60


def text_report(briefing: Briefing) -> bytes:
    """Return the report as plain text, in lines that fit a wide terminal where they can."""
    lines = [printable(line).rstrip() for line in _lines(document_of(briefing))]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _lines(document: Document) -> Iterator[str]:
    if document.opening:
        yield from _headed(document.title, "=")
    for section in document.opening:
        yield from _section(section)
    for part in document.parts:
        yield from _headed(f"{part.word}: {part.name}", "=")
        for block in part.lead:
            yield from _block(block)
        for section in part.sections:
            yield from _section(section)
    yield from ("", *_wrapped(document.closing))


def _headed(title: str, underline: str) -> Iterator[str]:
    title = printable(title)
    yield from ("", title, underline * min(len(title), _WIDTH))


def _section(section: Section) -> Iterator[str]:
    yield from _headed(section.title, "-")
    for block in section.blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[str]:  # noqa: C901 -- a case for each kind of block
    match block:
        case Text():
            yield from _wrapped(block.text)
        case Items():
            for number, item in enumerate(block.items, start=1):
                yield from _wrapped(item, f"{number}. " if block.is_ordered else "- ")
        case Code():
            yield f"    {block.text}"
        case Facts():
            widest = max((len(name) for name, _ in block.facts), default=0)
            for name, value in block.facts:
                yield from _wrapped(value, f"{name:<{widest}}{_GAP}")
        case Links():
            for page in block.pages:
                yield from _wrapped(f"{page.href}: {page.shows}", "- ")
        case Charts():
            for chart in block.charts:
                yield from _wrapped(chart.says, "- ")
        case Table():
            yield from _table(block)


def _table(table: Table) -> Iterator[str]:
    """Yield a table in columns; what is long goes below its row."""
    rows = [[printable(cell.text) for cell in row] for row in table.rows]
    columns = list(zip(table.header, *rows, strict=True))
    widths = [min(max(map(len, column)), _WIDEST_COLUMN) for column in columns]
    yield from ("", *_wrapped(table.caption), _row(table.header, widths))
    for row, cells in zip(rows, table.rows, strict=True):
        yield _row(row, widths)
        for line in (line for cell in cells for line in cell.more):
            yield from _wrapped(line, "      ")


def _row(cells: list[str] | tuple[str, ...], widths: list[int]) -> str:
    return _GAP.join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))


def _wrapped(text: str, lead: str = "") -> list[str]:
    indent = " " * len(lead)
    return textwrap.wrap(
        printable(text),
        width=_WIDTH,
        initial_indent=lead,
        subsequent_indent=indent,
        break_on_hyphens=False,
    ) or [lead]
