"""The site table against a count by brute force: every allocation alive at every mark."""

import errno
import io
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.run.child import marks, pages, readout
from leakcheck.run.child.bounds import TooLongError
from leakcheck.run.child.sites import Moments, by_stack

HIDDEN = "/tmp/bridge/leakcheck"  # noqa: S108 -- only a name
LOOP = ("_iterate_plainly", f"{HIDDEN}/run/child/loop.py", 1)
SAMPLER = ("sample", f"{HIDDEN}/run/child/sampling.py", 1)
COLLECTOR = ("collect", f"{HIDDEN}/probes/collector.py", 1)
HOLD = ("hold", f"{HIDDEN}/run/child/marks.py", marks.hold.__code__.co_firstlineno + 3)
LAST_ITERATION = 9_999


@dataclass(frozen=True)
class Interval:
    allocated_before_snapshot: int
    deallocated_before_snapshot: int | None
    n_allocations: int
    n_bytes: int


@dataclass(frozen=True)
class Record:
    intervals: list[Interval]
    stack: list[tuple[str, str, int]]
    allocator: int = 1

    def stack_trace(self, max_stacks: int) -> list[tuple[str, str, int]]:
        return self.stack[:max_stacks]


@dataclass(frozen=True)
class Metadata:
    end_time: datetime = datetime(2026, 11, 23, tzinfo=UTC)


@dataclass(frozen=True)
class Reader:
    metadata: Metadata = field(default_factory=Metadata)


def held(rank: int, first: int, end: int) -> Record:
    """Return what one mark leaves in a capture."""
    interval = Interval(first, end, 1, marks.held_bytes(rank))
    return Record([interval], [HOLD, SAMPLER])


def at(line: int, *intervals: Interval) -> Record:
    return Record(list(intervals), [("tick", "jobs.py", line), LOOP])


def table(records: list[Record]) -> dict[str, Any]:
    moments = Moments(dict(readout._marked(records, HIDDEN, LAST_ITERATION)))
    sites = by_stack(records, moments, HIDDEN)
    found = readout.Attribution(records=records, moments=moments, sites=sites, one_in=1)
    return readout._table(Reader(), found)  # type: ignore[arg-type]


@st.composite
def captures(draw: st.DrawFn) -> tuple[dict[int, int], list[Record]]:
    """Draw the snapshot of each mark that has one, and the records of such a capture."""
    gaps = draw(st.lists(st.integers(0, 3), min_size=1, max_size=10))
    seen: dict[int, int] = {}
    records, snapshot = [], 0
    for rank, gap in enumerate(gaps):
        first = snapshot + draw(st.integers(0, 2))
        snapshot = first + gap
        if gap:
            seen[rank] = snapshot - 1
            records.append(held(rank, first, snapshot))

    def interval() -> Interval:
        first = draw(st.integers(0, snapshot))
        end = draw(st.none() | st.integers(first, snapshot))
        return Interval(first, end, draw(st.integers(1, 5)), draw(st.integers(1, 999)))

    for _ in range(draw(st.integers(0, 8))):
        intervals = [interval() for _ in range(draw(st.integers(0, 4)))]
        records.append(at(draw(st.integers(1, 4)), *intervals))
    return seen, records


def alive(records: list[Record], line: int, snapshot: int) -> tuple[int, int]:
    """Return bytes and objects of one line that are alive at a snapshot, counted one by one."""
    found = [
        one
        for record in records
        if record.stack[0] == ("tick", "jobs.py", line)
        for one in record.intervals
        if one.allocated_before_snapshot <= snapshot
        and (one.deallocated_before_snapshot is None or snapshot < one.deallocated_before_snapshot)
    ]
    return sum(one.n_bytes for one in found), sum(one.n_allocations for one in found)


@given(captures())
def test_every_site_has_at_every_mark_what_is_alive_there(
    capture: tuple[dict[int, int], list[Record]],
) -> None:
    seen, records = capture
    found = table(records)
    counted = {
        line: [alive(records, line, snapshot) for snapshot in seen.values()] for line in range(1, 5)
    }
    rows = {
        one["stack"][0]["line"]: list(zip(one["live_bytes"], one["live_objects"], strict=True))
        for one in found["sites"]
    }
    rest = list(
        zip(found["remainder"]["live_bytes"], found["remainder"]["live_objects"], strict=True)
    )
    unlisted = [counts for line, counts in counted.items() if line not in rows]

    assert all(counted[line] == row for line, row in rows.items())
    assert rest == [
        tuple(map(sum, zip(*(counts[k] for counts in unlisted), strict=True))) or (0, 0)
        for k in range(len(seen))
    ]


