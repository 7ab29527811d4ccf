"""The second run of a leak: how long it is, what comes of it, and how a record keeps that."""

import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.analysis.explanation import explain
from leakcheck.model.errors import RecordError
from leakcheck.model.measurement import Ending, Measurement
from leakcheck.model.native import NativeGrowth
from leakcheck.model.plan import Plan
from leakcheck.record import codec
from leakcheck.record.explanation_json import explanation_document
from leakcheck.run.capture_file import CaptureFile, CaptureReader, UnreadError
from leakcheck.run.native import native_growth, second_plan
from leakcheck.run.outcome import Outcome
from leakcheck.wording.explaining import explanation_lines
from tests.unit.records import STACK, natives
from tests.unit.test_native import in_library, leak, site

PLAN = Plan(target="jobs.py:tick", python=Path("python"), native=True)


@pytest.mark.parametrize(
    ("iterations", "pieces", "wanted"),
    [
        (8_000, 1.0, 2_000),
        (500, 7.0, 500),
        (3, 7.0, 20),
        (8_000, 0.004, 4_000),
        (8_000, 0.0001, 8_000),
        (8_000, 0.0, 2_000),
        (8_000, -1.0, 2_000),
    ],
)
def test_a_second_run_is_as_long_as_growth_needs_and_no_longer_than_the_first(
    iterations: int, pieces: float, wanted: int
) -> None:
    plan = second_plan(PLAN, iterations, pieces)

    assert (plan.iterations, plan.exact) == (wanted, True)
    assert replace(plan, iterations=PLAN.iterations, exact=PLAN.exact) == PLAN


class Reader:
    """A reader that tells what it is told to, or fails."""

    def __init__(self, told: Mapping[str, Any] | str) -> None:
        self._told = told

    def content(self, *_: object, native: Path) -> tuple[Mapping[str, Any], str]:
        assert native.name == "growth-native.html"
        if isinstance(self._told, str):
            raise UnreadError(self._told)
        return self._told, ""


def second(told: Mapping[str, Any] | str, ending: Ending = Ending.EXACT) -> NativeGrowth:
    run = Measurement(series={}, iterations=900, ending=ending, elapsed_s=2.0, failure="crashed")
    reader = cast("CaptureReader", Reader(told))
    capture = CaptureFile(path=Path("capture-native.bin"))
    return native_growth(Outcome(plan=PLAN, measurement=run), capture, reader, threading.Event())


def test_a_second_run_yields_what_its_reader_tells() -> None:
    (encoded,) = codec.encode(leak(NativeGrowth(sites=(site(in_library("f")),))))["measurement"][  # type: ignore[index]
        "native"
    ]["sites"]
    found = second({"sites": [encoded]})

    assert found == NativeGrowth(iterations=900, elapsed_s=2.0, sites=(site(in_library("f")),))


@pytest.mark.parametrize(
    ("told", "ending", "note"),
    [
        ("the capture is empty", Ending.EXACT, "the capture is empty"),
        ({"sites": []}, Ending.EXACT, "nothing grew steadily in the second run"),
        (
            {"sites": []},
            Ending.CAPTURE_LIMIT,
            "nothing grew steadily in the second run: its capture was full after 900 iterations",
        ),
        (
            {"sites": []},
            Ending.TIME_LIMIT,
            "nothing grew steadily in the second run: its time was up after 900 iterations",
        ),
        ({"sites": []}, Ending.FAILED, "the second run crashed"),
        ({"sites": []}, Ending.INTERRUPTED, "the second run was interrupted"),
    ],
)
def test_a_second_run_without_native_stacks_says_why(
    told: Mapping[str, Any] | str, ending: Ending, note: str
) -> None:
    found = second(told, ending)

    assert (found.sites, found.note) == ((), note)
    assert found.was_tried


# -- the record --------------------------------------------------------------------------------


@given(st.none() | natives)
def test_native_growth_comes_back_from_a_record_as_it_was(native: NativeGrowth | None) -> None:
    record = leak(native)

    assert codec.loads(codec.dumps(record)) == record


def test_a_record_without_native_code_does_not_mention_it() -> None:
    assert '"native"' not in codec.dumps(leak())


@given(natives)
def test_whatever_a_record_claims_of_native_code_is_told_and_written(native: NativeGrowth) -> None:
    ours = replace(native, sites=tuple(replace(one, stack=STACK) for one in native.sites))
    record = leak(ours)
    explanation = explain(record.measurement, record.judgement)

    assert explanation_lines(record.judgement, explanation, Path("/project"))
    assert json.dumps(explanation_document(explanation, Path("/project")), allow_nan=False)


@pytest.mark.parametrize(
    ("native", "complaint"),
    [
        ([], "record.measurement.native: found an array of 0, wanted an object"),
        ({"sites": []}, "record.measurement.native.call: found nothing"),
        (
            {"call": "", "iterations": -1, "elapsed_s": 0, "sites": [], "note": ""},
            "record.measurement.native.iterations: found -1, wanted 0 or more",
        ),
    ],
)
def test_what_is_no_native_growth_is_refused_by_name(native: object, complaint: str) -> None:
    document = codec.encode(leak())
    measurement = cast("dict[str, object]", document["measurement"])

    with pytest.raises(RecordError) as refused:
        codec.decode({**document, "measurement": {**measurement, "native": native}})
    assert str(refused.value).startswith(complaint)
