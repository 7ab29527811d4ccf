"""What call sites, containers and a pause prove, what kind of growth it is, what stays unseen."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.analysis.blind_spots import cannot_see, rarest_event
from leakcheck.analysis.decision import judge
from leakcheck.analysis.evidence import chunk_bytes, leaking_container, leaking_sites
from leakcheck.analysis.reasons import holder, of_backlog
from leakcheck.model.containers import Census, Container
from leakcheck.model.measurement import Idle, Measurement
from leakcheck.model.plan import Thresholds
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Diagnosis, Verdict
from tests.unit.traces import (
    Curve,
    added,
    filling,
    heap,
    measured,
    noise,
    ramp,
    site,
    site_table,
    still,
)

DEFAULT = Thresholds()
FIXED = settings(max_examples=40, derandomize=True, database=None)
SEEN = Container(kind="list", held_by=("jobs.SEEN (module global)",), before=2_000, now=4_000)


def census(*found: Container) -> Census:
    return Census(began=2_000, ended=4_000, containers=found)


# -- bytes of heap ---------------------------------------------------------------------------

requests = st.integers(1, 1 << 40)


@given(requests, requests)
def test_a_larger_request_takes_no_smaller_chunk(one: int, other: int) -> None:
    assert chunk_bytes(min(one, other)) <= chunk_bytes(max(one, other))


@given(requests)
def test_a_chunk_holds_the_request_and_its_header_and_less_than_two_grains_more(
    requested: int,
) -> None:
    chunk = chunk_bytes(requested)

    assert chunk % 16 == 0
    assert requested + 8 <= chunk
    assert chunk == 32 or chunk < requested + 8 + 16


# -- call sites ------------------------------------------------------------------------------


@FIXED
@given(st.integers(1, 5_000), st.sampled_from([0.05, 0.1, 0.25, 0.5, 1.0, 3.0]))
def test_a_site_leaks_what_malloc_takes_for_its_objects(size: int, pace: float) -> None:
    true = pace * chunk_bytes(size)
    found = leaking_sites(site_table(8_000, site(1, ramp(pace), size, 8_000)), 4.0)

    if found is None:
        assert true < 1.2 * DEFAULT.bytes_per_iteration
    else:
        assert found.rate.low <= true <= found.rate.high
        assert found.rate.low > DEFAULT.bytes_per_iteration


@FIXED
@given(st.integers(1, 2_000), st.integers(1, 2_000), st.integers(0, 10_000))
def test_what_was_there_before_changes_nothing(size: int, pace: int, before: int) -> None:
    def later(n: int) -> float:
        return before + pace * n

    one = leaking_sites(site_table(4_000, site(1, ramp(pace), size, 4_000)), 4.0)
    other = leaking_sites(site_table(4_000, site(1, later, size, 4_000)), 4.0)

    assert one is not None
    assert other is not None
    assert other.rate == one.rate


@pytest.mark.parametrize(
    "curve",
    [still, filling(1, 1_500), lambda n: n % 300, math.sqrt],
    ids=["still", "full", "swings", "slows down"],
)
def test_a_site_that_stops_swings_or_slows_down_proves_nothing(curve: Curve) -> None:
    assert leaking_sites(site_table(8_000, site(1, curve, 64, 8_000)), 4.0) is None


def test_sites_leak_together_what_each_of_them_leaks() -> None:
    sites = [site(line, ramp(1), 64 * line, 4_000) for line in (1, 2, 3)]
    alone = [leaking_sites(site_table(4_000, one), 4.0) for one in sites]
    together = leaking_sites(site_table(4_000, *sites, site(9, still, 64, 4_000)), 4.0)

    assert together is not None
    assert together.sites == tuple(reversed(sites))
    assert together.rate.estimate == pytest.approx(
        sum(one.rate.estimate for one in alone if one is not None)
    )


def test_the_growth_of_a_verdict_by_sites_is_that_of_all_of_them() -> None:
    sites = [site(line, ramp(1), 64, 4_000) for line in (1, 2)]
    noisy = heap(4_000, added(ramp(160), noise(3, 200_000)))
    judgement = judge(replace(noisy, sites=site_table(4_000, *sites)), DEFAULT)

    assert judgement.verdict is Verdict.LEAK
    assert judgement.growth is not None
    assert judgement.growth.low <= 2 * chunk_bytes(64) <= judgement.growth.high
    assert "and 1 other call site allocated grows" in judgement.reason


# -- containers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "least"), [("list", 8), ("deque", 8), ("set", 16), ("dict", 24), ("Stack", 8)]
)
def test_an_entry_costs_at_least_its_room(kind: str, least: float) -> None:
    found = leaking_container(census(replace(SEEN, kind=kind)), 4_000, 4.0)

    assert found == (replace(SEEN, kind=kind), least)


@pytest.mark.parametrize(
    "quiet",
    [
        replace(SEEN, limits=(10_000,)),
        replace(SEEN, shrinks=True),
        replace(SEEN, before=3_000),  # as many before the first census as after it: it slows down
        replace(SEEN, before=1_000, now=2_000),  # half a pointer an iteration
        None,
    ],
)
def test_a_container_that_may_end_or_slows_down_or_is_too_slow_proves_nothing(
    quiet: Container | None,
) -> None:
    found = census(quiet) if quiet else census()

    assert leaking_container(found, 4_000, 4.0) is None


def test_a_container_proves_nothing_before_2000_iterations() -> None:
    early = Census(began=900, ended=1_800, containers=(replace(SEEN, before=900, now=1_800),))

    assert leaking_container(early, 1_800, 4.0) is None
    assert leaking_container(None, 4_000, 4.0) is None


# -- what kind it is -------------------------------------------------------------------------


def leak_with(table: bool, **changes: object) -> Measurement:  # noqa: FBT001 -- with sites or not
    run = heap(4_000, ramp(80))
    sites = site_table(4_000, site(1, ramp(1), 64, 4_000)) if table else None
    return replace(run, sites=sites, **changes)  # type: ignore[arg-type]


def test_what_no_container_holds_and_no_collector_knows_was_lost_by_native_code() -> None:
    judgement = judge(leak_with(table=True, census=census()), DEFAULT)

    assert judgement.diagnosis == (Diagnosis.NATIVE_HEAP,)
    assert judgement.held_by == ()


def test_what_a_container_holds_is_python_objects_with_their_holder() -> None:
    judgement = judge(leak_with(table=True, census=census(SEEN)), DEFAULT)

    assert judgement.diagnosis == (Diagnosis.PYTHON_OBJECTS,)
    assert judgement.held_by == (holder(SEEN),)


def test_objects_that_the_collector_knows_are_not_lost() -> None:
    curves = {Signal.HEAP: ramp(80), Signal.GC_OBJECTS: ramp(1)}
    run = replace(measured(4_000, curves), census=census())

    assert judge(run, DEFAULT).diagnosis == (Diagnosis.PYTHON_OBJECTS,)


def test_without_a_census_or_with_too_few_objects_nothing_is_called_lost() -> None:
    few = Census(began=3_990, ended=4_000)

    assert judge(leak_with(table=True), DEFAULT).diagnosis == (Diagnosis.PYTHON_OBJECTS,)
    assert judge(leak_with(table=True, census=few), DEFAULT).diagnosis == (
        Diagnosis.PYTHON_OBJECTS,
    )


@pytest.mark.parametrize(("given_back", "is_backlog"), [(81, True), (79, False), (-5_000, False)])
def test_a_backlog_gives_back_an_iteration_or_more_when_left_idle(
    given_back: int,
    is_backlog: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    idle = Idle(seconds=1.5, drained={Signal.HEAP: given_back})
    judgement = judge(leak_with(table=True, idle=idle), DEFAULT)

    assert judgement.verdict is Verdict.LEAK
    assert (Diagnosis.BACKLOG in judgement.diagnosis) is is_backlog
    assert ("left idle" in judgement.reason) is is_backlog


def test_pages_that_a_process_gives_back_are_no_backlog() -> None:
    idle = Idle(seconds=1.5, drained={Signal.RSS: 1 << 20})

    assert Diagnosis.BACKLOG not in judge(leak_with(table=True, idle=idle), DEFAULT).diagnosis


def test_a_backlog_is_told_by_what_leaks_and_by_nothing_else() -> None:
    idle = Idle(seconds=2.0, drained={Signal.HEAP: 4_096, Signal.TASKS: 0, Signal.THREADS: 6})
    told = of_backlog(idle, [Signal.HEAP, Signal.TASKS])

    assert "2,048 B of heap in use a second" in told
    assert "threads" not in told
    assert "tasks" not in told


# -- what CLEAN cannot see -------------------------------------------------------------------


@given(st.integers(20, 10**7))
def test_an_event_that_rare_would_have_been_missed_once_in_a_hundred_runs_or_less(
    iterations: int,
) -> None:
    chance = 1 / rarest_event(iterations)

    assert (1 - chance) ** (iterations / 2) <= 0.01 + 1e-9


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_longer_run_sees_rarer_events(one: int, other: int) -> None:
    assert rarest_event(min(one, other)) <= rarest_event(max(one, other))


def test_child_processes_are_named_only_where_there_were_any() -> None:
    alone, parent = heap(4_000, still), measured(4_000, {Signal.CHILDREN: lambda n: n % 2})

    assert "child processes" not in cannot_see(alone)
    assert "child processes" in cannot_see(parent)


@pytest.mark.parametrize("rate", [0, 64])
def test_clean_and_nothing_else_says_what_it_cannot_see(rate: int) -> None:
    judgement = judge(heap(4_000, ramp(rate)), DEFAULT)

    assert bool(judgement.cannot_see) is (judgement.verdict is Verdict.CLEAN) is (rate == 0)