@given(captures())
def test_marks_are_the_iterations_that_a_snapshot_was_taken_at(
    capture: tuple[dict[int, int], list[Record]],
) -> None:
    seen, records = capture
    iterations = [mark for mark, _ in zip(marks.all_marks(), range(20), strict=False)]

    assert table(records)["marks"] == [iterations[rank] for rank in seen]


class Large:
    """A reader of a capture that is too large for the first passes over it."""

    def __init__(self, *errors: type[Exception]) -> None:
        self._errors = list(errors)

    def get_temporal_allocation_records(self, *, merge_threads: bool) -> list[Record]:
        assert merge_threads
        if self._errors:
            raise self._errors.pop(0)
        return [at(1, Interval(0, None, 1, 10)), *(held(n, n, n + 1) for n in range(5))]


class Notes:
    """Notes for every millisecond; it tells which were to be seen in each pass."""

    def __init__(self) -> None:
        self.times_ms = list(range(100))
        self.shown: list[set[int]] = []

    def show(self, wanted: set[int]) -> None:
        self.shown.append(wanted)


def attribution(
    reader: Large, notes: Notes | None, *, tries_all: bool = True
) -> readout.Attribution:
    order = {"instants": [[10 * n, n] for n in range(9)], "hide": HIDDEN}
    end_s = time.monotonic() + 600
    return readout._attribution(reader, notes, order, end_s, tries_all=tries_all)  # type: ignore[arg-type]


def test_all_marks_count_where_there_is_time_and_memory() -> None:
    notes = Notes()

    assert attribution(Large(), notes).one_in == 1
    assert len(notes.shown) == 1
    assert {10, 20, 30, 40} <= notes.shown[0]


@pytest.mark.parametrize("error", [MemoryError, TooLongError])
def test_where_all_marks_are_too_much_few_of_them_count(error: type[Exception]) -> None:
    notes = Notes()
    found = attribution(Large(error), notes)

    assert found.one_in == 4
    assert found.moments.iterations == [0, 1, 2, 3, 4]
    assert {40} <= notes.shown[1] < notes.shown[0]
    assert not {10, 20, 30, 50} & notes.shown[1]


def test_with_little_time_few_marks_are_tried_at_once() -> None:
    notes = Notes()

    assert attribution(Large(), notes, tries_all=False).one_in == 4
    assert len(notes.shown) == 1


@pytest.mark.parametrize("error", [MemoryError, TooLongError])
def test_what_is_too_much_even_with_few_marks_is_said(error: type[Exception]) -> None:
    with pytest.raises(error):
        attribution(Large(error, error), Notes())


def test_a_capture_whose_notes_are_not_found_is_read_with_all_of_them() -> None:
    assert attribution(Large(), None).one_in == 1
    with pytest.raises(MemoryError):
        attribution(Large(MemoryError), None)


def test_a_site_that_does_not_change_is_in_the_remainder() -> None:
    kept = at(1, Interval(0, None, 3, 64))
    grown = at(2, *(Interval(n, None, 1, 10) for n in range(8)))
    found = table([kept, grown, *(held(n, n, n + 1) for n in range(8))])

    assert [one["stack"][0]["line"] for one in found["sites"]] == [2]
    assert found["sites"][0]["live_objects"] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert found["remainder"]["live_objects"] == [3] * 8


def test_the_end_of_a_run_is_a_mark_wherever_it_falls() -> None:
    grown = at(1, Interval(0, None, 1, 10), Interval(1, None, 1, 10))
    found = table([grown, held(0, 0, 1), held(marks.LAST, 1, 3)])

    assert found["marks"] == [0, LAST_ITERATION]


@pytest.mark.parametrize(
    ("stack", "counts"),
    [
        ([LOOP], True),
        ([("tick", "jobs.py", 1), LOOP], True),
        ([("__del__", "jobs.py", 1), COLLECTOR, SAMPLER, LOOP], True),
        ([COLLECTOR, SAMPLER, LOOP], False),
        ([SAMPLER, LOOP], False),
        ([("<module>", "json.py", 1), SAMPLER, LOOP], False),
        ([], True),
    ],
)
def test_what_the_harness_allocates_for_itself_belongs_to_no_site(
    stack: list[tuple[str, str, int]], *, counts: bool
) -> None:
    interval = Interval(0, None, 1, 10)
    found = table([Record([interval], stack), held(0, 0, 1)])

    assert found["remainder"]["live_objects"] == [int(counts)]


