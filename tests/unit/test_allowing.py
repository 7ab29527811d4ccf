"""Known leaks: only what is new, worse or too old fails."""

from dataclasses import replace
from datetime import date
from pathlib import Path, PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.analysis.allowing import allow, vanished
from leakcheck.model.allowance import Allowance, Allowed, parse_allowance
from leakcheck.model.origins import Origin, Origins
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import Signal
from leakcheck.model.sites import Frame
from leakcheck.model.verdict import Diagnosis, Growth, Judgement, Trend, Verdict
from leakcheck.wording.explaining import explained_from
from tests.unit.records import leak_record, records
from tests.unit.reports import many_sites_record

PROJECT = Path("/project")
TODAY = date(2026, 12, 1)
SEEN = parse_allowance("jobs.py:12 = 110B until 2027-01-31 # ticket 12")


def allowed(record: RunRecord, *entries: Allowance | str, today: date = TODAY) -> Allowed:
    found = [one if isinstance(one, Allowance) else parse_allowance(one) for one in entries]
    explanation = explained_from(record, PROJECT)
    return allow(record, explanation, found, today=today, project=PROJECT)


def counting(rate: float = 1.0, signal: Signal = Signal.THREADS) -> RunRecord:
    """Return the record of a leak of counts, and of no bytes."""
    growth = Growth(estimate=rate, low=rate * 0.9, high=rate * 1.1)
    trend = Trend(signal=signal, growth=growth, persisting=rate, verdict=Verdict.LEAK, why="")
    record = leak_record()
    judgement = Judgement(
        verdict=Verdict.LEAK,
        reason="threads",
        diagnosis=(Diagnosis(str(signal)),) if str(signal) in list(Diagnosis) else (),
        trends={signal: trend},
    )
    return replace(record, judgement=judgement)


def test_a_leak_within_its_entry_passes_and_says_until_when_and_why() -> None:
    found = allowed(leak_record(), SEEN)

    assert found.passes
    assert found.used == (SEEN,)
    assert found.sentences == (
        "allowed: jobs.py:12 +108 B/iteration, within 110B until 2027-01-31 (ticket 12)",
    )


def test_without_an_entry_nothing_is_allowed_and_nothing_said() -> None:
    assert allowed(leak_record()) == Allowed(workload="jobs.py:tick")
    assert allowed(leak_record(), "jobs.py:13 = 1MB until 2027-01-31 # x") == Allowed(
        workload="jobs.py:tick"
    )


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.LEAK])
def test_no_other_verdict_is_allowed(verdict: Verdict) -> None:
    record = replace(leak_record(), judgement=Judgement(verdict=verdict, reason=""))

    assert not allowed(record, SEEN).passes
    assert allowed(record, SEEN).is_settled is (verdict is Verdict.CLEAN)


@pytest.mark.parametrize(
    ("site", "matches"),
    [
        ("jobs.py:12", True),
        ("./jobs.py:12", True),
        ("jobs.py:13", False),
        ("jobs.py:tick", True),
        ("jobs.py:tock", False),
        ("obs.py:12", False),
        ("project/jobs.py:12", False),
        ("shop/jobs.py:tick", False),
        ("jobs:tick", False),
    ],
)
def test_a_site_matches_by_whole_names_from_the_end_within_the_project(
    site: str, *, matches: bool
) -> None:
    found = allowed(leak_record(), f"{site} = 110B until 2027-01-31 # x")

    assert found.passes is matches


@pytest.mark.parametrize(
    ("project", "site", "matches"),
    [
        ("/", "project/jobs.py:12", True),
        ("/", "jobs.py:12", True),
        ("/elsewhere", "project/jobs.py:12", True),
        ("/elsewhere", "jobs.py:12", True),
        ("/elsewhere", "elsewhere/jobs.py:12", False),
    ],
)
def test_a_path_is_seen_from_the_project_or_is_a_trailing_part(
    project: str, site: str, *, matches: bool
) -> None:
    record = leak_record()
    entry = parse_allowance(f"{site} = 110B until 2027-01-31 # x")
    explanation = explained_from(record, PurePath(project))
    found = allow(record, explanation, [entry], today=TODAY, project=PurePath(project))

    assert found.passes is matches


def test_the_last_day_is_included() -> None:
    assert allowed(leak_record(), SEEN, today=SEEN.until).passes


