"""When a run looks, takes a census, samples more closely and ends."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.model.measurement import Ending, Measurement
from leakcheck.model.plan import Plan
from leakcheck.run.pacing import Pacer
from leakcheck.run.schedule import next_sample
from tests.unit.records import leak_record
from tests.unit.traces import Curve, heap, ramp, still

PLAN: Plan = leak_record().plan
SECOND = 1.0


def flat(iterations: int) -> Measurement:
    """Return a measurement in which nothing moves, with all that CLEAN needs."""
    return heap(iterations, still)


def paced(plan: Plan) -> tuple[int, Ending | None]:
    """Return after how many iterations a run of a flat workload ends, and why."""
    pacer, completed = Pacer(plan), 0
    while True:
        now = completed
        step = pacer.step(now, 0.0, lambda now=now: flat(now))  # type: ignore[misc]
        if step.ending is not None:
            return completed, step.ending
        assert completed < step.next_sample <= plan.iterations
        completed = step.next_sample


def test_a_flat_run_ends_as_soon_as_it_is_sure() -> None:
    completed, ending = paced(Plan(target="a:b", python=PLAN.python))

    assert ending is Ending.SURE
    assert 2_000 <= completed < 20_000


@pytest.mark.parametrize("iterations", [1, 2, 299, 3_000, 5_000])
def test_an_exact_run_goes_on_to_its_last_iteration(iterations: int) -> None:
    plan = Plan(target="a:b", python=PLAN.python, iterations=iterations, exact=True)

    assert paced(plan) == (iterations, Ending.EXACT)


def walked(plan: Plan, curve: Curve, pace_s: float = 0.0) -> tuple[list[int], list[int]]:
    """Return where a run of this heap is sampled, and where its containers are looked at."""
    pacer, samples, inspected = Pacer(plan), [0], list[int]()
    while True:
        now = samples[-1]
        step = pacer.step(now, now * pace_s, lambda now=now: heap(now, curve))  # type: ignore[misc]
        if step.inspects:
            inspected.append(now)
            step = pacer.step(now, now * pace_s, lambda now=now: heap(now, curve))  # type: ignore[misc]
        assert not step.inspects
        if step.ending is not None:
            return samples, inspected
        samples.append(step.next_sample)


def plan_for(iterations: int) -> Plan:
    return Plan(target="a:b", python=PLAN.python, iterations=iterations)


def root(n: int) -> float:
    return 1e4 * math.sqrt(n)


@pytest.mark.parametrize("curve", [ramp(64), root], ids=["leak", "slows down"])
def test_every_look_at_growth_has_one_fresh_census(curve: Curve) -> None:
    _, inspected = walked(plan_for(6_000), curve)

    assert inspected == [1_000, 2_000, 4_000, 6_000]


def test_a_look_soon_after_another_does_with_its_census() -> None:
    _, inspected = walked(plan_for(2_100), root)

    assert inspected == [1_000, 2_000]


@pytest.mark.parametrize("curve", [still, ramp(1)], ids=["still", "below the threshold"])
def test_what_does_not_grow_needs_no_census(curve: Curve) -> None:
    assert walked(plan_for(6_000), curve)[1] == []


def test_where_iterations_are_slow_the_first_census_comes_earlier_and_others_in_between() -> None:
    _, inspected = walked(plan_for(1_200), ramp(64), pace_s=0.05)

    assert min(inspected) < 500
    assert all(later >= 1.1 * earlier for earlier, later in pairwise(inspected))


def test_an_exact_run_has_its_censuses_too() -> None:
    plan = Plan(target="a:b", python=PLAN.python, iterations=3_000, exact=True)

    assert walked(plan, ramp(64))[1] == [1_000, 2_000, 3_000]


def spacing_at(samples: list[int], iteration: int) -> int:
    """Return how far apart the samples around an iteration are."""
    after = next(k for k, sample in enumerate(samples) if sample > iteration)
    return samples[after] - samples[after - 1]


def test_looks_that_decide_nothing_make_samples_closer_and_a_leak_does_not() -> None:
    undecided, _ = walked(plan_for(16_000), root)
    leaking, _ = walked(plan_for(7_900), ramp(64))

    assert [spacing_at(undecided, n) for n in (1_500, 3_000, 5_000, 9_000)] == [8, 8, 8, 8]
    assert [spacing_at(leaking, n) for n in (1_500, 3_000, 5_000)] == [8, 16, 32]


@given(st.integers(0, 1 << 40), st.integers(0, 40), st.floats(0, 99))
def test_more_undecided_looks_sample_as_often_or_more(
    completed: int, looks: int, worth: float
) -> None:
    plain, closer, closest = (
        next_sample(completed, until=1 << 62, samples_worth=worth, undecided_looks=number)
        - completed
        for number in (0, looks, looks + 1)
    )

    assert 1 <= closest <= closer <= plain
