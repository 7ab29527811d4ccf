import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.model.errors import RecordError
from leakcheck.model.run_record import SCHEMA_VERSION, RunRecord
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal
from leakcheck.record import codec
from leakcheck.record.upgrade import upgrade
from tests.unit.records import leak_record, records

GOLDEN = Path(__file__).parents[1] / "golden"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def paths(value: object, here: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where each value of a JSON document stands."""
    yield here
    members = value if isinstance(value, dict) else {}
    if isinstance(value, list):
        members = dict(enumerate(value))
    for key, one in members.items():
        yield from paths(one, (*here, key))


DOCUMENT = codec.encode(leak_record(samples=3))
PLACES = [path for path in paths(DOCUMENT) if path]


def damaged(place: tuple[str | int, ...], value: object) -> Any:
    """Return a copy of the document with `value` at `place`."""
    copy = json.loads(json.dumps(DOCUMENT))
    inner = copy
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return copy


@settings(max_examples=50, deadline=None)
@given(records)
def test_any_record_comes_back_as_it_was(record: RunRecord) -> None:
    assert codec.loads(codec.dumps(record)) == record


@settings(max_examples=50, deadline=None)
@given(records)
def test_what_is_written_is_ascii_json_that_any_parser_reads(record: RunRecord) -> None:
    text = codec.dumps(record)

    assert text.isascii()
    assert json.loads(text, parse_constant=pytest.fail)["schema_version"] == SCHEMA_VERSION


@pytest.mark.parametrize(
    "golden", sorted(GOLDEN.glob("*/*/record.json")), ids=lambda p: p.parts[-3]
)
def test_a_record_of_every_schema_opens_for_ever(golden: Path) -> None:
    record = codec.loads(golden.read_bytes())

    assert record.plan.target == "jobs.py:tick"
    assert record.judgement.growth is not None
    assert codec.loads(codec.dumps(record)) == record


@pytest.mark.parametrize("schema", range(1, SCHEMA_VERSION + 1))
def test_there_is_a_golden_record_of_every_schema(schema: int) -> None:
    assert list((GOLDEN / f"v{schema}").glob("*/record.json"))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PLACES), ANYTHING)
def test_a_wrong_value_anywhere_is_a_record_error_or_a_value_that_fits(
    place: tuple[str | int, ...], value: object
) -> None:
    try:
        record = codec.decode(damaged(place, value))
    except RecordError:
        return
    assert codec.loads(codec.dumps(record)) == record


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_an_object_in_the_wrong_place_is_named(place: tuple[str | int, ...]) -> None:
    with pytest.raises(RecordError, match=r"^record.*: (found|.*wanted)"):
        codec.decode(damaged(place, {"surprise": 1}))


@pytest.mark.parametrize("place", [place for place in PLACES if isinstance(place[-1], str)])
def test_a_missing_member_is_named(place: tuple[str | int, ...]) -> None:
    document = json.loads(json.dumps(DOCUMENT))
    inner = document
    for key in place[:-1]:
        inner = inner[key]
    del inner[place[-1]]

    if place[-2:-1] in {("series",), ("trends",), ("drained",)}:  # any signal may be missing
        codec.decode(document)
        return
    with pytest.raises(RecordError, match=rf"{place[-1]}: found (nothing|null)"):
        codec.decode(document)


@settings(max_examples=100, deadline=None)
@given(st.integers(min_value=0, max_value=len(codec.dumps(leak_record(samples=3))) - 3))
def test_a_truncated_record_is_refused(length: int) -> None:
    with pytest.raises(RecordError):
        codec.loads(codec.dumps(leak_record(samples=3))[:length])


@settings(max_examples=100)
@given(st.binary(max_size=50))
def test_bytes_of_any_kind_are_a_record_error(found: bytes) -> None:
    with pytest.raises(RecordError):
        codec.loads(found)


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "1" * 10_000, "null", "[]", '{"schema_version": NaN}', '{"a": 1}', "\ud800"],
    ids=["deep", "long", "null", "array", "nan", "foreign", "surrogate"],
)
def test_hostile_text_is_a_record_error(text: str) -> None:
    with pytest.raises(RecordError):
        codec.loads(text)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("plan", "iterations"), "many", "record.plan.iterations: found 'many', wanted a whole"),
        (("plan", "iterations"), 0, "record.plan: iterations: found 0, wanted 1 or more"),
        (("plan", "time_limit_s"), True, "time_limit_s: found true, wanted a finite number"),
        (("plan", "thresholds", "bytes_per_iteration"), -1, "found -1.0, wanted more than 0"),
        (("judgement", "verdict"), "FINE", "found 'FINE', wanted LEAK or CLEAN or"),
        (("machine", "cpu_count"), 1 << 70, "found a whole number of 71 bits"),
        (("machine", "cpu_count"), -1, "found -1, wanted 0 or more"),
        (("machine", "host"), "x", "record.machine: found 'host', wanted only python,"),
        (("measurement", "series", "rss", "unit"), "count", "found 'count', wanted bytes"),
        (("measurement", "series", "rss", "values"), [1], "3 iteration numbers and 1 values"),
        (("measurement", "series", "rss", "values", 1), 0.5, "values[1]: found 0.5"),
        (("measurement", "series", "rss", "iterations", 0), -1, "iterations[0]: found -1, wanted"),
        (("measurement", "series", "disk"), {}, "found 'disk', wanted rss or heap"),
        (("measurement", "sites", "marks"), [1.0], "one value for each of 1 marks"),
        (("id",), "../../etc", "record.id: found '../../etc', wanted an id"),
        (("started_at",), "2026-11-23T12:00:00", "wanted a time in ISO 8601 and UTC"),
        (("started_at",), "yesterday", "wanted a time in ISO 8601 and UTC"),
        (
            ("schema_version",),
            7,
            "written by a newer leakcheck (schema 7, this one reads up to 2)",
        ),
        (("schema_version",), 0, "record.schema_version: found 0, wanted 1 to 2"),
        (("schema_version",), "1", "record.schema_version: found '1', wanted a whole"),
    ],
)
def test_damage_is_told_with_its_place_what_was_found_and_what_was_wanted(
    place: tuple[str | int, ...], value: object, words: str
) -> None:
    with pytest.raises(RecordError) as caught:
        codec.decode(damaged(place, value))

    assert words in str(caught.value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_never_written(value: float) -> None:
    record = leak_record()
    judgement = replace(record.judgement, smallest_detectable_bytes_per_iteration=value)

    with pytest.raises(RecordError, match=r"record.judgement.smallest_detectable.*wanted a finite"):
        codec.dumps(replace(record, judgement=judgement))


def test_a_series_under_another_signals_name_is_never_written() -> None:
    record = leak_record()
    wrong = {Signal.RSS: Series.of(Signal.HEAP, [(0, 1)])}

    with pytest.raises(RecordError, match=r"series\.rss: found the series of heap"):
        codec.dumps(replace(record, measurement=replace(record.measurement, series=wrong)))


def test_old_documents_go_through_each_upgrade_in_turn() -> None:
    upgrades = {
        1: lambda old: {**old, "steps": ["one"]},
        2: lambda old: {**old, "steps": [*old["steps"], "two"]},
    }

    assert upgrade({"schema_version": 1}, upgrades=upgrades, newest=3) == {
        "schema_version": 3,
        "steps": ["one", "two"],
    }
