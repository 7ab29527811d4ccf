"""A bisection: both ends first, then the search; what it says, and what it writes."""

import json
from dataclasses import replace
from pathlib import PurePath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.analysis.same_leak import Ran, is_same_leak, leading_line, leaking_functions
from leakcheck.bisecting.document import bisection_text
from leakcheck.bisecting.search import State
from leakcheck.bisecting.steps import Candidate, Finding, Measured, Outcome, Step
from leakcheck.bisecting.telling import closing_lines, sentence, step_line
from leakcheck.model.signals import Signal
from leakcheck.model.sites import Frame
from leakcheck.model.verdict import Growth, Judgement, Trend, Verdict
from tests.unit.bisecting import bisected, record

LEAK, CLEAN = record(Verdict.LEAK), record(Verdict.CLEAN)
UNSURE, ERROR = record(Verdict.INCONCLUSIVE), record(Verdict.ERROR)
OTHER = record(Verdict.LEAK, function="other")
HERE = PurePath("/project")


def asked(finding: Finding) -> list[str]:
    return [step.candidate.key for step in finding.steps]


def test_the_leak_is_measured_first_then_the_good_end_then_the_middle() -> None:
    told: list[Step] = []
    labels: list[str] = []
    finding = bisected([CLEAN] * 5 + [LEAK] * 3, told=told, labels=labels)

    assert asked(finding) == ["1.7", "1.0", "1.3", "1.5", "1.4"]
    assert finding.outcome is Outcome.FOUND
    assert sentence(finding) == "jobs.py:tick leaks since shop 1.5 (1.4 is CLEAN), 5 steps"
    assert tuple(told) == finding.steps
    assert labels[0] == "step 1 of about 5"
    assert labels[-1] == "step 5 of about 5"


def test_a_fix_is_found_between_an_older_leak_and_a_newer_clean() -> None:
    finding = bisected([LEAK] * 3 + [CLEAN] * 4, is_fix=True)

    assert asked(finding)[:2] == ["1.0", "1.6"]
    assert sentence(finding) == "jobs.py:tick leaks no more since shop 1.3 (1.2 is a LEAK), 5 steps"


@given(st.data())
def test_whatever_cannot_tell_the_first_one_is_in_what_is_named(data: st.DataObject) -> None:
    count = data.draw(st.integers(min_value=2, max_value=40))
    first = data.draw(st.integers(min_value=1, max_value=count - 1))
    silent = data.draw(st.frozensets(st.integers(min_value=1, max_value=max(1, count - 2))))
    silent -= {0, count - 1}
    answers = [
        "it does not install" if n in silent else LEAK if n >= first else CLEAN
        for n in range(count)
    ]
    finding = bisected(answers)

    assert finding.first is not None
    named = [*(one.key for one in finding.between), finding.first.candidate.key]
    assert f"1.{first}" in named
    assert {one.key for one in finding.between} <= {f"1.{n}" for n in silent}
    assert (finding.outcome is Outcome.FOUND) == (not finding.between)


def test_a_range_names_what_cannot_tell() -> None:
    finding = bisected([CLEAN, CLEAN, "no wheel", UNSURE, ERROR, LEAK])

    assert finding.outcome is Outcome.RANGE
    assert sentence(finding) == (
        "jobs.py:tick leaks since shop 1.5, or since one of 3 before it that cannot tell"
        " (1.2, 1.3, 1.4; 1.1 is CLEAN), 6 steps"
    )


def test_of_many_that_cannot_tell_a_few_are_named() -> None:
    finding = bisected([CLEAN, *(["no wheel"] * 9), LEAK])

    assert "(1.1, 1.2, 1.3, 1.4, 1.5 and 4 more; 1.0 is CLEAN)" in sentence(finding)


@pytest.mark.parametrize(
    ("answers", "outcome", "said"),
    [
        ([LEAK, LEAK], Outcome.WRONG_END, "shop 1.0, the good end, leaks too: +108 B/iteration"),
        ([CLEAN, CLEAN], Outcome.WRONG_END, "shop 1.1, the bad end, is CLEAN: there is no leak"),
        ([UNSURE, LEAK], Outcome.UNSURE_END, "shop 1.0, the good end, is INCONCLUSIVE: why it is"),
        ([CLEAN, UNSURE], Outcome.UNSURE_END, "shop 1.1, the bad end, is INCONCLUSIVE: why it is"),
        ([CLEAN, ERROR], Outcome.UNTESTED_END, "shop 1.1, the bad end, cannot be tested: why it"),
        (["no wheel", LEAK], Outcome.UNTESTED_END, "1.0, the good end, cannot be tested: no wheel"),
    ],
)
def test_an_end_that_is_not_what_it_should_be_ends_it(
    answers: list[Any], outcome: Outcome, said: str
) -> None:
    finding = bisected(answers)

    assert finding.outcome is outcome
    assert said in sentence(finding)
    assert len(finding.steps) <= 2
    assert json.loads(bisection_text(finding))["first"] is None


def test_another_leak_is_not_the_one_that_is_looked_for() -> None:
    finding = bisected([CLEAN, CLEAN, OTHER, OTHER, LEAK, LEAK])

    assert finding.outcome is Outcome.FOUND
    assert "leaks since shop 1.4 (1.3 leaks too, but elsewhere: " in sentence(finding)
    assert "other()), 5 steps" in sentence(finding)
    (line,) = [step_line(one) for one in finding.steps if one.candidate.key == "1.3"]
    assert line.startswith("LEAK          shop 1.3   +108 B/iteration")
    assert line.endswith("another leak")


