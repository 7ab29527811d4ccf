"""A report as a document: parts, sections and blocks, the same for every format."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from leakcheck.model.briefing import Page
from leakcheck.model.verdict import Verdict
from leakcheck_reports.charts import Chart

MOST_ROWS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list, numbered where its order tells something."""

    items: tuple[str, ...]
    is_ordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A command, to be copied as it stands."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What stands in one place of a table.

    A table sorts by `key` where there is one, else by `text`. `is_code` is a place in a program;
    `more` are lines that may be folded away; `anchor` is the part of the document it leads to.
    """

    text: str
    key: float | None = None
    is_code: bool = False
    more: tuple[str, ...] = ()
    anchor: str = ""
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a header; `caption` says what the table is of, and how many rows it leaves out."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @classmethod
    def of(cls, caption: str, header: tuple[str, ...], rows: Sequence[tuple[Cell, ...]]) -> "Table":
        """Return a table of the first rows: no run has more, but a record may claim any number."""
        hidden = len(rows) - MOST_ROWS
        said = f"{caption}; {hidden:,} more are left out" if hidden > 0 else caption
        return cls(caption=said, header=header, rows=tuple(rows[:MOST_ROWS]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    """Charts side by side, under one legend."""

    charts: tuple[Chart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Names and what they are."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Pages beside the record."""

    pages: tuple[Page, ...]


Block = Text | Items | Code | Table | Charts | Facts | Links


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Blocks under a heading."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """All about one run; `word` is its verdict, `name` its workload, `lead` the answer."""

    anchor: str
    word: str
    name: str
    lead: tuple[Block, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole report: `opening` is what stands before the parts, `closing` at the very end."""

    title: str
    opening: tuple[Section, ...]
    parts: tuple[Part, ...]
    closing: str


def kind_of(block: Block) -> str:
    """Return what a template calls a block.

    >>> kind_of(Text(text="a paragraph"))
    'text'
    """
    return _KINDS[type(block)]


_KINDS: Final = {
    Text: "text",
    Items: "items",
    Code: "code",
    Table: "table",
    Charts: "charts",
    Facts: "facts",
    Links: "links",
}
