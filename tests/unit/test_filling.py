"""Containers that fill, containers that never end, and what a verdict makes of them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.analysis.decision import is_sure, judge, seems_to_grow
from leakcheck.analysis.filling import growing, holders, is_endless, still_filling, within_reach
from leakcheck.analysis.reasons import holder, of_filling
from leakcheck.model.containers import Census, Container, Pile
from leakcheck.model.measurement import Ending, Measurement, Probes
from leakcheck.model.plan import DEFAULT_ITERATIONS, Thresholds
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Diagnosis, Verdict
from tests.unit.traces import added, heap, measured, noise, ramp, still

DEFAULT = Thresholds()
LINKS = ("jobs.SEEN (module global)", "list of 2,000")
SEEN = Container(kind="list", held_by=LINKS, before=1_000, now=2_000)
CACHE = replace(SEEN, kind="dict", limits=(5_000,))
containers = st.builds(
    Container,
    kind=st.sampled_from(["list", "dict", "set"]),
    held_by=st.just(LINKS),
    before=st.integers(2, 1_000),
    now=st.integers(1_003, 10_000),
    limits=st.just(()) | st.just((20_000,)),
    counts=st.just(()) | st.just((30_000,)),
    shrinks=st.booleans(),
)
censuses = st.lists(containers, max_size=6)


def census(*found: Container, ended: int = 2_000, began: int = 1_000) -> Census:
    return Census(began=began, ended=ended, containers=found)


def run_with(
    *found: Container, ending: Ending = Ending.ITERATIONS, rate: float = 64
) -> Measurement:
    run = heap(2_000, ramp(rate), ending=ending)
    return replace(run, census=census(*found))


# -- what grows ------------------------------------------------------------------------------


@given(censuses)
def test_what_grows_is_what_grows_a_quarter_as_fast_as_the_fastest(found: list[Container]) -> None:
    shown = growing(census(*found), 2_000)
    most = max((one.grown for one in found), default=0)

    assert shown == tuple(one for one in found if 4 * one.grown >= most)


@pytest.mark.parametrize(("ended", "number"), [(2_000, 1), (1_500, 1), (1_499, 0), (1_000, 0)])
def test_a_census_from_long_before_the_end_says_nothing(ended: int, number: int) -> None:
    assert len(growing(census(SEEN, ended=ended), 2_000)) == number


def test_a_run_without_a_census_has_nothing_that_grows() -> None:
    assert growing(None, 2_000) == ()
    assert not is_endless(None, 2_000)


@given(st.lists(containers, min_size=1, max_size=6))
def test_growth_is_filling_only_if_every_container_has_a_limit(found: list[Container]) -> None:
    filling = still_filling(found)

    assert (filling is not None) == all(one.limits for one in found)
    assert filling in (None, found[0])


@given(censuses)
def test_nothing_is_endless_and_filling_at_once(found: list[Container]) -> None:
    shown = growing(census(*found), 2_000)

    assert not (is_endless(census(*found), 2_000) and still_filling(shown))


@given(containers)
def test_a_limit_or_a_removal_is_an_end(found: Container) -> None:
    assert is_endless(census(found), 2_000) <= (not found.limits and not found.shrinks)


def test_a_first_census_proves_nothing_endless() -> None:
    assert not is_endless(census(began=2_000), 2_000)


@pytest.mark.parametrize("pace", [1, 2, 5])
def test_a_number_counts_as_an_end_if_a_usual_run_would_reach_it(pace: int) -> None:
    reached = 2_000 + pace * (DEFAULT_ITERATIONS - 2_000)
    one = Container(kind="dict", held_by=LINKS, before=2_000 - 1_000 * pace, now=2_000)

    assert not is_endless(census(replace(one, counts=(reached,))), 2_000)
    assert is_endless(census(replace(one, counts=(reached + 1,))), 2_000)


# -- what is said of it ----------------------------------------------------------------------


def test_what_fills_towards_a_limit_is_inconclusive_with_its_limit() -> None:
    judgement = judge(run_with(CACHE), DEFAULT)

    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert judgement.diagnosis == (Diagnosis.STILL_FILLING,)
    assert judgement.held_by == (holder(CACHE),)
    assert "2,000 of the 5,000 entries" in judgement.reason
    assert "raise --iterations" in judgement.reason


def test_what_has_just_become_full_was_filling_until_now() -> None:
    full = replace(CACHE, limits=(2_000,))

    assert judge(run_with(full), DEFAULT).verdict is Verdict.INCONCLUSIVE
    assert "is full: raise --time-limit" in of_filling(full, Ending.TIME_LIMIT)


def test_the_nearest_limit_is_the_one_that_is_told() -> None:
    assert "of the 5,000 entries" in of_filling(
        replace(CACHE, limits=(9_000, 5_000)), Ending.ITERATIONS
    )


def test_a_limit_that_memory_does_not_reach_excuses_no_growth() -> None:
    far = replace(CACHE, limits=(25_276_063_744,))
    found = [judge(run_with(one), DEFAULT).verdict for one in (far, CACHE)]

    assert found == [Verdict.LEAK, Verdict.INCONCLUSIVE]


@given(st.integers(1, 10**6), st.floats(-1e6, 1e6), st.integers(1, 10**12))
def test_a_limit_goes_only_where_growth_up_to_it_costs_more_than_a_run_may(
    grown: int, rate: float, limit: int
) -> None:
    found = Container(kind="list", held_by=(), before=0, now=grown, limits=(grown + limit,))
    made = within_reach(Census(began=0, ended=1_000, containers=(found,)), rate)
    costs = limit * max(rate * 1_000, 1.0) / grown if rate > 0 else 0.0

    assert made is not None
    assert bool(made.containers[0].limits) is (costs <= float(2 << 30))


def test_what_grows_far_slower_than_descriptors_leak_does_not_hold_them() -> None:
    kept = Container(kind="list", held_by=(), before=100, now=200)
    noise = Pile(kind="weakref.ReferenceType", held_by=(), grown=20)
    both = Census(began=1_000, ended=2_000, containers=(kept,), piles=(noise,))

    assert holders(both, counted=0.1) == (kept,)
    assert holders(both, counted=1.0) == ()
    assert holders(replace(both, containers=())) == (noise,)


def test_no_limit_excuses_growth_up_to_the_memory_limit() -> None:
    run = run_with(CACHE, ending=Ending.MEMORY_LIMIT, rate=4 << 20)

    assert judge(run, DEFAULT).verdict is Verdict.LEAK


def test_a_container_without_a_limit_is_not_excused_by_one_that_has_one() -> None:
    judgement = judge(run_with(CACHE, SEEN), DEFAULT)

    assert judgement.verdict is Verdict.LEAK
    assert judgement.held_by == (holder(CACHE), holder(SEEN))


def test_a_container_that_fills_leaves_clean_alone() -> None:
    assert judge(replace(heap(2_000, still), census=census(CACHE)), DEFAULT).verdict is (
        Verdict.CLEAN
    )


def test_a_container_that_fills_excuses_no_descriptors() -> None:
    run = replace(measured(2_000, {Signal.DESCRIPTORS: ramp(1)}), census=census(CACHE))
    judgement = judge(run, DEFAULT)

    assert judgement.verdict is Verdict.LEAK
    assert judgement.diagnosis == (Diagnosis.DESCRIPTORS,)


def test_a_container_that_fills_is_no_excuse_for_a_blind_probe() -> None:
    run = replace(run_with(CACHE), probes=Probes())

    assert Diagnosis.STILL_FILLING not in judge(run, DEFAULT).diagnosis


def in_steps(n: int) -> float:
    """Return the bytes of a dict's table: it doubles as it fills."""
    return 40.0 * (1 << max(n, 8).bit_length())


