"""Native stacks read back: what grew within a line, and which library a frame is in."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from leakcheck.run.child import native
from leakcheck.run.child.native import Places
from leakcheck.run.child.sites import Moments
from tests.unit.test_readout import HIDDEN, LOOP, Interval

TICK = ("tick", "jobs.py", 4)
EVALUATION = ("_PyEval_EvalFrameDefault", "Python/ceval.c", 1)
NODE = ("new_node", "foo.c", 3)
PARSE = ("parse", "<unknown>", 0)
CALL = ("PyObject_Vectorcall", "Objects/call.c", 299)
MOMENTS = Moments({10 * n: n for n in range(41)})
LISTING = b"""HEADER magic=memray version=13
MEMORY_MAP_START
SEGMENT_HEADER filename=/opt/a b/libfoo.so num_segments=2 addr=0x1000
SEGMENT (nil) 100
SEGMENT 0x200 80
SEGMENT_HEADER filename=/usr/lib/libbar.so num_segments=1 addr=(nil)
SEGMENT 0x5000 10
NATIVE_FRAME_ID ip=0x5008 index=0
NATIVE_FRAME_ID ip=0x1210 index=1
ALLOCATION address=0x1 size=8 allocator=malloc native_frame_id=2
MEMORY_MAP_START
SEGMENT_HEADER filename=/opt/libnew.so num_segments=1 addr=0x1000
SEGMENT (nil) 1000
NATIVE_FRAME_ID ip=0x1010 index=2
TRAILER
"""


@dataclass(frozen=True)
class Record:
    """A record of memray's; at each address of its native stack there may be several frames."""

    intervals: list[Interval]
    stack: list[tuple[str, str, int]]
    addresses: list[list[tuple[str, str, int]]]
    allocator: int = 6
    native_stack_id: int = 0
    native_segment_generation: int = 1
    hybrid: list[tuple[str, str, int]] = field(default_factory=list)

    def stack_trace(self, max_stacks: int | None = None) -> list[tuple[str, str, int]]:
        return self.stack[:max_stacks]

    def native_stack_trace(self, max_stacks: int | None = None) -> list[tuple[str, str, int]]:
        return [frame for frames in self.addresses[:max_stacks] for frame in frames]

    def hybrid_stack_trace(self) -> list[tuple[str, str, int]]:
        return self.hybrid


def steady(*native_frames: tuple[str, str, int], every: int = 1, paired: bool = True) -> Record:
    """Return what one native stack keeps of an object of 80 bytes at every so many moments."""
    addresses = [[frame] for frame in (*native_frames, CALL, EVALUATION)]
    hybrid = [*native_frames, CALL, TICK, LOOP] if paired else [TICK, LOOP]
    kept = [Interval(n, None, 1, 80) for n in range(0, 41, every)]
    return Record(kept, [TICK, LOOP], addresses, hybrid=hybrid)


def grown(*records: Any) -> list[native.Grown]:
    return native._grown(records, MOMENTS, HIDDEN, MOMENTS.quarters())


def test_a_growing_line_is_split_by_the_native_stacks_within_it() -> None:
    large, small = grown(steady(PARSE, every=5), steady(NODE, PARSE))

    assert (large.native, small.native) == ((NODE, PARSE, CALL), (PARSE, CALL))
    assert large.stack == small.stack == (TICK,)
    assert (large.n_bytes, large.n_objects) == (30 * 80, 30)
    assert small.n_bytes == 6 * 80


def test_records_of_the_same_stack_are_one() -> None:
    (one,) = grown(steady(NODE), steady(NODE))

    assert one.n_objects == 60


def test_a_line_that_does_not_grow_has_no_native_stacks() -> None:
    flat = Record([Interval(0, None, 1, 80)], [TICK, LOOP], [[NODE]], hybrid=[NODE, TICK, LOOP])

    assert grown(flat) == []


def test_where_memray_cannot_pair_frames_the_native_ones_up_to_the_interpreters_loop_count() -> (
    None
):
    (one,) = grown(steady(NODE, PARSE, paired=False))

    assert one.native == (NODE, PARSE, CALL)


def test_what_the_interpreter_itself_allocates_has_no_native_frame() -> None:
    kept = [Interval(n, None, 1, 80) for n in range(41)]
    (one,) = grown(Record(kept, [TICK, LOOP], [[EVALUATION]], hybrid=[TICK, LOOP]))

    assert one.native == ()


def test_the_listing_says_what_was_mapped_at_the_time() -> None:
    places = Places(LISTING.splitlines(keepends=True), 3, 2)

    assert list(places.chain(3)) == [0x1010, 0x1210, 0x5008]
    assert places.library(0x1210, 1) == "/opt/a b/libfoo.so"
    assert places.library(0x1180, 1) == ""
    assert places.library(0x5008, 1) == "/usr/lib/libbar.so"
    assert places.library(0x1210, 2) == "/opt/libnew.so"


def test_a_listing_is_read_no_further_than_needed() -> None:
    lines = iter(LISTING.splitlines(keepends=True))
    Places(lines, 2, 1)

    assert next(lines) == b"MEMORY_MAP_START\n"


@given(st.lists(st.binary(max_size=30)))
def test_a_listing_in_another_form_names_nothing_and_fails_nothing(lines: list[bytes]) -> None:
    places = Places([b"NATIVE_FRAME_ID what=ever\n", *lines], 9, 9)

    assert list(places.chain(1)) == []
    assert places.library(1, 1) == ""


def test_frames_inlined_at_one_address_are_in_one_library() -> None:
    inlined = [[NODE, PARSE], [], [CALL]]
    record = Record([], [], inlined, native_stack_id=3, native_segment_generation=2)
    places = Places(LISTING.splitlines(keepends=True), 3, 2)
    libraries = native._libraries(record, 3, places)

    assert libraries == ["/opt/libnew.so", "/opt/libnew.so", ""]


def test_a_capture_that_cannot_be_listed_costs_the_names_of_libraries_only(tmp_path: Path) -> None:
    (one,) = grown(steady(NODE))
    native._name_libraries(str(tmp_path / "gone.bin"), [one])

    assert one.libraries == ["", ""]
    assert one.named() == (NODE, CALL, TICK)


def test_a_frame_without_a_file_is_drawn_with_its_library() -> None:
    (one,) = grown(steady(PARSE))
    one.libraries = ["/opt/libfoo.so", ""]

    assert one.named() == (("parse", "/opt/libfoo.so", 0), CALL, TICK)


def test_an_answer_has_rates_and_no_made_up_names() -> None:
    (one,) = grown(steady(PARSE))
    answer = native._as_json(one, 300)

    assert answer["bytes_per_iteration"] == 8
    assert answer["allocator"] == "malloc"
    assert answer["native"][0] == {"library": "", "function": "parse", "file": "", "line": 0}
    assert answer["stack"] == [{"file": "jobs.py", "line": 4, "function": "tick"}]
