"""`leakcheck baseline`: what it writes allows the record that it came from."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.analysis.allowing import allow
from leakcheck.analysis.baseline import Baseline, baseline, rounded_up, together
from leakcheck.cli.baseline import _quoted
from leakcheck.model.allowance import parse_allowance, parse_allowances
from leakcheck.model.origins import Origin, Origins
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import COUNT_SIGNALS, Signal
from leakcheck.model.sites import Frame
from leakcheck.model.verdict import Growth, Judgement, Trend, Verdict
from leakcheck.wording.explaining import explained_from
from tests.unit.records import growth, leak_record, records
from tests.unit.reports import hostile_record, many_sites_record

PROJECT = Path("/project")
UNTIL = date(2027, 2, 26)


def baseline_of(record: RunRecord, project: PurePath = PROJECT) -> Baseline:
    explanation = explained_from(record, project)
    return baseline(record, explanation, until=UNTIL, reason="known", project=project)


def entries_of(record: RunRecord, project: PurePath = PROJECT) -> list[str]:
    return [one.entry for one in baseline_of(record, project).entries]


def passes(record: RunRecord, entries: list[str]) -> bool:
    """Return whether a record is allowed by entries that went through a file."""
    text = "allow = [" + ", ".join(map(_quoted, entries)) + "]"
    known = parse_allowances(tomllib.loads(text)["allow"])
    explanation = explained_from(record, PROJECT)
    return allow(record, explanation, known, today=UNTIL, project=PROJECT).passes


def test_a_leak_at_one_line_is_one_entry_that_a_reviewer_understands() -> None:
    assert entries_of(leak_record()) == ["jobs.py:12 = 110B until 2027-02-26 # known"]


def test_a_file_of_an_installed_package_is_named_from_the_package() -> None:
    record = leak_record()
    frame = Frame(file="/x/lib/python3.11/site-packages/yarl/_url.py", line=9, function="parse")
    table = record.measurement.sites
    assert table is not None
    (site,) = record.judgement.sites
    stacked = replace(site, file=frame.file, line=9, stack=(frame,))
    record = replace(
        record,
        judgement=replace(record.judgement, sites=(stacked,)),
        measurement=replace(
            record.measurement,
            sites=replace(table, sites=(replace(table.sites[0], stack=(frame,)),)),
        ),
    )

    assert entries_of(record) == ["yarl/_url.py:9 = 110B until 2027-02-26 # known"]
    assert passes(record, entries_of(record))


def test_a_file_elsewhere_is_named_by_its_last_names_and_no_folder_of_a_machine() -> None:
    elsewhere = PurePath("/elsewhere")

    assert entries_of(leak_record(), elsewhere) == [
        "project/jobs.py:12 = 110B until 2027-02-26 # known"
    ]


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.LEAK])
def test_what_is_no_leak_has_no_entry(verdict: Verdict) -> None:
    record = replace(leak_record(), judgement=Judgement(verdict=verdict, reason=""))

    assert baseline_of(record) == Baseline()


def test_a_site_that_no_entry_can_name_is_told() -> None:
    record = leak_record()
    found = baseline_of(replace(record, judgement=replace(record.judgement, sites=())))
    unnamed = baseline_of(
        replace(
            record,
            plan=replace(record.plan, target="jobs.py:a\nb"),
            judgement=replace(record.judgement, sites=()),
            measurement=replace(record.measurement, sites=None),
        )
    )

    assert [one.site for one in found.entries] == ["jobs.py:tick"]
    assert unnamed == Baseline(unnamed=("jobs.py:a\nb",))


def test_of_several_runs_a_site_has_the_highest_rate() -> None:
    found = together([baseline_of(leak_record(bytes_per_iteration=n)) for n in (64, 108, 32)])

    assert [one.entry for one in found.entries] == ["jobs.py:12 = 110B until 2027-02-26 # known"]


def test_memory_that_a_longer_run_may_be_sure_of_has_an_entry_too() -> None:
    record = leak_record()
    trends = {
        signal: Trend(
            signal=signal,
            growth=Growth(estimate=rate, low=low, high=rate),
            persisting=rate,
            verdict=verdict,
            why="",
        )
        for signal, rate, low, verdict in (
            (Signal.TASKS, 1.0, 1.0, Verdict.LEAK),
            (Signal.HEAP, 108.0, -9.0, Verdict.INCONCLUSIVE),
        )
    }
    short = replace(
        record, judgement=replace(record.judgement, growth=None, trends=trends, reason="")
    )
    entries = entries_of(short)

    assert [entry.partition(" = ")[0] for entry in entries] == ["jobs.py:12", "jobs.py:tick"]
    assert passes(short, entries)
    assert passes(record, entries)


rates = st.floats(min_value=5, max_value=1e6)


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=5, max_value=10**7))
def test_a_leak_of_any_rate_is_allowed_by_its_own_baseline(rate: int) -> None:
    record = leak_record(bytes_per_iteration=rate)

    assert passes(record, entries_of(record))


@settings(max_examples=30, deadline=None)
@given(st.integers(min_value=1, max_value=12), rates)
def test_leaks_at_many_lines_and_at_none_are_allowed_by_their_baseline(
    number: int, rate: float
) -> None:
    record = many_sites_record(number)
    total = Growth(estimate=rate, low=rate * 0.98, high=rate * 1.01)
    record = replace(record, judgement=replace(record.judgement, growth=total))

    assert passes(record, entries_of(record))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(COUNT_SIGNALS),
    st.floats(min_value=0.002, max_value=1e6),
    st.integers(0, 1000),
)
def test_a_leak_of_counts_is_allowed_by_its_baseline(
    signal: Signal, rate: float, unseen: int
) -> None:
    record = leak_record()
    line = (Frame(file="/project/jobs.py", line=30, function="open_it"),)
    origin = Origin(what="file", stack=line, numbers=(100, 100, 100, 100))
    trend = Trend(
        signal=signal,
        growth=Growth(estimate=rate, low=rate * 0.9, high=rate * 1.1),
        persisting=rate,
        verdict=Verdict.LEAK,
        why="",
    )
    judgement = Judgement(verdict=Verdict.LEAK, reason="", trends={signal: trend})
    origins = Origins(watched=400, unseen=unseen, descriptors=(origin,))
    record = replace(
        record, judgement=judgement, measurement=replace(record.measurement, origins=origins)
    )

    assert passes(record, entries_of(record))


def test_a_hostile_name_is_an_entry_of_one_line() -> None:
    (entry,) = entries_of(hostile_record())

    assert entry == "<img src=x onerror=alert(1)>.py:1 = 110B until 2027-02-26 # known"
    assert passes(hostile_record(), [entry])


@settings(max_examples=50, deadline=None)
@given(records, st.none() | growth)
def test_any_record_is_allowed_by_its_baseline_unless_a_site_has_no_name(
    record: RunRecord, found: Growth | None
) -> None:
    judgement = replace(record.judgement, verdict=Verdict.LEAK, growth=found)
    record = replace(record, judgement=judgement)
    made = baseline_of(record)

    if made.entries and not made.unnamed:
        assert passes(record, [one.entry for one in made.entries])


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_a_rate_is_rounded_up_by_a_tenth_at_most(rate: float) -> None:
    assert rate <= rounded_up(rate) <= rate * 1.1001


@given(st.text().filter(str.isprintable))
def test_a_quoted_text_is_toml(text: str) -> None:
    assert tomllib.loads(f"x = {_quoted(text)}") == {"x": text}


def test_entries_are_parsed_to_themselves() -> None:
    for one in baseline_of(many_sites_record(5)).entries:
        assert parse_allowance(one.entry) == one