def test_an_entry_that_is_over_fails_and_is_told() -> None:
    found = allowed(leak_record(), SEEN, today=date(2027, 2, 1))

    assert not found.passes
    assert (found.used, found.expired) == ((SEEN,), (SEEN,))
    assert found.sentences == (
        "expired: jobs.py:12 +108 B/iteration; allowed were 110B until 2027-01-31 (ticket 12)",
    )


def test_faster_growth_than_allowed_fails_and_is_told() -> None:
    found = allowed(leak_record(), "jobs.py:12 = 64B until 2027-01-31 # ticket 12")

    assert not found.passes
    assert len(found.exceeded) == 1
    (said,) = found.sentences
    assert said == (
        "exceeded: jobs.py:12 +108 B/iteration, 107 B or more; "
        "allowed are 64B until 2027-01-31 (ticket 12)"
    )


def test_noise_above_the_rate_does_not_fail_while_the_lower_bound_is_within() -> None:
    assert allowed(leak_record(), "jobs.py:12 = 107.5B until 2027-01-31 # x").passes
    assert not allowed(leak_record(), "jobs.py:12 = 107.3B until 2027-01-31 # x").passes


def test_a_new_line_beside_an_allowed_one_fails_by_its_name() -> None:
    record = many_sites_record(2)
    found = allowed(record, "jobs.py:20 = 2KB until 2027-01-31 # x")

    assert not found.passes
    assert found.sentences[1] == "not allowed: jobs.py:21 tick() +1,400 B/iteration"


def test_of_many_new_lines_a_few_are_told_and_the_rest_counted() -> None:
    found = allowed(many_sites_record(12), "jobs.py:20 = 2KB until 2027-01-31 # x")

    assert len(found.sentences) == 5
    assert found.sentences[-1].startswith("not allowed: ")
    assert found.sentences[-1].endswith(" more")


def test_an_entry_of_a_function_is_one_budget_for_all_its_lines() -> None:
    record = many_sites_record(2)

    assert allowed(record, "jobs.py:tick = 3KB until 2027-01-31 # x").passes
    assert not allowed(record, "jobs.py:tick = 2KB until 2027-01-31 # x").passes


def test_of_several_entries_the_closest_counts() -> None:
    record = many_sites_record(2)
    found = allowed(
        record,
        "jobs.py:tick = 1400B until 2027-01-31 # the function",
        "jobs.py:20 = 1500B until 2027-01-31 # the line",
    )

    assert found.passes
    assert [one.reason for one in found.used] == ["the function", "the line"]


def without_lines(record: RunRecord) -> RunRecord:
    return replace(
        record,
        judgement=replace(record.judgement, sites=()),
        measurement=replace(record.measurement, sites=None),
    )


@pytest.mark.parametrize(
    ("entry", "passes"),
    [
        ("jobs.py:tick = 110B until 2027-01-31 # x", True),
        ("jobs.py:tick = 64B until 2027-01-31 # x", False),
        ("jobs.py:tick = 110 until 2027-01-31 # x", False),
        ("jobs.py:12 = 110B until 2027-01-31 # x", False),
    ],
)
def test_growth_without_a_line_is_allowed_by_the_workload_as_it_was_given(
    entry: str, *, passes: bool
) -> None:
    assert allowed(without_lines(leak_record()), entry).passes is passes


def test_a_workload_by_its_name_covers_no_line() -> None:
    record = replace(leak_record(), plan=replace(leak_record().plan, target="shop.jobs:tick"))

    assert not allowed(record, "shop.jobs:tick = 1MB until 2027-01-31 # x").used


def test_growth_that_no_line_explains_fails_above_the_threshold() -> None:
    record = leak_record()
    grown = Growth(estimate=300.0, low=299.0, high=301.0)
    record = replace(record, judgement=replace(record.judgement, growth=grown))
    found = allowed(record, SEEN)

    assert not found.passes
    assert found.sentences[1] == (
        "not allowed: +172 B/iteration without a line; "
        "an entry for it names the workload, jobs.py:tick"
    )
    assert allowed(record, SEEN, "jobs.py:tick = 200B until 2027-01-31 # x").passes


@pytest.mark.parametrize("signal", [Signal.THREADS, Signal.TASKS, Signal.CHILDREN])
def test_a_leak_of_counts_is_allowed_by_a_number(signal: Signal) -> None:
    record = counting(1.0, signal)

    assert allowed(record, "jobs.py:tick = 1 until 2027-01-31 # x").passes
    assert allowed(record, "jobs.py:tick = 0.95 until 2027-01-31 # x").passes
    assert allowed(record, "jobs.py:tick = 0.5 until 2027-01-31 # x").exceeded
    assert not allowed(record, "jobs.py:tick = 1KB until 2027-01-31 # x").used


