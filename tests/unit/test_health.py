"""What a place comes to: each obstacle is told, and the gravest is the reason."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.analysis.health import health_of
from leakcheck.cli.doctor import lines_of
from leakcheck.model.health import ContainerLimit, Place, Trial
from leakcheck.model.measurement import Probes
from leakcheck.model.signals import PROVEN_SIGNALS, Signal

WELL = Trial(
    probes=Probes(verified=PROVEN_SIGNALS), read=frozenset(PROVEN_SIGNALS), sees_children=True
)
PLACE = Place(
    interpreter=Path("/env/bin/python"),
    python="3.11.7",
    memray="1.20.0",
    memray_complaint=None,
    libc="glibc 2.36",
    preloaded=(),
    limit=None,
    total_bytes=8 << 30,
    available_bytes=6 << 30,
    trial=WELL,
)


def without(*signals: Signal, read: bool = True) -> Trial:
    """Return a trial in which `signals` were blind; with `read`, something was read of them."""
    seen = tuple(one for one in PROVEN_SIGNALS if one not in signals)
    return replace(
        WELL,
        probes=Probes(verified=seen, unavailable=signals),
        read=WELL.read if read else frozenset(seen),
    )


def remark(place: Place, name: str) -> str:
    (found,) = [fact.remark for fact in health_of(place).facts if fact.name == name]
    return found


def test_where_all_is_well_every_line_is_short_and_the_last_one_says_so() -> None:
    assert lines_of(health_of(PLACE)) == [
        "interpreter  Python 3.11.7, /env/bin/python",
        "memray       1.20.0",
        "libc         glibc 2.36",
        "allocator    that of the C library",
        "heap         proved",
        "rss          proved",
        "descriptors  proved",
        "threads      proved",
        "tasks        proved",
        "children     proved",
        "container    no memory limit",
        "machine      8.0 GiB of memory, 6.0 GiB available",
        "CLEAN can be said here",
    ]


def test_a_limit_is_told_with_who_says_so() -> None:
    limited = replace(PLACE, limit=ContainerLimit(limit_bytes=2 << 30, version=1))

    assert "container    at most 2.0 GiB (cgroup v1)" in lines_of(health_of(limited))


def test_without_mallinfo_the_c_library_is_to_blame() -> None:
    place = replace(PLACE, libc="", trial=without(Signal.HEAP, read=False))
    health = health_of(place)

    assert health.reason == "the C library has no mallinfo2: glibc 2.33 and later has it"
    assert remark(place, "libc") == "no mallinfo2: heap in use cannot be read"
    assert "libc         not known   (no mallinfo2" in "\n".join(lines_of(health))


@pytest.mark.parametrize("mapped", ["libjemalloc.so.2", "libjemalloc.so.2.7"])
def test_an_allocator_in_the_place_of_malloc_is_named_once(mapped: str) -> None:
    trial = replace(without(Signal.HEAP), allocators=(mapped,))
    place = replace(PLACE, preloaded=("libjemalloc.so.2",), trial=trial)
    lines = lines_of(health_of(place))

    assert lines[3] == (
        "allocator    libjemalloc.so.2 (preloaded)   "
        "(what it allocates, the C library does not count)"
    )
    assert lines[-1] == (
        "CLEAN cannot be said here: heap in use can be read, and does not show what was kept "
        "and freed: run without libjemalloc.so.2"
    )


def test_what_is_preloaded_and_does_no_harm_is_only_named() -> None:
    place = replace(PLACE, preloaded=("libmine.so",))

    assert remark(place, "allocator") == ""
    assert health_of(place).reason is None


def test_an_allocator_that_nobody_preloaded_is_named_as_loaded() -> None:
    place = replace(PLACE, trial=replace(WELL, allocators=("libmimalloc.so.2",)))

    assert "allocator    libmimalloc.so.2 (loaded)" in lines_of(health_of(place))


def test_children_that_cannot_be_seen_do_not_forbid_clean() -> None:
    place = replace(PLACE, trial=replace(WELL, sees_children=False))

    assert remark(place, "children") != ""
    assert health_of(place).reason is None


def test_a_memray_that_will_not_do_forbids_clean_and_tells_both_ways_out() -> None:
    place = replace(PLACE, memray=None, memray_complaint="found no memray")

    assert remark(place, "memray") == "found no memray"
    assert health_of(place).reason == "found no memray; or run with --profiler none"


def test_a_memray_that_does_not_record_forbids_clean() -> None:
    place = replace(PLACE, trial=replace(WELL, not_recorded="a full disk"))

    assert health_of(place).reason == (
        "memray does not record here (a full disk): run with --profiler none"
    )


def test_a_trial_that_failed_is_the_reason_and_no_probe_is_blamed() -> None:
    place = replace(PLACE, memray_complaint="old", trial=Trial(failure="it was killed"))
    health = health_of(place)

    assert health.reason == "an empty workload could not be measured: it was killed"
    assert {remark(place, signal) for signal in PROVEN_SIGNALS} == {"not tried"}
    assert remark(place, "libc") == ""


@given(blind=st.sets(st.sampled_from(PROVEN_SIGNALS)), read=st.booleans())
def test_clean_can_be_said_just_where_no_probe_is_blind(blind: set[Signal], read: bool) -> None:  # noqa: FBT001 -- drawn
    place = replace(PLACE, trial=without(*sorted(blind), read=read))

    assert (health_of(place).reason is None) == (not blind)
    assert {signal for signal in PROVEN_SIGNALS if remark(place, signal)} == blind