def test_beyond_the_sites_that_are_kept_the_rest_is_summed() -> None:
    snapshots = [held(n, n, n + 1) for n in range(5)]
    records = [at(n, Interval(4, None, 1, 10 + n)) for n in range(1, 101)]
    found = table([*records, *snapshots])
    lines = {one["stack"][0]["line"] for one in found["sites"]}
    total = sum(10 + n for n in range(1, 101))

    assert set(range(61, 101)) <= lines  # the 40 that grew most
    assert len(found["sites"]) <= 80
    assert found["remainder"]["live_bytes"][-1] == total - sum(10 + n for n in lines)
    assert found["remainder"]["live_objects"][-1] == 100 - len(lines)


def test_a_small_leak_in_many_steps_is_kept_beside_sites_that_grew_more_at_once() -> None:
    snapshots = [held(n, n, n + 1) for n in range(12)]
    large = [at(n, Interval(8, None, 50, 1_000)) for n in range(2, 102)]
    rare = at(1, *(Interval(n, None, 1, 8) for n in (5, 8, 11)))
    found = table([*large, rare, *snapshots])

    assert 1 in {one["stack"][0]["line"] for one in found["sites"]}


def grown(records: list[Record], number: int) -> dict[int, pages.Growth]:
    """Return what the page of growth shows, by line, where iteration k is snapshot k."""
    moments = Moments({k: k for k in range(number)})
    sites = by_stack(records, moments, HIDDEN)
    return {
        growth.stack_trace()[0][2]: growth for growth in pages.growing(sites, moments.quarters())
    }


def test_the_page_of_growth_shows_what_came_after_the_first_quarter() -> None:
    found = grown([at(1, *(Interval(n, None, 1, 10) for n in range(9)))], 9)

    assert {line: (one.size, one.n_allocations) for line, one in found.items()} == {1: (60, 6)}
    assert found[1].stack_trace() == (("tick", "jobs.py", 1),)


@pytest.mark.parametrize(
    "intervals",
    [
        [Interval(0, None, 5, 50)],
        [Interval(n, None, 1, 10) for n in range(6)],
        [Interval(n, n + 1, 1, 10) for n in range(9)],
        [Interval(n, None, 1, 10) for n in (3, 5, 8)] + [Interval(0, 5, 9, 90)],
        [Interval(8, None, 1, 10_000)],
    ],
    ids=["never changes", "has filled up", "comes and goes", "fell once", "came once"],
)
def test_the_page_of_growth_leaves_out_what_does_not_grow_steadily(
    intervals: list[Interval],
) -> None:
    assert grown([at(1, *intervals)], 9) == {}


def test_a_leak_that_starts_late_is_on_the_page_of_growth() -> None:
    found = grown([at(1, Interval(7, None, 1, 10), Interval(8, None, 1, 10))], 9)

    assert found[1].size == 20


def test_a_table_that_is_moved_as_it_grows_counts_no_object_less_than_none() -> None:
    moved = [Interval(n, n + 1, 3 if n < 4 else 1, 10 * n + 10) for n in range(8)]
    found = grown([at(1, *moved, Interval(8, None, 1, 90))], 9)

    assert (found[1].size, found[1].n_allocations) == (60, 0)


@pytest.mark.parametrize(
    ("iterations", "quarters"),
    [
        (range(9), (2, 4, 6, 8)),
        ((0, 10, 30, 40, 100), ()),
        ((0, 24, 49, 74, 100), (1, 2, 3, 4)),
        ((60, 70, 80, 100), ()),
        ((0,), ()),
        ((), ()),
    ],
)
def test_the_quarters_of_a_run_are_told_apart_or_not_given(
    iterations: Iterable[int], quarters: tuple[int, ...]
) -> None:
    assert Moments(dict.fromkeys(iterations, 0)).quarters() == quarters


def test_a_page_that_cannot_be_written_leaves_nothing_half_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, text[:9])

    page = tmp_path / "growth.html"
    page.write_text("half")
    monkeypatch.setattr(pages, "open", lambda *_, **__: Full(), raising=False)

    with pytest.raises(OSError, match="<html>"):
        pages._write(str(page), "<html>")
    assert not page.exists()


def test_a_page_whose_folder_is_gone_fails_as_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone/growth\.html"):
        pages._write(str(tmp_path / "gone/growth.html"), "<html>")


def test_a_name_that_is_no_text_does_not_cost_the_page(tmp_path: Path) -> None:
    pages._write(str(tmp_path / "growth.html"), "caf\udce9.py")

    assert (tmp_path / "growth.html").read_text(encoding="utf-8") == "caf?.py"
