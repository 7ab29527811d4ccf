"""Thinning a capture: which of memray's notes stay, and what the file is like in between."""

import io
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memray import FileReader

from leakcheck.run.child import thinning
from leakcheck.run.child.thinning import Notes, find_in_order, near_marks, note_text, notes_of

ALL = 2**31 - 1
NO_MARK = 17  # an iteration that is not one


@dataclass(frozen=True)
class Stay:
    """What a child that stands still at a mark saw: when it began, was sampled, and went on."""

    began: float
    sampled: float
    ended: float


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[float], list[Stay]]:
    """Draw the times of notes, in ms, and the stays of a run: each outlasts one note's whole turn.

    A sample is taken at any time of a stay, and there may be other notes before and after it.
    """
    gaps = draw(st.lists(st.floats(1.0, 30.0), min_size=8, max_size=60))
    notes = [sum(gaps[: k + 1]) for k in range(len(gaps))]
    stays, first = [], 0
    while first + 2 < len(notes):
        last = draw(st.integers(first + 1, min(first + 3, len(notes) - 2)))
        began = draw(st.floats(notes[first] + 0.01, notes[first + 1]))
        ended = draw(st.floats(notes[last], notes[last + 1] - 0.01))
        stays.append(Stay(began, draw(st.floats(began, max(began, ended))), max(began, ended)))
        first = last + draw(st.integers(1, 3))
    return notes, stays


@given(runs())
def test_of_each_mark_a_note_stays_that_was_taken_while_the_child_stood_still(
    run: tuple[list[float], list[Stay]],
) -> None:
    notes, stays = run
    instants = [(int(stay.sampled), iteration) for iteration, stay in enumerate(stays[:16])]
    kept = near_marks([int(note) for note in notes], instants)

    for stay in stays[:16]:
        assert any(stay.began <= notes[number] <= stay.ended for number in kept)


def test_next_to_a_mark_no_more_than_three_notes_stay() -> None:
    times_ms = list(range(0, 1_000, 2))

    kept = near_marks(times_ms, [(300, 0), (501, 1), (998, NO_MARK)])

    assert kept == {149, 150, 151, 250, 251, 498, 499}


def test_of_every_second_mark_no_note_stays_where_one_in_two_is_wanted() -> None:
    times_ms = list(range(0, 1_000, 2))

    kept = near_marks(times_ms, [(101, 0), (201, 1), (301, 2), (995, NO_MARK)], 2)

    assert kept == {50, 51, 150, 151, 497, 498, 499}


def test_all_notes_after_the_last_sample_stay() -> None:
    assert near_marks([0, 10, 20, 30, 40], [(21, NO_MARK)]) == {2, 3, 4}


@given(
    st.lists(st.tuples(st.binary(max_size=20), st.binary(min_size=4, max_size=9))),
    st.binary(max_size=9),
    st.integers(1, 12),
)
def test_texts_are_found_one_after_the_other_wherever_a_chunk_ends(
    parts: list[tuple[bytes, bytes]], rest: bytes, chunk_bytes: int
) -> None:
    file = io.BytesIO(b"".join(gap + text for gap, text in parts) + rest)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(thinning, "_CHUNK_BYTES", chunk_bytes)
        found = list(find_in_order(file, [text for _, text in parts]))

    whole, expected, after = file.getvalue(), [], 0
    for _, text in parts:
        expected.append(whole.index(text, after))
        after = expected[-1] + len(text)
    assert found == expected


def test_the_search_ends_at_the_first_text_that_is_not_there() -> None:
    assert list(find_in_order(io.BytesIO(b"..one..three"), [b"one", b"two", b"three"])) == [2]


def test_a_clock_that_went_back_before_the_start_makes_a_note_of_ten_groups() -> None:
    assert note_text(0, -1) == b"\x02\x00" + b"\xff" * 9 + b"\x01"


def test_notes_are_hidden_and_shown_where_they_lie(tmp_path: Path) -> None:
    path = tmp_path / "capture.bin"
    path.write_bytes(b"a-11-b-22-c-33-d")
    notes = Notes(str(path), [1, 2, 3], [(2, b"11"), (7, b"22"), (12, b"33")])

    notes.show({1})
    assert path.read_bytes() == b"a-  -b-22-c-  -d"
    notes.show({0})
    assert path.read_bytes() == b"a-11-b-  -c-  -d"
    notes.show_all()
    assert path.read_bytes() == b"a-11-b-22-c-33-d"


def test_a_disk_that_takes_nothing_leaves_the_notes_as_they_are(tmp_path: Path) -> None:
    notes = Notes(str(tmp_path / "gone.bin"), [1], [(2, b"11")])

    notes.show(set())

    assert notes._hidden == set()


