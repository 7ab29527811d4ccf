"""What the service reads of its own memory is what is there."""

from __future__ import annotations

import ctypes
import gc
from pathlib import Path

import pytest

from system.memory.heap import heap_in_use_bytes
from system.memory.limit import memory_limit_bytes
from system.memory.pauses import BOUNDS_SECONDS, GENERATIONS, CollectorPauses


def test_the_heap_in_use_grows_by_what_malloc_gives_out() -> None:
    before = heap_in_use_bytes()
    if before is None:
        pytest.skip("the C library has no mallinfo2")
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.free.argtypes = [ctypes.c_void_p]
    block = libc.malloc(50_000_000)
    with_it = heap_in_use_bytes()
    libc.free(block)
    assert with_it is not None
    assert with_it - before > 49_000_000


@pytest.mark.parametrize(
    ("content", "limit"), [("1048576\n", 1048576), ("max\n", None), ("9" * 19, None), (None, None)]
)
def test_the_limit_is_the_containers_where_it_has_a_smaller_one(
    content: str | None, limit: int | None, tmp_path: Path
) -> None:
    file = tmp_path / "memory.max"
    if content is not None:
        file.write_text(content)
    assert memory_limit_bytes((file,)) == (limit or memory_limit_bytes(()))


def test_each_collection_is_counted_once_under_its_generation() -> None:
    pauses = CollectorPauses()
    with pauses.counted():
        gc.collect()
        gc.collect(0)
        gc.collect(0)
    gc.collect()
    # The collector may have come by itself meanwhile, for the youngest.
    assert pauses.cumulative(2)[-1] == 1
    assert pauses.cumulative(0)[-1] >= 2
    assert pauses.seconds(2) > 0


def test_the_counts_of_pauses_never_fall_towards_longer_ones() -> None:
    pauses = CollectorPauses()
    with pauses.counted():
        gc.collect()
    for generation in range(GENERATIONS):
        counts = pauses.cumulative(generation)
        assert len(counts) == len(BOUNDS_SECONDS) + 1
        assert list(counts) == sorted(counts)


def test_nothing_stays_with_the_collector_when_counting_ends() -> None:
    before = list(gc.callbacks)
    with CollectorPauses().counted():
        assert len(gc.callbacks) == len(before) + 1
    assert gc.callbacks == before
