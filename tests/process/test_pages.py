"""memray's pages beside a record: what is on them, and that no name becomes markup."""

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.process.command import Desk
from tests.process.drawn import FILE, FOLDER, HOSTILE, KEPT

TITLE = "net growth from iteration "

FLAT = """
def tick():
    bytearray(1_000)
"""


class Tags(HTMLParser):
    """The elements of a page, as a browser that runs no script would find them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self.fetched: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count an element, and note what a browser would fetch for it."""
        self.counts[tag] += 1
        sources = {"src", "href"} if tag == "link" else {"src"}
        self.fetched += [str(value) for name, value in attrs if name in sources]


def drawn(desk: Desk, text: str, name: str = "jobs.py", *options: str) -> dict[str, str]:
    """Return the pages of a run of `tick`, by name."""
    (desk.folder / name).parent.mkdir(exist_ok=True)
    desk.write(name, text)
    before = set(desk.store.ids())
    ran = desk.run(f"{name}:tick", "--exact-iterations", "1000", *options)
    assert "memray's pages" not in ran.out
    (new,) = {record.id for record in ran.records} - before
    folder = desk.store.out / new
    return {page.name: page.read_text(encoding="utf-8") for page in folder.glob("*.html")}


def nodes(page: str) -> list[dict[str, Any]]:
    """Return the bars of a flamegraph, the root first."""
    found = re.search(r"const packed_data = (.*);\n", page)
    assert found is not None
    packed = json.loads(found[1])
    strings, columns = packed["strings"], packed["nodes"]
    return [
        {
            "function": strings[columns["function"][k]],
            "file": strings[columns["filename"][k]],
            "bytes": columns["value"][k],
            "objects": columns["n_allocations"][k],
        }
        for k in range(len(columns["name"]))
    ]


def test_the_page_of_growth_has_what_grows_and_nothing_of_the_harness(desk: Desk) -> None:
    pages = drawn(desk, KEPT)
    root, *bars = nodes(pages["growth.html"])
    rows = [bar for bar in bars if bar["function"] == "keep"]

    assert {bar["function"] for bar in bars} == {"tick", "keep"}
    assert {Path(bar["file"]).name for bar in bars} == {"jobs.py"}
    assert sum(bar["bytes"] for bar in rows) == root["bytes"]
    assert root["bytes"] == pytest.approx(750 * 1_066, rel=0.05)  # from a quarter on; a list, too
    assert pages["growth.html"].count(TITLE) == 3  # the title twice, and the help


def test_the_page_of_growth_is_one_file_that_fetches_nothing(desk: Desk) -> None:
    assert Tags(drawn(desk, KEPT)["growth.html"]).fetched == []


def test_where_nothing_grows_there_is_no_page_of_growth(desk: Desk) -> None:
    assert set(drawn(desk, FLAT)) == {"flamegraph.html", "leaks.html"}


def test_a_clean_run_has_no_page_of_growth_that_would_only_alarm(desk: Desk) -> None:
    clean = ("--threshold", "1MiB", "--exact-iterations", "2000")
    assert set(drawn(desk, KEPT, "jobs.py", *clean)) == {"flamegraph.html", "leaks.html"}


def test_names_that_are_markup_stay_text_on_every_page(desk: Desk) -> None:
    usual = drawn(desk, KEPT)
    for name, page in drawn(desk, HOSTILE, f"{FOLDER}/{FILE}").items():
        bars = nodes(page)
        shown = [bar[kind] for bar in bars[1:] for kind in ("function", "file")]

        assert name in usual
        assert "<img" not in page
        assert Tags(page).counts == Tags(usual[name]).counts
        assert any("alert(1)" in text for text in shown)  # memray puts these into its tooltips
        assert any("alert(2)" in text for text in shown)
        assert [text for text in shown if "<" in text] == []