@pytest.mark.parametrize(
    ("instants", "may_be"),
    [
        ([(5_000, 0), (9_000, 1)], True),
        ([(4_500, 0), (9_900, 1)], True),
        ([(3_000, 0), (9_000, 1)], False),
        ([(5_000, 0), (99_000, 1)], False),
        ([], False),
    ],
)
def test_samples_that_another_clock_timed_are_told(
    instants: list[tuple[int, int]], *, may_be: bool
) -> None:
    assert Notes("", [5_000, 7_000, 9_000], []).span(instants) is may_be


RECORDED = """
import memray, sys, time
kept = []
with memray.Tracker(
    destination=memray.FileDestination(sys.argv[1], overwrite=True, compress_on_exit=False),
    memory_interval_ms=1,
):
    for n in range(300):
        kept.append(bytearray(1_000 + n))
        time.sleep(0.0005)
"""


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a capture with a few hundred notes, as memray writes it."""
    path = tmp_path_factory.mktemp("capture") / "capture.bin"
    subprocess.run([sys.executable, "-c", RECORDED, path], check=True)
    return path


def as_of(reader: FileReader) -> list[tuple[int, int]]:
    """Return times that the run of a capture may have been sampled at."""
    times = [snapshot.time for snapshot in reader.get_memory_snapshots()]
    return [(times[0], 0), (times[-1], 1)]


def test_every_note_of_a_real_capture_is_found_and_what_is_hidden_does_not_count(
    capture: Path,
) -> None:
    before = capture.read_bytes()
    reader = FileReader(capture, max_memory_records=ALL)
    notes = notes_of(str(capture), reader, as_of(reader))
    assert notes is not None
    assert len(notes.times_ms) > 100

    wanted = {0, len(notes.times_ms) // 2, len(notes.times_ms) - 1}
    notes.show(wanted)
    thin = FileReader(capture, max_memory_records=ALL)
    assert [one.time for one in thin.get_memory_snapshots()] == [
        notes.times_ms[number] for number in sorted(wanted)
    ]
    assert thin.metadata.total_allocations == reader.metadata.total_allocations
    assert thin.metadata.peak_memory == reader.metadata.peak_memory
    notes.show_all()
    assert capture.read_bytes() == before


def test_what_is_alive_at_a_note_is_the_same_however_many_others_there_are(capture: Path) -> None:
    reader = FileReader(capture, max_memory_records=ALL)
    notes = notes_of(str(capture), reader, as_of(reader))
    assert notes is not None

    wanted = range(0, len(notes.times_ms), 7)
    every = [alive(reader, number) for number in wanted]
    notes.show(set(wanted))
    some = [alive(reader, k) for k in range(len(wanted))]
    notes.show_all()

    assert some == every
    assert len(set(every)) > len(every) / 2


def alive(reader: FileReader, snapshot: int) -> tuple[int, int]:
    """Return the bytes and objects that are alive at a snapshot."""
    found = [
        interval
        for record in reader.get_temporal_allocation_records(merge_threads=True)
        for interval in record.intervals
        if interval.allocated_before_snapshot
        <= snapshot
        < (interval.deallocated_before_snapshot or ALL)
    ]
    return sum(one.n_bytes for one in found), sum(one.n_allocations for one in found)


def test_the_notes_of_a_format_that_is_not_known_are_left_alone(
    capture: Path, tmp_path: Path
) -> None:
    reader = FileReader(capture, max_memory_records=ALL)
    other = tmp_path / "other.bin"
    content = bytearray(capture.read_bytes())
    content[7:11] = (14).to_bytes(4, "little")
    other.write_bytes(content)

    assert notes_of(str(other), reader, as_of(reader)) is None


def test_a_note_that_is_not_where_it_should_be_leaves_all_alone(
    capture: Path, tmp_path: Path
) -> None:
    reader = FileReader(capture, max_memory_records=ALL)
    other = tmp_path / "other.bin"
    other.write_bytes(capture.read_bytes()[:1_000])

    assert notes_of(str(other), reader, as_of(reader)) is None


@dataclass(frozen=True)
class Snapshot:
    time: int
    rss: int = 1


class Back:
    """A capture in which the clock went back."""

    metadata = type("Metadata", (), {"start_time": datetime.fromtimestamp(0, UTC)})

    @staticmethod
    def get_memory_snapshots() -> list[Snapshot]:
        return [Snapshot(20), Snapshot(10)]


def test_a_clock_that_goes_back_leaves_all_notes_alone(tmp_path: Path) -> None:
    path = tmp_path / "capture.bin"
    header = b"memray\0" + (13).to_bytes(4, "little")
    path.write_bytes(header + note_text(1, 20) + note_text(1, 10))

    assert notes_of(str(path), Back(), [(10, 0), (20, 1)]) is None  # type: ignore[arg-type]
