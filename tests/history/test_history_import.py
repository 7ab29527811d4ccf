"""What is read of benchmark files and run records, and what is refused."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.history import benchmark_json, from_record
from bench.history.__main__ import main
from bench.history.facts import Commit, Metric
from leakcheck.model.errors import RecordError
from leakcheck.record.store import RecordStore
from tests.history.made import document, text
from tests.unit.records import leak_record, records


def test_a_benchmark_file_becomes_a_run() -> None:
    run = benchmark_json.run_of(text())

    (result,) = run.results
    assert run.started_at == datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert run.commit == Commit(
        id="a" * 40, committed_at=datetime(2026, 11, 25, 9, tzinfo=UTC), branch="main"
    )
    assert result.subject == "bench/bench_a.py::bench_a"
    assert result.figures[Metric.TIME].value == 0.5
    assert result.figures[Metric.PEAK].value == 2_000
    assert result.figures[Metric.ALLOCATIONS].value == 30
    assert run.versions["memray"] == "1.20.0"
    assert "a-host" not in run.machine.label
    assert run.condition == ""


def test_the_same_run_has_the_same_source_however_its_file_is_written() -> None:
    one = benchmark_json.run_of(json.dumps(document(), indent=4, sort_keys=True))
    other = benchmark_json.run_of(json.dumps({**document(), "more": ["rounds"]}))

    assert one == other
    assert benchmark_json.run_of(json.dumps(document(median=0.6))).source != one.source


def test_rough_figures_are_told_from_thorough_ones() -> None:
    rough = document()
    rough["benchmarks"][0]["options"]["max_time"] = 0.2

    assert benchmark_json.run_of(json.dumps(rough)).condition == "rough"


def test_a_file_from_outside_a_repository_has_no_commit() -> None:
    assert benchmark_json.run_of(text(commit_info={"error": "no git", "id": None})).commit is None
    assert benchmark_json.run_of(text(commit_info={"id": "unversioned"})).commit is None


def _without(name: str) -> str:
    return json.dumps({key: value for key, value in document().items() if key != name})


def _with(path: tuple[Any, ...], value: object) -> str:
    whole = document()
    place: Any = whole
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return json.dumps(whole)


@pytest.mark.parametrize(
    ("damaged", "complaint"),
    [
        ("", "is no JSON"),
        (text()[:200], "is no JSON"),
        ("[" * 100_000, "wanted a benchmark file"),
        ("[]", "benchmark file: found an array of 0, wanted an object"),
        (_without("datetime"), "benchmark file.datetime: found nothing"),
        (text(datetime="yesterday"), "found 'yesterday', wanted a time in ISO 8601"),
        (text(datetime="0001-01-01T00:00:00+23:00"), "wanted a time"),
        (text(benchmarks=[]), "wanted a benchmark or more"),
        (text(benchmarks=document()["benchmarks"] * 2), "once only"),
        (text(commit_info=[]), "commit_info: found an array of 0, wanted an object"),
        (_with(("commit_info", "dirty"), "no"), "wanted true or false"),
        (_with(("benchmarks", 0, "fullname"), "x" * 2_000), "at most 1,000 characters"),
        (_with(("benchmarks", 0, "stats", "median"), float("nan")), "wanted a finite number"),
        (_with(("benchmarks", 0, "stats", "median"), -1), "found -1, wanted 0 or more"),
        (_with(("benchmarks", 0, "stats", "q1"), "1"), "wanted a finite number"),
        (_with(("benchmarks", 0, "extra_info", "peak_bytes"), []), "wanted a finite number"),
        (_with(("machine_info", "cpu"), 3), "wanted an object"),
    ],
)
def test_what_is_no_benchmark_file_is_refused_with_what_was_found(
    damaged: str, complaint: str
) -> None:
    with pytest.raises(RecordError) as refused:
        benchmark_json.run_of(damaged)

    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda one: (
            st.lists(one)
            | st.dictionaries(st.sampled_from([*document(), "id", "stats", "fullname"]), one)
        ),
        max_leaves=8,
    )
)
def test_no_json_at_all_does_more_than_be_refused(found: object) -> None:
    with pytest.raises(RecordError):
        benchmark_json.run_of(json.dumps(found))


def test_a_record_becomes_a_run_with_its_verdict_growth_and_peak() -> None:
    record = leak_record(100)
    run = from_record.run_of(record, None)

    (result,) = run.results
    assert run.source == f"record:{record.id}"
    assert (run.verdict, run.reason) == ("LEAK", record.judgement.reason)
    assert run.condition == "memray"
    assert result.subject == "jobs.py:tick"
    assert result.figures[Metric.GROWTH].value == 108.0
    assert result.figures[Metric.PEAK].value == max(record.measurement.series["rss"].values)  # type: ignore[index]
    assert result.figures[Metric.TIME].value == pytest.approx(12.5 / 4_000)


@settings(max_examples=40)
@given(records)
def test_any_record_at_all_becomes_a_run_that_a_database_can_hold(record: Any) -> None:
    run = from_record.run_of(record, None)

    for kept in (run.reason, *run.versions.values(), *(one.subject for one in run.results)):
        assert "\0" not in kept
        kept.encode("utf-8")


def imported(tmp_path: Path, *paths: Path) -> int:
    return main(["import", *map(str, paths), "--url", f"sqlite:///{tmp_path / 'h.sqlite'}"])


def test_a_folder_is_imported_with_all_files_and_records_in_it_and_only_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = RecordStore(tmp_path / "out")
    store.save(leak_record(100))
    (tmp_path / "out" / "bench.json").write_text(text(), encoding="utf-8")

    assert imported(tmp_path, store.out) == 0
    assert imported(tmp_path, store.out, store.out / "bench.json") == 0
    told = capsys.readouterr().out.splitlines()
    assert told == [
        "2 new in the history, 0 known before",
        "0 new in the history, 2 known before",
    ]


@pytest.mark.parametrize("bad", ["[]", "", "\0", '{"schema_version": 99}'])
@pytest.mark.parametrize("name", ["bad.json", "record.json"])
def test_one_file_that_is_refused_keeps_all_out_and_costs_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: str, name: str
) -> None:
    (tmp_path / "good.json").write_text(text(), encoding="utf-8")
    (tmp_path / name).write_text(bad, encoding="utf-8")

    code = imported(tmp_path, tmp_path / "good.json", tmp_path / name)

    told = capsys.readouterr().err
    assert code == 2
    assert told.startswith(f"history: {tmp_path / name}: ")
    assert told.count("\n") == 1
    assert not (tmp_path / "h.sqlite").exists()


@pytest.mark.parametrize("made", ["nothing", "folder", "pipe"])
def test_what_is_no_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], made: str
) -> None:
    path = tmp_path / "it"
    if made == "folder":
        path.mkdir()
    if made == "pipe":
        os.mkfifo(path)

    assert imported(tmp_path, path) == 2
    assert "wanted" in capsys.readouterr().err
