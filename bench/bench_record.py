"""How long a record takes to write, to read and to draw: each happens once a workload."""

from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from leakcheck.record import codec
from leakcheck.record.store import RecordStore
from leakcheck_reports.curves import picture_of
from leakcheck_reports.svg import svg_text
from tests.unit.records import leak_record

SAMPLES = 5_000
"""More than a run of an hour takes."""


def bench_loads(benchmark: BenchmarkFixture) -> None:
    """Read and check a long record."""
    text = codec.dumps(leak_record(SAMPLES))

    assert benchmark(codec.loads, text).id


def bench_save(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """Write a long record through to the disk."""
    store = RecordStore(tmp_path / "out")

    assert benchmark(store.save, leak_record(SAMPLES)).is_file()


def bench_svg(benchmark: BenchmarkFixture) -> None:
    """Draw a long record without matplotlib."""
    picture = picture_of(leak_record(SAMPLES))

    assert benchmark(svg_text, picture).startswith("<svg")


def bench_png(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """Draw a long record with matplotlib."""
    figure = pytest.importorskip("leakcheck_reports.figure")
    picture = picture_of(leak_record(SAMPLES))
    benchmark(figure.write_png, picture, tmp_path / "rss.png")

    assert (tmp_path / "rss.png").stat().st_size
