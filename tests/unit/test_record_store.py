import json
import os
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.model.errors import RecordError, UsageError
from leakcheck.model.run_record import RunRecord
from leakcheck.record import store as store_module
from leakcheck.record.ids import is_id, new_id
from leakcheck.record.store import RecordStore
from tests.unit.records import STARTED, leak_record


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    return RecordStore(tmp_path / "out")


def saved(store: RecordStore, day: int, size: int = 0) -> str:
    """Return the id of a record saved for a day, with a file of `size` bytes beside it."""
    started = STARTED + timedelta(days=day)
    record = replace(leak_record(3), id=store.new_id(started, "jobs.py:tick"))
    (store.save(record).parent / "flamegraph.html").write_bytes(b"x" * size)
    return record.id


@given(st.text())
def test_an_id_is_safe_whatever_the_target(target: str) -> None:
    assert is_id(new_id(STARTED, target))


def test_an_id_tells_the_time_in_utc_and_the_name() -> None:
    east = datetime.fromisoformat("2026-11-23T14:00:00+02:00")

    assert new_id(east, "a.b:tick", token="1a2b3c") == "20261123T120000Z-tick-1a2b3c"


def test_what_is_saved_loads_by_id_by_folder_and_by_file(store: RecordStore) -> None:
    record = leak_record()
    file = store.save(record)

    assert file == store.out / record.id / "record.json"
    for name in (record.id, file, file.parent, str(file)):
        assert store.load(name) == record


def test_a_new_folder_hides_itself_from_git(store: RecordStore) -> None:
    subprocess.run(["git", "init", "-q", store.out.parent], check=True)
    store.prepare()
    store.save(leak_record())
    status = ["git", "-C", str(store.out.parent), "status", "--porcelain"]

    assert subprocess.run(status, check=True, capture_output=True).stdout == b""


def test_a_folder_in_use_for_something_else_is_not_hidden(store: RecordStore) -> None:
    store.out.mkdir()
    (store.out / "jobs.py").touch()
    store.prepare()

    assert [path.name for path in store.out.iterdir()] == ["jobs.py"]


def test_loading_makes_no_folder(store: RecordStore) -> None:
    with pytest.raises(RecordError, match="found no such record"):
        store.load("20261123T120000Z-tick-1a2b3c")

    assert not store.out.exists()
    assert store.ids() == ()


def test_a_crash_in_the_middle_of_writing_leaves_the_record_that_was_there(
    store: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = leak_record()
    file = store.save(record)

    def crash(_: int) -> None:
        msg = "killed here"
        raise KeyboardInterrupt(msg)

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        store.save(replace(record, leakcheck="9"))

    assert store.load(record.id) == record
    assert [path.name for path in file.parent.iterdir()] == ["record.json"]


def test_a_full_disk_is_told_with_the_file(
    store: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    store.prepare()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RecordError, match=r"record\.json: .*No space left on device"):
        store.save(leak_record())


def test_a_file_where_the_folder_should_be_is_a_usage_error(tmp_path: Path) -> None:
    file = tmp_path / "out"
    file.touch()

    with pytest.raises(UsageError, match=r"out: cannot be used .*File exists.*, wanted a folder"):
        RecordStore(file).prepare()
    with pytest.raises(UsageError, match="Not a directory"):
        RecordStore(file / "deeper").prepare()
    with pytest.raises(RecordError, match="cannot be written"):
        RecordStore(file).save(leak_record())


@pytest.mark.parametrize(
    "name", ["../../etc", "..", ".", "", "a/b", "20261123T120000Z-../x-1a2b3c"]
)
def test_an_id_that_leads_elsewhere_is_refused(store: RecordStore, name: str) -> None:
    with pytest.raises(RecordError, match="wanted an id"):
        store.folder(name)


@pytest.mark.parametrize("name", ["nowhere", "x" * 5000, "a\0b", "/no/such/record.json"])
def test_a_record_that_is_not_there_is_told(store: RecordStore, name: str) -> None:
    with pytest.raises(RecordError, match="found no such record"):
        store.load(name)


def test_a_folder_without_a_record_is_told(store: RecordStore, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"record\.json: cannot be read \(No such file"):
        store.load(tmp_path)


def test_a_pipe_is_not_waited_for(store: RecordStore, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "record.json")

    with pytest.raises(RecordError, match="no regular file"):
        store.load(tmp_path)


def test_a_huge_file_is_not_read(store: RecordStore, tmp_path: Path) -> None:
    with (tmp_path / "record.json").open("wb") as file:
        file.truncate(store_module.LARGEST_RECORD_BYTES + 1)

    with pytest.raises(RecordError, match="wanted 268435456 at most"):
        store.load(tmp_path)


def test_a_damaged_record_is_told_with_its_file(store: RecordStore) -> None:
    file = store.save(leak_record())
    document = json.loads(file.read_text())
    file.write_text(json.dumps({**document, "leakcheck": 1}))

    with pytest.raises(RecordError, match=r"record\.json: record\.leakcheck: found 1, wanted a st"):
        store.load(file)


def test_pruning_removes_the_oldest_first_and_just_enough(store: RecordStore) -> None:
    first, second, third = (saved(store, day, size=100_000) for day in range(3))

    assert store.prune(keep=third, max_bytes=250_000) == (first,)
    assert store.ids() == (second, third)


def test_pruning_never_removes_the_new_record(store: RecordStore) -> None:
    old, new = saved(store, 0, size=10), saved(store, 1, size=100_000)

    assert store.prune(keep=new, max_bytes=1) == (old,)
    assert store.prune(keep=new, max_bytes=1) == ()
    assert isinstance(store.load(new), RunRecord)


def test_pruning_touches_nothing_but_records(store: RecordStore, tmp_path: Path) -> None:
    new = saved(store, 1)
    (store.out / "notes.txt").write_bytes(b"x" * 1000)
    elsewhere = tmp_path / "20200101T000000Z-mine-000000"
    elsewhere.mkdir()
    (store.out / elsewhere.name).symlink_to(elsewhere)

    assert store.prune(keep=new, max_bytes=0) == ()
    assert elsewhere.is_dir()
    assert (store.out / "notes.txt").exists()


def test_two_records_of_one_second_have_two_ids(store: RecordStore) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)

    assert len({store.new_id(now, "tick") for _ in range(20)}) == 20