def test_a_container_without_an_end_proves_the_leak_that_the_total_does_not() -> None:
    run = heap(2_400, in_steps)
    at_its_end = Census(
        began=1_600,
        ended=2_400,
        containers=(replace(SEEN, kind="dict", before=1_600, now=2_400),),
    )
    judgement = judge(replace(run, census=at_its_end), DEFAULT)

    assert judge(run, DEFAULT).verdict is Verdict.INCONCLUSIVE
    assert judgement.verdict is Verdict.LEAK
    assert judgement.growth is not None
    assert judgement.growth.low >= 24
    assert judgement.reason.startswith(f"{holder(SEEN)} grows evenly")


def test_a_container_proves_nothing_against_a_heap_that_is_clean() -> None:
    run = replace(heap(4_000, still), census=census(replace(SEEN, now=4_000), ended=4_000))

    assert judge(run, DEFAULT).verdict is Verdict.CLEAN


# -- when a run may stop ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "sure"),
    [
        ((SEEN,), True),
        ((), False),
        ((CACHE,), False),
        ((replace(SEEN, shrinks=True),), False),
        ((replace(SEEN, counts=(4_096,)),), False),
        ((replace(SEEN, counts=(1_000_000,)),), True),
    ],
)
def test_a_leak_is_sure_early_where_nothing_will_stop_what_grows(
    found: tuple[Container, ...],
    sure: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    leak = judge(heap(2_000, ramp(64)), DEFAULT)

    assert leak.verdict is Verdict.LEAK
    assert is_sure(leak, census=census(*found)) is sure


def test_no_census_makes_a_leak_sure_before_2000_iterations() -> None:
    leak = judge(heap(1_000, ramp(64)), DEFAULT)

    assert leak.verdict is Verdict.LEAK
    assert not is_sure(leak, census=census(SEEN, ended=1_000, began=500))


@pytest.mark.parametrize("signal", [Signal.DESCRIPTORS, Signal.THREADS, Signal.TASKS])
def test_a_leak_that_a_count_shows_as_well_is_sure_early(signal: Signal) -> None:
    leak = judge(measured(2_000, {Signal.HEAP: ramp(64), signal: ramp(1)}), DEFAULT)

    assert is_sure(leak)


def test_objects_that_no_container_accounts_for_are_sure_early() -> None:
    curves = {Signal.HEAP: ramp(64), Signal.GC_OBJECTS: ramp(2)}
    linked = judge(measured(2_000, curves), DEFAULT)
    few = replace(SEEN, now=1_100, shrinks=True)

    assert is_sure(linked, census=census())
    assert is_sure(linked, census=census(few))
    assert not is_sure(linked, census=census(replace(SEEN, shrinks=True)))
    assert not is_sure(linked)


def test_only_bytes_that_may_well_grow_seem_to() -> None:
    assert seems_to_grow(judge(heap(2_000, ramp(64)), DEFAULT), DEFAULT)
    assert seems_to_grow(judge(heap(1_000, added(ramp(64), noise(1, 9_000))), DEFAULT), DEFAULT)
    assert not seems_to_grow(judge(heap(1_000, still), DEFAULT), DEFAULT)
    assert not seems_to_grow(judge(heap(4_000, ramp(1)), DEFAULT), DEFAULT)
