"""Links between the pages of the repository lead somewhere, and say where."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.docs.pages import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
SAYS_NOTHING = {"", "here", "this", "link", "this page", "click here", "more", "page"}


def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[tuple[str, str]]:
    """Yield the target and the text of each link to another place of the repository."""
    for token in tokens(page):
        inside = token.children or []
        for at, one in enumerate(inside):
            target = str(one.attrGet("href") or "")
            if one.type == "link_open" and not re.match(r"\w+:", target):
                text = ""
                for after in inside[at + 1 :]:
                    if after.type == "link_close":
                        break
                    text += after.content
                yield target, text


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and the site make them."""
    found = tokens(page)
    titles = [after.content for token, after in pairwise(found) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", NAMES)
def test_a_link_leads_to_a_file_and_to_a_heading_in_it(name: str) -> None:
    lost = []
    for target, _ in links(ROOT / name):
        file, _, anchor = target.partition("#")
        there = (ROOT / name).parent / file if file else ROOT / name
        if not there.exists() or (anchor and anchor not in anchors(there)):
            lost.append(target)

    assert lost == []


@pytest.mark.parametrize("name", NAMES)
def test_a_link_says_where_it_leads(name: str) -> None:
    assert [
        target for target, text in links(ROOT / name) if text.strip().lower() in SAYS_NOTHING
    ] == []
