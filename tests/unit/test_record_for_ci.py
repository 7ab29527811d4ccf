"""The verdict JSON and the JUnit XML."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.model.run_record import RunRecord
from leakcheck.model.verdict import Judgement, Verdict
from leakcheck.record.junit import junit_xml
from leakcheck.record.verdict_json import verdicts_document, verdicts_text
from tests.unit.records import leak_record, records

PROJECT = Path("/project")
CONTRACT_KEYS = {
    "workload",
    "verdict",
    "reason",
    "diagnosis",
    "growth_bytes_per_iteration",
    "threshold_bytes_per_iteration",
    "smallest_detectable_bytes_per_iteration",
    "iterations",
    "warm_up_iterations",
    "signals",
    "sites",
    "held_by",
    "record",
}
OUR_KEYS = {"explanation", "cannot_see", "allowed"}
"""What this program adds to the contract's keys."""


def with_verdict(verdict: Verdict, reason: str = "because") -> RunRecord:
    return replace(leak_record(3), judgement=Judgement(verdict=verdict, reason=reason))


def test_the_verdict_json_is_the_contracts() -> None:
    text = verdicts_text([leak_record()], project=PROJECT)
    document = json.loads(text)
    verdict = document["verdicts"][0]

    assert set(document) == {"schema_version", "verdicts"}
    assert document["schema_version"] == 1
    assert set(verdict) == CONTRACT_KEYS | OUR_KEYS
    assert verdict["workload"] == "jobs.py:tick"
    assert verdict["record"] == "20261123T120000Z-tick-1a2b3c"
    assert verdict["threshold_bytes_per_iteration"] == 4.0
    assert verdict["growth_bytes_per_iteration"] == {
        "estimate": 108.0,
        "low": 107.4,
        "high": 108.7,
        "confidence": 0.99,
    }
    assert verdict["signals"]["rss"]["unit"] == "bytes"
    assert {"estimate", "low", "high"} <= set(verdict["signals"]["rss"]["growth_per_iteration"])


def test_files_of_the_project_are_named_from_its_root_and_others_in_full() -> None:
    site = verdicts_document([leak_record()], project=PROJECT)["verdicts"][0]["sites"][0]  # type: ignore[index]

    assert site == {
        "file": "jobs.py",
        "line": 12,
        "function": "tick",
        "bytes_per_iteration": 108.0,
        "objects_per_iteration": 1.0,
        "stack": ["jobs.py:12 tick", "/usr/lib/python3.11/asyncio/events.py:80 _run"],
    }


def test_a_verdict_that_rests_on_no_bytes_has_growth_null() -> None:
    document = verdicts_document([with_verdict(Verdict.ERROR)], project=PROJECT)
    verdict = document["verdicts"][0]  # type: ignore[index]

    assert verdict["growth_bytes_per_iteration"] is None
    assert verdict["smallest_detectable_bytes_per_iteration"] is None
    assert verdict["sites"] == []
    assert verdict["signals"] == {}


@settings(max_examples=30, deadline=None)
@given(st.lists(records, max_size=3))
def test_any_records_give_verdicts_that_parse_in_their_order(found: list[RunRecord]) -> None:
    verdicts = json.loads(verdicts_text(found, project=PROJECT))["verdicts"]

    assert [verdict["record"] for verdict in verdicts] == [record.id for record in found]
    assert all(set(verdict) == CONTRACT_KEYS | OUR_KEYS for verdict in verdicts)


@pytest.mark.parametrize(
    ("verdict", "allow_inconclusive", "outcome"),
    [
        (Verdict.CLEAN, False, None),
        (Verdict.LEAK, False, "failure"),
        (Verdict.LEAK, True, "failure"),
        (Verdict.ERROR, False, "error"),
        (Verdict.INCONCLUSIVE, False, "failure"),
        (Verdict.INCONCLUSIVE, True, "skipped"),
    ],
)
def test_junit_tells_the_verdict(
    verdict: Verdict, *, allow_inconclusive: bool, outcome: str | None
) -> None:
    text = junit_xml([with_verdict(verdict)], allow_inconclusive=allow_inconclusive)
    (case,) = ET.fromstring(text).iter("testcase")  # noqa: S314 -- our own text

    assert [child.tag for child in case] == ([outcome] if outcome else [])
    assert all(child.get("type") == verdict.lower() for child in case)
    assert all(child.get("message") == "because" for child in case)


def test_junit_counts_its_outcomes() -> None:
    text = junit_xml([with_verdict(verdict) for verdict in Verdict], allow_inconclusive=True)
    (suite,) = ET.fromstring(text)  # noqa: S314 -- our own text

    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == [
        "4",
        "1",
        "1",
        "1",
    ]


@settings(max_examples=50, deadline=None)
@given(st.text(), st.sampled_from(Verdict))
def test_junit_parses_whatever_a_reason_holds(reason: str, verdict: Verdict) -> None:
    text = junit_xml([with_verdict(verdict, reason + "\x00\ud800<&>")])

    assert ET.fromstring(text.encode()) is not None  # noqa: S314 -- our own text


@settings(max_examples=30, deadline=None)
@given(records)
def test_junit_parses_for_any_record(record: RunRecord) -> None:
    assert ET.fromstring(junit_xml([record]).encode()) is not None  # noqa: S314 -- our own text
