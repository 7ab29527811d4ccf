"""What comes from another machine is taken apart by hand, and stored as our own."""

import dataclasses
import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.analysis.decision import judge
from leakcheck.check import Settings
from leakcheck.elsewhere import parcel as parcels
from leakcheck.elsewhere.checking import new_topic, order_of, stored
from leakcheck.elsewhere.order import read_order
from leakcheck.elsewhere.parcel import PAGES, Parcel, failure, pack, unpack
from leakcheck.elsewhere.watching import progress_of
from leakcheck.fanout import cluster
from leakcheck.fanout.cluster import Cluster
from leakcheck.model.errors import RecordError, TargetError, UsageError
from leakcheck.model.options import Options
from leakcheck.model.plan import Profiler
from leakcheck.record import codec
from leakcheck.record.store import RecordStore
from tests.unit.records import leak_record

RECORD = codec.dumps(leak_record()).encode()
TARGET = "jobs.py:tick"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(
    record=st.binary(max_size=50),
    pages=st.dictionaries(st.sampled_from(PAGES), st.binary(max_size=50)),
    traceback=st.lists(st.text(max_size=20), max_size=5).map(tuple),
    text=st.text(max_size=50),
)
def test_a_parcel_comes_out_as_it_went_in(
    record: bytes, pages: dict[str, bytes], traceback: tuple[str, ...], text: str
) -> None:
    sent = Parcel(record=record, pages=pages, traceback=traceback, output_tail=text, text=text)

    assert unpack(pack(sent)) == sent


@given(st.binary(max_size=300))
def test_bytes_that_are_no_parcel_are_refused(content: bytes) -> None:
    with pytest.raises(RecordError, match="parcel"):
        unpack(content)


@given(at=st.integers(min_value=0), byte=st.integers(0, 255))
def test_a_damaged_parcel_is_refused_or_read_and_nothing_else(at: int, byte: int) -> None:
    content = bytearray(pack(Parcel(record=b"{}", pages={"growth.html": b"<p>"}, text="no")))
    content[at % len(content)] = byte

    try:
        assert set(unpack(bytes(content)).pages) <= set(PAGES)
    except RecordError as error:
        assert "parcel" in str(error)  # noqa: PT017 -- either will do


@pytest.mark.parametrize(
    "name", ["../growth.html", "/etc/passwd", "record.json", "a/growth.html", "growth.html\0", ""]
)
def test_a_file_with_another_name_is_refused(name: str) -> None:
    head = {**HEAD, "pages": {name: 3}}

    with pytest.raises(RecordError, match="parcel: found a file "):
        unpack(json.dumps(head).encode() + b"\n<p>")


HEAD: dict[str, Any] = {
    "record": 0,
    "pages": {},
    "traceback": [],
    "output_tail": "",
    "error": "",
    "text": "",
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"record": 1 << 40}, "bytes at most"),
        ({"record": -1}, "0 or more"),
        ({"record": 5}, "wanted as many as it says"),
        ({"pages": {"leaks.html": 1 << 40}}, "bytes at most"),
        ({"pages": []}, "an object"),
        ({"traceback": "x"}, "an array"),
        ({"more": 1}, "wanted only"),
    ],
)
def test_a_parcel_that_lies_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(RecordError, match=said):
        unpack(json.dumps({**HEAD, **change}).encode() + b"\n")


def test_a_page_that_is_too_large_stays_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcels, "LARGEST_PAGE_BYTES", 3)

    assert unpack(pack(Parcel(pages={"leaks.html": b"1234", "growth.html": b"123"}))).pages == {
        "growth.html": b"123"
    }


def test_a_record_is_stored_with_its_pages_and_judged_here(tmp_path: Path) -> None:
    record = leak_record()
    checked = stored(
        Parcel(record=RECORD, pages={"growth.html": b"<p>"}), TARGET, RecordStore(tmp_path)
    )

    assert (checked.folder / "growth.html").read_bytes() == b"<p>"
    kept = RecordStore(tmp_path).load(checked.record.id)
    assert kept.judgement == judge(record.measurement, record.plan.thresholds)
    assert kept.measurement == record.measurement


def test_a_record_whose_id_is_taken_gets_another(tmp_path: Path) -> None:
    store = RecordStore(tmp_path)
    first, second = (stored(Parcel(record=RECORD), TARGET, store) for _ in range(2))

    assert first.record.id != second.record.id
    assert store.ids() == tuple(sorted([first.record.id, second.record.id]))


@pytest.mark.parametrize("text", [b"", b"{}", RECORD[:-9], RECORD.replace(b"-tick-", b"/../x-", 1)])
def test_what_is_no_record_is_not_stored(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(RecordError):
        stored(Parcel(record=text), TARGET, RecordStore(tmp_path))

    assert list(tmp_path.iterdir()) == []


def test_a_record_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"found a record of 'jobs.py:tick', wanted one of 'a:b'"):
        stored(Parcel(record=RECORD), "a:b", RecordStore(tmp_path))


@settings(max_examples=40)
@given(JSON)
def test_whatever_a_worker_says_of_its_progress_can_be_shown(said: object) -> None:
    progress = progress_of(TARGET, said)

    assert progress.target == TARGET
    assert progress.iterations >= 0


@settings(max_examples=40)
@given(JSON)
def test_nothing_in_it_can_be_huge(value: object) -> None:
    members = dict.fromkeys(("phase", "iterations", "elapsed_s", "rss_bytes"), value)
    progress = progress_of(TARGET, members)

    assert len(progress.phase) <= 80
    assert 0 <= progress.elapsed_s < 1e16


def test_an_order_is_read_as_it_was_written() -> None:
    commanded = Options(profiler=Profiler.NONE, iterations=7)
    given_ = Settings(commanded=commanded, configured=Options(threshold_bytes=64.0))
    order = order_of(new_topic(), TARGET, given_, {"RELEASE": "1"})
    order = dataclasses.replace(order, only_load=True, label="a label")

    assert read_order(order.text()) == order
    assert order.python is None


def test_an_interpreter_that_is_not_ours_is_named_to_the_worker(tmp_path: Path) -> None:
    elsewhere = Settings(python=tmp_path / "python")

    assert order_of(new_topic(), TARGET, elsewhere).python == str(tmp_path / "python")


def test_a_target_without_the_form_of_one_is_sent_to_nobody() -> None:
    with pytest.raises(TargetError, match="wanted package"):
        order_of(new_topic(), "jobs", Settings())


def test_an_error_keeps_its_kind_on_the_way() -> None:
    sent = unpack(pack(failure(TargetError("no such thing"))))
    other = unpack(pack(failure(OSError("full"))))

    assert (sent.error, sent.text) == ("TargetError", "no such thing")
    assert (other.error, other.text) == ("LeakcheckError", "full")


def test_without_the_extra_it_is_said_which_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(importlib, "import_module", missing)

    wanted = r"found no distributed, wanted Dask: .*'leakcheck-harness\[cluster\]'"
    with pytest.raises(UsageError, match=wanted), Cluster("tcp://127.0.0.1:1"):
        pass


def test_what_a_nanny_set_is_not_measured_with(monkeypatch: pytest.MonkeyPatch) -> None:
    importlib.import_module("distributed")  # it has the nanny's part of the configuration
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "65536")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")  # not what a nanny says
    monkeypatch.setenv("DASK_LOGGING__DISTRIBUTED", "info")

    kept = cluster.environment_without_nanny()

    assert "MALLOC_TRIM_THRESHOLD_" not in kept
    assert "DASK_LOGGING__DISTRIBUTED" not in kept
    assert kept["OMP_NUM_THREADS"] == "7"