def test_leaks_without_lines_are_the_same_where_they_grow_alike() -> None:
    def without_lines(signal: Signal) -> Measured:
        growth = Growth(estimate=1.0, low=0.9, high=1.1)
        trend = Trend(signal=signal, growth=growth, persisting=1.0, verdict=Verdict.LEAK, why="")
        judgement = Judgement(verdict=Verdict.LEAK, reason="", trends={signal: trend})
        return Measured(
            candidate=Candidate(key="1", name="shop 1"), record=replace(LEAK, judgement=judgement)
        )

    files, threads = without_lines(Signal.DESCRIPTORS), without_lines(Signal.THREADS)
    assert files.record is not None
    assert threads.record is not None

    same = bisected([CLEAN, files.record, files.record, files.record])
    assert sentence(same).startswith("jobs.py:tick leaks since shop 1.1 (1.0 is CLEAN)")
    other = bisected([CLEAN, threads.record, threads.record, files.record])
    assert sentence(other).startswith("jobs.py:tick leaks since shop 1.3 (1.2 leaks too, but else")
    assert "+1 descriptors/iteration" in step_line(Step(measured=files, state=State.NEW))


def test_a_subject_and_a_reason_from_elsewhere_are_shown_as_plain_text() -> None:
    finding = bisected([CLEAN, "broken\x1b[2J\nnow", LEAK], subjects={2: "Keep all", 1: "Break"})
    text = "\n".join([*map(step_line, finding.steps), *closing_lines(finding, HERE)])

    assert 'leaks since shop 1.2 "Keep all", or since one of 1 before it' in text
    assert "UNTESTABLE    shop 1.1   Break   broken?[2J now" in text
    assert all(line.isprintable() for line in text.splitlines())


def test_a_merge_is_told_with_how_to_look_into_it() -> None:
    merge = Candidate(key="c" * 40, name="c" * 9, subject="Merge", parents=("a" * 40, "b" * 40))
    finding = bisected([CLEAN, LEAK], subjects={1: "Merge"})
    assert finding.first is not None
    measured = replace(finding.first.measured, candidate=merge)
    finding = replace(finding, first=replace(finding.first, measured=measured))
    (hint,) = [one for one in closing_lines(finding, HERE) if "merge" in one and "--good" in one]

    assert "--good $(git merge-base aaaaaaaaaaaa bbbbbbbbbbbb) --bad bbbbbbbbbbbb" in hint


def test_a_good_end_that_leaks_through_the_workload_itself_is_told_of_the_option() -> None:
    commits = bisected([LEAK, LEAK], subjects={0: "First", 1: "Second"})
    versions = bisected([LEAK, LEAK])

    assert "--target-from commit" in closing_lines(commits, HERE)[-1]
    assert closing_lines(versions, HERE)[-1].strip() == "next: an older --good"


def test_the_json_has_each_step_and_the_answer() -> None:
    document = json.loads(bisection_text(bisected([CLEAN, OTHER, "no wheel", LEAK])))

    assert document["schema_version"] == 1
    assert document["outcome"] == "range"
    assert document["package"] == "shop"
    assert document["last"] == {"key": "1.1", "name": "shop 1.1", "subject": ""}
    assert document["first"]["key"] == "1.3"
    assert [one["key"] for one in document["between"]] == ["1.2"]
    steps = {one["key"]: one for one in document["steps"]}
    assert [steps[f"1.{n}"]["state"] for n in range(4)] == ["old", "old", "untold", "new"]
    assert steps["1.1"]["elsewhere"] is True
    assert steps["1.2"] == {
        "key": "1.2",
        "name": "shop 1.2",
        "subject": "",
        "verdict": None,
        "state": "untold",
        "elsewhere": False,
        "why": "no wheel",
        "measured_before": False,
        "growth_bytes_per_iteration": None,
        "line": None,
        "record": None,
    }
    assert steps["1.3"]["growth_bytes_per_iteration"]["estimate"] == 108
    assert steps["1.3"]["line"]["function"] == "tick"


def test_a_function_is_the_same_in_the_checkout_of_another_commit() -> None:
    def ran(folder: str, file: str) -> Ran:
        frame = Frame(file=f"{folder}/{file}", line=3, function="tick")
        (site,) = LEAK.judgement.sites
        sites = (replace(site, stack=(frame,)),)
        judged = replace(LEAK, judgement=replace(LEAK.judgement, sites=sites))
        return Ran(record=judged, root=PurePath(folder))

    one = ran("/cache/trees/aaaa", "jobs.py")
    assert is_same_leak(one, ran("/cache/trees/bbbb", "jobs.py"))
    assert not is_same_leak(one, ran("/cache/trees/bbbb", "other.py"))
    assert not is_same_leak(one, ran("/cache/trees/bbbb", "shop/jobs.py"))


def test_of_a_package_the_innermost_of_its_functions_counts() -> None:
    inner = Frame(file="/usr/lib/python3.11/json/decoder.py", line=1, function="decode")
    own = Frame(file="/app/jobs.py", line=2, function="tick")

    def ran(place: str, function: str) -> Ran:
        file = f"/{place}/lib/python3.11/site-packages/shop/cache.py"
        frame = Frame(file=file, line=9, function=function)
        (site,) = LEAK.judgement.sites
        sites = (replace(site, stack=(inner, frame, own)),)
        return Ran(record=replace(LEAK, judgement=replace(LEAK.judgement, sites=sites)))

    assert leading_line(ran("one", "keep").record) == Frame(
        file="/one/lib/python3.11/site-packages/shop/cache.py", line=9, function="keep"
    )
    assert leaking_functions(ran("one", "keep")) == {(("shop", "cache.py"), "keep")}
    assert is_same_leak(ran("one", "keep"), ran("two", "keep"))
    assert not is_same_leak(ran("one", "keep"), ran("two", "other"))
