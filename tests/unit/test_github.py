"""What GitHub is told: annotations and the job's summary, in which names stay text."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from leakcheck.analysis.growing_places import Roots
from leakcheck.model.reported import Reported
from leakcheck.model.run_record import RunRecord
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Verdict
from leakcheck.wording.curve import POINTS, curve
from leakcheck.wording.github import annotations, escaped, escaped_property
from leakcheck.wording.summary import MOST_BYTES, code, plain, summary
from tests.unit.ci import KNOWN, PROJECT, ROOTS, told, told_as
from tests.unit.records import leak_record, records
from tests.unit.reports import HOSTILE, Markup, hostile_record, many_sites_record

COMMAND = re.compile(r"::(error|warning) file=[^:,]*,line=[0-9]+,title=[^:,]*::[^\r\n]*")


def unescaped(text: str) -> str:
    for char, code_ in (("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C"), ("%", "%25")):
        text = text.replace(code_, char)
    return text


# -- annotations -----------------------------------------------------------------------------


@given(st.text())
def test_an_escaped_text_cannot_end_its_command_and_reads_the_same(text: str) -> None:
    assert not set("\r\n") & set(escaped(text))
    assert not set("\r\n:,") & set(escaped_property(text))
    assert unescaped(escaped_property(text)) == text


def test_a_leaking_line_is_annotated_there() -> None:
    (line,) = annotations([told()], ROOTS)

    assert line.startswith("::error file=jobs.py,line=12,title=LEAK%3A jobs.py%3Atick::")
    assert "jobs.py:tick leaks: +108 B/iteration" in line


def test_an_allowed_leak_is_a_warning_with_its_reason() -> None:
    (line,) = annotations([told(None, KNOWN)], ROOTS)

    assert line.startswith("::warning file=jobs.py,line=12,title=LEAK (allowed)%3A ")
    assert line.endswith("within 110B until 2027-01-31 (ticket 12)")


@pytest.mark.parametrize(
    ("verdict", "begins"),
    [
        (Verdict.INCONCLUSIVE, "::warning file=jobs.py,line=1,title=INCONCLUSIVE%3A "),
        (Verdict.ERROR, "::error file=jobs.py,line=1,title=ERROR%3A "),
        (Verdict.CLEAN, None),
    ],
)
def test_another_verdict_is_told_at_the_workloads_file(verdict: Verdict, begins: str) -> None:
    lines = annotations([told_as(verdict)], ROOTS)

    assert [line[: len(begins)] for line in lines] == ([begins] if begins else [])


def test_no_more_is_annotated_than_github_shows_and_each_workload_first() -> None:
    other = replace(leak_record(), plan=replace(leak_record().plan, target="last.py:tick"))
    lines = annotations([told(many_sites_record(30)), told(other)], ROOTS)

    assert len(lines) == 10
    assert "last.py%3Atick" in lines[1]


def test_a_file_is_named_from_the_checkout() -> None:
    (line,) = annotations([told()], Roots(repository=PROJECT.parent, here=PROJECT))

    assert "file=project/jobs.py," in line


@settings(max_examples=60, deadline=None)
@given(st.lists(records, max_size=3))
def test_any_records_give_commands_of_one_line_that_are_well_formed(
    found: list[RunRecord],
) -> None:
    for line in annotations([told(one) for one in found], ROOTS):
        assert COMMAND.fullmatch(line)
        assert line.isprintable()


# -- the summary -----------------------------------------------------------------------------

COMMONMARK = MarkdownIt("commonmark").enable("table")


def html(runs: Sequence[Reported]) -> str:
    return str(COMMONMARK.render(summary(runs, PROJECT)))


def test_the_summary_has_verdicts_findings_and_the_curve() -> None:
    text = summary([told_as(Verdict.CLEAN), told(None, KNOWN), told()], PROJECT)

    assert text.startswith("## leakcheck: 2 LEAK (1 allowed), 1 CLEAN\n")
    rows = [line for line in text.splitlines() if line.startswith("| \N{LARGE RED CIRCLE}")]
    assert "(allowed)" not in rows[0]
    assert "(allowed)" in rows[1]
    assert "held by  jobs.SEEN (module global) -> dict -> jobs.Tick" in text
    assert text.count("```mermaid\n") == 2


def test_hostile_names_stay_text() -> None:
    found = Markup(html([told(hostile_record())]))

    assert "img" not in found.elements
    assert "script" not in found.elements
    assert HOSTILE in found.text


@pytest.mark.parametrize("name", ["```\n# x", "a`b", "|x|", "![x](y)", "\\", "<b>", "- x", "~~~"])
def test_a_name_that_is_markdown_stays_text(name: str) -> None:
    record = hostile_record()
    judgement = replace(record.judgement, reason=name, held_by=(name,))
    plan = replace(record.plan, target=f"{name}.py:tick")
    found = Markup(html([told(replace(record, judgement=judgement, plan=plan))]))
    extra = set(found.elements) - {
        *("h2", "h3", "table", "thead", "tbody", "tr", "th", "td", "strong", "code", "p", "pre")
    }

    assert extra == set()
    assert found.elements.count("pre") == 2
    assert found.elements.count("tr") == 2
    assert name.replace("\n", " ") in found.text


@settings(max_examples=40, deadline=None)
@given(st.lists(records, min_size=1, max_size=3))
def test_a_summary_of_any_records_has_its_own_elements_only(found: list[RunRecord]) -> None:
    markup = Markup(html([told(one) for one in found]))

    assert not {"a", "img", "script", "h1"} & set(markup.elements)
    assert markup.elements.count("h2") == 1


@given(st.text(), st.integers(0, 3000))
def test_a_summary_stays_within_its_room(reason: str, most: int) -> None:
    text = summary([told_as(Verdict.ERROR, reason)] * 3, PROJECT, most_bytes=most)

    assert len(text.encode("utf-8", "replace")) <= most


def test_a_summary_of_many_workloads_stays_under_githubs_limit_and_says_so() -> None:
    text = summary([told(many_sites_record(12))] * 2000, PROJECT)

    assert len(text.encode()) < MOST_BYTES
    assert text.endswith(" more parts do not fit in here.\n")


@given(st.text())
def test_plain_text_and_code_are_shown_as_they_are(text: str) -> None:
    shown = Markup(COMMONMARK.render(f"x {plain(text)} x\n\nx {code(text)} x"))

    assert set(shown.elements) <= {"p", "code"}


# -- the curve -------------------------------------------------------------------------------


def test_the_curve_is_sixty_points_of_growth_of_each() -> None:
    lines = curve(leak_record()).splitlines()
    bars, line = (
        [float(value) for value in one.partition("[")[2].rstrip("]").split(",")]
        for one in lines
        if one.startswith(("  bar", "  line"))
    )

    assert len(bars) == len(line) == POINTS
    assert line[0] == 0
    assert line[-1] == pytest.approx(108 * 3960 / (1 << 20), abs=1e-4)


def test_without_readings_there_is_no_curve() -> None:
    record = leak_record()
    measurement = replace(
        record.measurement, series={Signal.HEAP: Series.of(Signal.HEAP, [(0, 1 << 60), (1, 1)])}
    )

    assert curve(replace(record, measurement=replace(measurement, series={}))) == ""
    assert curve(replace(record, measurement=measurement)) == ""


MERMAID = re.compile(
    r"```mermaid\n%%\{init: [^\n]*\}%%\nxychart-beta\n  title \"[^\"\n]*\"\n"
    r"  x-axis \"iterations\" 0 --> [0-9]+\n  y-axis \"MiB\" -?[0-9.]+ --> -?[0-9.]+\n"
    r"(?:  (?:bar|line) \[-?[0-9.]+(?:, -?[0-9.]+){59}\]\n){1,2}```"
)


@settings(max_examples=60, deadline=None)
@given(records)
def test_the_curve_of_any_record_holds_numbers_and_our_own_words_only(record: RunRecord) -> None:
    drawn = curve(record)

    assert not drawn or MERMAID.fullmatch(drawn)


def test_the_curve_of_a_leak_is_as_mermaid_reads_it() -> None:
    assert MERMAID.fullmatch(curve(leak_record()))
