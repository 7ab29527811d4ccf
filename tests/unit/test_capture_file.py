"""Reading a capture back: the talk with the reader."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from leakcheck.model.measurement import Ending, Measurement
from leakcheck.model.plan import Plan
from leakcheck.run import capture_file
from leakcheck.run.capture_file import CaptureFile, CaptureReader
from leakcheck.run.outcome import Outcome

OUTCOME = Outcome(
    plan=Plan(target="jobs.py:tick", python=Path("python")),
    measurement=Measurement(series={}, iterations=5, ending=Ending.ITERATIONS),
    instants=((1_700_000_000_000, 0), (1_700_000_000_005, 5)),
    finished_ms=1_700_000_000_006,
)


@pytest.fixture
def capture(tmp_path: Path) -> CaptureFile:
    """Return a capture that has something in it."""
    file = CaptureFile(path=tmp_path / "capture.bin")
    file.path.write_bytes(b"recorded")
    return file


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """Return an interpreter that notes what it is told, says a word and fails."""
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\ncat > {tmp_path}/received\necho no way >&2\nexit 1\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def reader(python: Path, tmp_path: Path) -> Iterator[CaptureReader]:
    """Return a reader in that interpreter."""
    reader = CaptureReader(python, tmp_path)
    yield reader
    reader.close()


def test_a_reader_is_told_where_things_are_and_how_far_the_run_came(
    reader: CaptureReader, capture: CaptureFile, tmp_path: Path
) -> None:
    readout = reader.read(capture, OUTCOME, threading.Event())
    received = (tmp_path / "received").read_text()

    assert f'"capture": "{capture.path}"' in received
    assert '"instants": [[1700000000000, 0], [1700000000005, 5]]' in received
    assert received.endswith("}\n")
    assert readout.notes == ("no call sites: no way",)


def test_a_reader_that_has_ended_already_costs_the_sites_only(
    python: Path, capture: CaptureFile, tmp_path: Path
) -> None:
    python.write_text("#!/bin/sh\nexit 3\n")
    reader = CaptureReader(python, tmp_path)
    reader._process.wait()
    readout = reader.read(capture, OUTCOME, threading.Event())
    reader.close()

    assert readout.table is None
    assert [note.partition(":")[0] for note in readout.notes] == ["no call sites"]


def test_an_interrupted_reading_ends_at_once(
    python: Path, capture: CaptureFile, tmp_path: Path
) -> None:
    python.write_text("#!/bin/sh\nexec sleep 600\n")
    reader = CaptureReader(python, tmp_path)
    interrupted = threading.Event()
    interrupted.set()
    readout = reader.read(capture, OUTCOME, interrupted)
    reader.close()

    assert readout.notes == ("no call sites: reading the capture was interrupted",)


TABLE = """{"marks": [0, 5], "one_in": %d, "sites": [], "end_ms": 1700000000006,
"remainder": {"stack": [], "allocator": "malloc", "live_bytes": [1, 1], "live_objects": [1, 1]}}"""


def writing(python: Path, folder: Path, one_in: int, then: str) -> CaptureReader:
    """Return a reader that writes a table, and then does something else."""
    (folder / "table").write_text(TABLE % one_in)
    commands = f"mv {folder}/table {folder}/sites.json\n{then}"
    python.write_text(f"#!/bin/sh\ncat > /dev/null\n{commands}\n")
    return CaptureReader(python, folder)


def test_a_reader_for_which_all_marks_were_too_much_is_said_to_have_counted_few(
    python: Path, capture: CaptureFile, tmp_path: Path
) -> None:
    reader = writing(python, tmp_path, 4, "exit 0")
    readout = reader.read(capture, OUTCOME, threading.Event())
    reader.close()

    assert readout.table is not None
    assert readout.notes == (
        "call sites are counted at one mark in 4: all of them were too much to read",
    )


def test_a_reader_that_has_done_all_of_it_has_nothing_to_say(
    python: Path, capture: CaptureFile, tmp_path: Path
) -> None:
    reader = writing(python, tmp_path, 1, "exit 0")
    readout = reader.read(capture, OUTCOME, threading.Event())
    reader.close()

    assert readout.table is not None
    assert list(readout.table.marks) == [0, 5]
    assert readout.notes == ()


def test_pages_that_take_too_long_do_not_cost_the_sites(
    python: Path, capture: CaptureFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = writing(python, tmp_path, 1, "exec sleep 600")
    monkeypatch.setattr(capture_file, "_READ_LIMIT_S", 2)
    readout = reader.read(capture, OUTCOME, threading.Event())
    reader.close()

    assert readout.table is not None
    assert readout.notes == ("memray's pages: reading the capture took more than 2 s",)


def test_a_reader_that_nothing_is_asked_of_ends_with_the_run(python: Path, tmp_path: Path) -> None:
    python.write_text("#!/bin/sh\nexec sleep 600\n")
    reader = CaptureReader(python, tmp_path)
    reader.close()

    assert reader._process.returncode is not None


def test_an_empty_capture_has_no_sites(reader: CaptureReader, tmp_path: Path) -> None:
    empty = CaptureFile(path=tmp_path / "nothing.bin")

    readout = reader.read(empty, OUTCOME, threading.Event())

    assert readout.notes == ("no call sites: the capture is empty",)
