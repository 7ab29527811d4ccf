"""What there is more of: how it is told, folded, bounded, recorded and said."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.analysis.what import what_grows
from leakcheck.model.errors import RecordError
from leakcheck.model.inventory import Group, Inventory
from leakcheck.model.run_record import RunRecord
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Diagnosis, Verdict
from leakcheck.probes import inventory
from leakcheck.probes.inventory import Look, as_groups, grown, look, plain
from leakcheck.record import codec
from leakcheck.run.inventory import read_inventory
from tests.unit.records import leak_record

NOTHING: dict[str, Any] = {"descriptors": [], "threads": [], "tasks": [], "cycles": []}
groups = st.lists(st.builds(Group, what=st.text(), number=st.integers(0, 1 << 62))).map(tuple)
inventories = st.builds(Inventory, descriptors=groups, threads=groups, tasks=groups, cycles=groups)


# -- the difference ---------------------------------------------------------------------------


def looks(before: dict[tuple[str, str], int], now: dict[tuple[str, str], int]) -> list[list[Any]]:
    """Return the groups between two looks at descriptors."""
    told, _ = grown({"d": Look(numbers=Counter(before))}, {"d": Look(numbers=Counter(now))})
    return told["d"]


def port(number: int) -> tuple[str, str]:
    return f"socket to 1.2.3.4:{number}", "socket to 1.2.3.4"


def test_only_growth_is_told() -> None:
    assert looks({port(1): 5, port(2): 3}, {port(1): 5, port(2): 1}) == []


def test_clients_that_came_and_went_are_no_growth() -> None:
    assert looks({port(n): 1 for n in range(5)}, {port(n): 1 for n in range(5, 10)}) == []
    assert looks({port(1): 1, port(2): 1}, {port(3): 1, port(4): 1, port(5): 1}) == [
        ["socket to 1.2.3.4", 1]
    ]


def test_a_port_with_many_connections_stays_apart_from_those_with_one() -> None:
    found = looks({}, {port(5432): 40, port(1): 1, port(2): 1})

    assert found == [["socket to 1.2.3.4:5432", 40], ["socket to 1.2.3.4", 2]]


@given(st.dictionaries(st.text(), st.integers(-5, 10**9)))
def test_groups_are_few_short_printable_and_the_largest_first(numbers: dict[str, int]) -> None:
    found = as_groups(numbers)
    sizes = [number for _, number in found]

    assert len(found) <= 8
    assert sizes == sorted(sizes, reverse=True)
    assert all(number > 0 for number in sizes)
    assert all(len(what) <= 200 and what.isprintable() for what, _ in found)
    assert json.loads(json.dumps(found)) == found


def test_a_long_text_keeps_both_its_ends() -> None:
    text = plain(f"run at /{'x' * 500}/jobs.py:12")

    assert len(text) == 200
    assert text.startswith("run at /x")
    assert text.endswith("x/jobs.py:12")


def test_no_more_are_looked_at_than_may_be_and_a_remark_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = look()
    monkeypatch.setattr(inventory, "MOST_LOOKED_AT", 2)
    now = look()
    told, remarks = grown(before, now)

    assert told["descriptors"] == []
    assert remarks[-1] == "only 2 descriptors were looked at: there are more"


def test_nothing_is_said_of_what_was_too_much_to_begin_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inventory, "MOST_S", -1.0)
    before = look()
    monkeypatch.setattr(inventory, "MOST_S", 10.0)
    told, remarks = grown(before, look())

    assert told["descriptors"] == []
    assert (
        remarks[-1]
        == "what the descriptors are could not be told: there were too many after set-up"
    )


def test_a_part_that_fails_is_left_out_with_a_remark(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Iterator[tuple[str, str]]:
        raise PermissionError

    before = look()
    monkeypatch.setattr(inventory, "open_descriptors", fail)
    told, remarks = grown(before, look())

    assert told["descriptors"] == []
    assert remarks == ["what the descriptors are could not be told: PermissionError"]


# -- read, kept and said ----------------------------------------------------------------------


def test_a_message_in_which_nothing_grew_makes_no_inventory() -> None:
    assert read_inventory({"inventory": NOTHING, "remarks": []}) == (None, ())


def test_a_message_is_read_as_it_was_sent() -> None:
    sent = {"inventory": {**NOTHING, "threads": [["work at a.py:1", 3]]}, "remarks": ["a note"]}

    assert read_inventory(sent) == (
        Inventory(threads=(Group(what="work at a.py:1", number=3),)),
        ("a note",),
    )


@given(st.none() | inventories)
def test_an_inventory_comes_back_from_a_record_as_it_was(one: Inventory | None) -> None:
    record = with_inventory(one)

    assert codec.loads(codec.dumps(record)) == record


def with_inventory(one: Inventory | None) -> RunRecord:
    record = leak_record(samples=3)
    return replace(record, measurement=replace(record.measurement, inventory=one))


def test_a_record_in_which_nothing_grew_is_as_records_were_before() -> None:
    assert "inventory" not in codec.encode(with_inventory(None))["measurement"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "record.measurement.inventory: found an array of 0, wanted an object"),
        ({**NOTHING, "files": []}, "record.measurement.inventory: found 'files', wanted only"),
        ({"tasks": []}, "record.measurement.inventory.descriptors: found nothing"),
        (
            {**NOTHING, "tasks": [{"what": "", "number": -1}]},
            "record.measurement.inventory.tasks[0].number: found -1, wanted 0 or more",
        ),
    ],
)
def test_a_damaged_inventory_is_told_with_its_place(value: object, words: str) -> None:
    document: Any = codec.encode(with_inventory(None))
    document["measurement"]["inventory"] = value

    with pytest.raises(RecordError) as caught:
        codec.decode(document)
    assert words in str(caught.value)


FILES = (
    Group(what="file /tmp/x/*.log", number=1_200),
    Group(what="socket to 127.0.0.1:5432", number=4),
)


def said(verdict: Verdict, *kinds: Diagnosis, counted: int = 0) -> tuple[str, ...]:
    """Return what is said of a run in which files were kept, and threads."""
    grown = Inventory(descriptors=FILES, threads=(Group(what="work at a.py:1", number=2),))
    record = with_inventory(grown)
    series = Series.of(Signal.DESCRIPTORS, [(0, 10), (100, 10 + counted)])
    measurement = replace(record.measurement, series={Signal.DESCRIPTORS: series})
    return what_grows(measurement, replace(record.judgement, verdict=verdict, diagnosis=kinds))


def test_a_leak_says_what_leaks_for_its_diagnoses_only() -> None:
    assert said(Verdict.LEAK, Diagnosis.PYTHON_OBJECTS, Diagnosis.DESCRIPTORS) == (
        "descriptors: 1,204 more: file /tmp/x/*.log (1,200), socket to 127.0.0.1:5432 (4)",
    )


def test_what_was_counted_beyond_the_groups_is_told_as_others() -> None:
    (line,) = said(Verdict.LEAK, Diagnosis.DESCRIPTORS, counted=1_300)

    assert line.startswith("descriptors: 1,300 more: file ")
    assert line.endswith(", others (96)")


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.LEAK])
def test_nothing_is_said_but_of_a_leak(verdict: Verdict) -> None:
    assert said(verdict, Diagnosis.DESCRIPTORS) == ()


def test_nothing_is_said_where_nothing_is_known() -> None:
    record = with_inventory(None)
    leak = replace(record.judgement, diagnosis=(Diagnosis.TASKS,))

    assert what_grows(record.measurement, leak) == ()
    assert said(Verdict.LEAK, Diagnosis.TASKS, Diagnosis.NATIVE_HEAP) == ()