def with_open_bytes(rate: float) -> RunRecord:
    """Return a leak of threads whose memory may leak too: the run was too short to tell."""
    record = counting()
    growth = Growth(estimate=rate, low=-1.0, high=2 * rate)
    heap = Trend(
        signal=Signal.HEAP,
        growth=growth,
        persisting=None,
        verdict=Verdict.INCONCLUSIVE,
        why="",
    )
    trends = {**record.judgement.trends, Signal.HEAP: heap}
    sites = leak_record().judgement.sites
    return replace(record, judgement=replace(record.judgement, trends=trends, sites=sites))


def test_memory_that_is_not_sure_to_leak_needs_no_entry_and_keeps_the_one_it_has() -> None:
    threads = "jobs.py:tick = 1 until 2027-01-31 # x"
    small = "jobs.py:12 = 1B until 2027-01-31 # a longer run is sure of more"
    found = allowed(with_open_bytes(108.0), threads, small)

    assert allowed(with_open_bytes(108.0), threads).passes
    assert found.passes
    assert len(found.used) == 2
    assert not allowed(with_open_bytes(108.0), small).passes


def opening(unseen: int = 0) -> RunRecord:
    record = counting(1.0, Signal.DESCRIPTORS)
    line = (Frame(file="/project/jobs.py", line=30, function="open_it"),)
    origin = Origin(what="file", stack=line, numbers=(100, 100, 100, 100))
    origins = Origins(watched=400, unseen=unseen, descriptors=(origin,))
    return replace(record, measurement=replace(record.measurement, origins=origins))


def test_descriptors_are_allowed_at_the_line_that_opens_them() -> None:
    assert allowed(opening(), "jobs.py:30 = 1 until 2027-01-31 # x").passes
    assert not allowed(opening(), "jobs.py:tick = 1 until 2027-01-31 # x").used


def test_descriptors_whose_line_nobody_knows_need_an_entry_of_the_workload() -> None:
    found = allowed(opening(unseen=400), "jobs.py:30 = 1 until 2027-01-31 # x")

    assert not found.passes
    assert "+0.5 descriptors/iteration without a line" in found.sentences[1]
    more = "jobs.py:tick = 0.5 until 2027-01-31 # x"
    assert allowed(opening(unseen=400), "jobs.py:30 = 0.5 until 2027-01-31 # x", more).passes


def test_an_entry_at_which_nothing_grows_has_vanished() -> None:
    other = parse_allowance("jobs.py:99 = 64B until 2027-01-31 # x")
    found = [allowed(leak_record(), SEEN, other)]

    assert vanished([SEEN, other], found) == (other,)


def test_nothing_has_vanished_where_a_run_does_not_tell() -> None:
    open_ = replace(leak_record(), judgement=Judgement(verdict=Verdict.INCONCLUSIVE, reason=""))

    assert vanished([SEEN], [allowed(open_, SEEN)]) == ()
    assert vanished([SEEN], []) == ()


def test_an_entry_of_a_workload_that_did_not_run_has_not_vanished() -> None:
    other = parse_allowance("shop.jobs:tick = 64B until 2027-01-31 # x")

    assert vanished([other], [allowed(leak_record(), SEEN)]) == ()
    assert vanished([other], [Allowed(workload="shop.jobs:tick")]) == (other,)


@settings(max_examples=60, deadline=None)
@given(records, st.sampled_from(["a.py:1", "x:y", "jobs.py:tick"]))
def test_any_record_gets_an_answer_and_only_a_leak_passes(record: RunRecord, site: str) -> None:
    found = allowed(record, f"{site} = 1B until 2027-01-31 # x")

    assert not found.passes or (record.judgement.verdict is Verdict.LEAK and found.used)


@settings(max_examples=40, deadline=None)
@given(st.floats(min_value=1, max_value=1000), st.floats(min_value=1, max_value=1000))
def test_more_allowance_never_fails_what_less_allows(less: float, more: float) -> None:
    low, high = sorted((less, more))
    passes = [allowed(leak_record(), replace(SEEN, rate=rate)).passes for rate in (low, high)]

    assert passes == sorted(passes)
