"""The report of any record in each format: whole, readable, and nothing in it but text."""

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from leakcheck.model.run_record import RunRecord
from leakcheck.model.verdict import Judgement, Verdict
from leakcheck.record import codec
from leakcheck_reports import page
from leakcheck_reports.inline import svg_inside as drawn_by_matplotlib
from leakcheck_reports.markdown import markdown_report
from leakcheck_reports.page import html_report
from leakcheck_reports.plain import text_report
from leakcheck_reports.png import png_report
from leakcheck_reports.sketch import svg_inside as drawn_by_us
from tests.unit.records import leak_record, records
from tests.unit.reports import (
    HOSTILE,
    Markup,
    briefing_of,
    hostile_record,
    many_sites_record,
)

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*/*/record.json"))
WRITERS = (html_report, markdown_report, text_report)


def clean_record() -> RunRecord:
    record = leak_record()
    judgement = Judgement(
        verdict=Verdict.CLEAN, reason="growth below 1.7 B an iteration", cannot_see="a GPU"
    )
    return replace(record, judgement=judgement)


# -- what is told ------------------------------------------------------------------------------


@pytest.mark.parametrize("writer", WRITERS)
def test_a_report_tells_verdict_line_holder_way_machine_and_command(
    writer: Callable[..., bytes],
) -> None:
    text = writer(briefing_of(leak_record())).decode()

    for part in (
        "LEAK",
        "jobs.py:12 tick",
        "What grows",
        "Who holds it",
        "How the verdict was reached",
        "Where and how it ran",
        "glibc 2.36",
        "PYTHONHASHSEED",
        "leakcheck run jobs.py:tick",
        "a note",
    ):
        assert part in re.sub(r"\\(?=[^\w\s])", "", text), part


@pytest.mark.parametrize("writer", WRITERS)
def test_no_path_of_the_project_or_of_the_interpreter_is_told(
    writer: Callable[..., bytes],
) -> None:
    text = writer(briefing_of(leak_record())).decode()

    assert "/project" not in text
    assert "/usr/lib" not in text
    assert ".../asyncio/events.py" in text or ".../asyncio/events\\.py" in text


@pytest.mark.parametrize("writer", WRITERS)
def test_several_records_stand_below_one_table_of_verdicts(
    writer: Callable[..., bytes],
) -> None:
    text = writer(briefing_of(leak_record(), clean_record())).decode()

    assert "2 workloads: 1 LEAK, 1 CLEAN" in text
    assert text.index("Verdicts") < text.index("How the verdict was reached")
    assert "What this CLEAN cannot see: a GPU" in text


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.parts[-3])
@pytest.mark.parametrize("writer", [*WRITERS, png_report])
def test_a_record_of_every_schema_is_still_reported(
    golden: Path, writer: Callable[..., bytes]
) -> None:
    assert len(writer(briefing_of(codec.loads(golden.read_bytes())))) > 500


def test_the_same_record_gives_the_same_page() -> None:
    assert html_report(briefing_of(leak_record())) == html_report(briefing_of(leak_record()))


def test_a_picture_is_of_one_run() -> None:
    assert png_report(briefing_of(leak_record())).startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="found 2 records, wanted one"):
        png_report(briefing_of(leak_record(), leak_record()))


# -- what a page is made of ----------------------------------------------------------------------


def test_a_page_allows_its_own_script_and_nothing_from_elsewhere() -> None:
    text = html_report(briefing_of(leak_record())).decode()
    markup = Markup(text)
    (policy,) = [
        value for name, value in markup.attributes if name == "content" and "src" in str(value)
    ]

    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert re.search(r"script-src 'sha256-[\w+/=]{44}'$", policy)
    assert markup.elements.count("script") == 1
    assert not {"link", "img", "iframe", "object", "base", "form"} & set(markup.elements)
    assert not re.search(r"(?:src|href)=\"(?!#)\w+:", text)


def test_every_curve_has_the_same_told_in_words() -> None:
    text = html_report(briefing_of(leak_record())).decode()

    assert text.count("<svg") == text.count('role="img" aria-label="') == 3
    assert 'aria-label="heap in use: 8.6 MiB at iteration 0' in text


def test_without_matplotlib_the_page_has_curves_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "leakcheck_reports.inline", raising=False)
    page.drawer.cache_clear()
    try:
        text = html_report(briefing_of(leak_record())).decode()
    finally:
        page.drawer.cache_clear()

    assert text.count("<svg") == 3
    assert "polyline" in text


def test_matplotlibs_settings_are_as_they_were_after_a_page_is_drawn() -> None:
    import matplotlib as mpl  # noqa: PLC0415 -- an extra

    def settings_of_ours() -> tuple[object, ...]:
        held = mpl.rcParams
        return held["svg.fonttype"], held["svg.hashsalt"], held["font.size"]

    before = settings_of_ours()
    html_report(briefing_of(leak_record()))

    assert settings_of_ours() == before
    assert "matplotlib.pyplot" not in sys.modules


# -- hostile names, any record -------------------------------------------------------------------


@pytest.mark.parametrize("drawer", [drawn_by_us, drawn_by_matplotlib], ids=["ours", "matplotlib"])
def test_a_name_that_is_markup_is_text_in_the_page(
    drawer: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "drawer", lambda: drawer)
    text = html_report(briefing_of(hostile_record())).decode()
    usual = html_report(briefing_of(leak_record())).decode()
    markup = Markup(text)

    assert HOSTILE not in text
    assert HOSTILE in markup.text
    assert set(markup.elements) <= set(Markup(usual).elements)
    assert not [name for name, _ in markup.attributes if name.startswith("on")]


def test_a_name_that_is_markup_is_text_in_markdown() -> None:
    markdown = markdown_report(briefing_of(hostile_record())).decode()
    shown = MarkdownIt("gfm-like", {"html": True}).render(markdown)
    markup = Markup(shown)

    assert HOSTILE in markup.text
    assert "img" not in markup.elements
    assert "script" not in markup.elements


@settings(max_examples=40, deadline=None)
@given(records)
def test_any_record_is_told_and_adds_no_element_of_its_own(record: RunRecord) -> None:
    briefing = briefing_of(record)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "drawer", lambda: drawn_by_us)
        markup = Markup(html_report(briefing).decode())

    assert markup.elements.count("script") == 1
    assert markup.elements.count("style") == 1
    assert text_report(briefing).decode().replace("\n", "").isprintable()
    assert markdown_report(briefing)


@settings(max_examples=15, deadline=None)
@given(records)
def test_matplotlib_draws_whatever_a_record_claims(record: RunRecord) -> None:
    assert html_report(briefing_of(record))


@pytest.mark.slow
def test_a_record_that_claims_thousands_of_sites_gets_a_page_that_opens() -> None:
    text = html_report(briefing_of(many_sites_record(5_000))).decode()

    assert "4,800 more are left out" in text
    assert len(text) < 2_000_000
