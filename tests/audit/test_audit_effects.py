"""Differences with intervals: they find what was planted, and are as wide as need be."""

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from bench.audit.effects import (
    Effect,
    Quantity,
    added,
    cost_effect,
    growth_effect,
    mean_effect,
    share_that_went,
)
from bench.audit.plan import FIRST, OPTIMIZED, Run, Variant, Workload
from bench.audit.results import Bare, Growth, Results, from_json, to_json
from tests.audit.made import ABOUT, bare, grown, results

RATES = st.floats(min_value=-1e6, max_value=1e6)
VALUES = st.lists(st.floats(min_value=-1e3, max_value=1e3), min_size=2, max_size=20)
ROUNDS = range(3)


def of(rates: dict[str, float], rounds: range = ROUNDS) -> Results:
    """Runs of 1.0.0 and 1.1.0 that grow by so much an iteration."""
    runs: list[Growth] = []
    for variant in (FIRST, OPTIMIZED):
        for number in rounds:
            run = Run(variant=variant, workload=Workload.SAVED, round=number)
            runs.append(grown(run, rates[str(variant)]))
    return Results(about=ABOUT, growth=tuple(runs))


def costing(variant: Variant, costs: list[float]) -> Bare:
    """A run whose blocks cost so much."""
    return replace(bare(Run(variant=variant, workload=Workload.TICK)), cpu_s=tuple(costs))


@given(before=RATES, after=RATES, rounds=st.sampled_from([range(1), range(3), range(5)]))
def test_the_effect_on_growth_is_the_difference_of_the_rates(
    before: float, after: float, rounds: range
) -> None:
    found = growth_effect(
        of({"1.0.0": before, "1.1.0": after}, rounds), Workload.SAVED, FIRST, OPTIMIZED
    )

    assert found is not None
    assert math.isclose(found.estimate, after - before, abs_tol=1e-3)
    assert found.low <= found.estimate <= found.high


@given(
    rate=st.floats(min_value=-1e3, max_value=1e3),
    at=st.integers(min_value=0, max_value=15),
    held=st.floats(min_value=-1e6, max_value=1e6),
)
def test_what_one_part_holds_for_a_while_decides_nothing(rate: float, at: int, held: float) -> None:
    before, after = of({"1.0.0": 0.0, "1.1.0": rate}, range(1)).growth
    levels = [level + held * (part == at) for part, level in enumerate(after.heap_levels)]
    disturbed = replace(after, heap_levels=tuple(levels))
    found = growth_effect(
        Results(about=ABOUT, growth=(before, disturbed)), Workload.SAVED, FIRST, OPTIMIZED
    )

    assert found is not None
    for bound in (found.low, found.estimate, found.high):
        assert math.isclose(bound, rate, rel_tol=1e-6, abs_tol=1e-3)


def test_what_was_not_run_has_no_effect() -> None:
    assert growth_effect(results(), Workload.DAY, FIRST, OPTIMIZED) is None
    assert cost_effect(results(), Workload.SAVED, FIRST, OPTIMIZED, Quantity.CPU_S) is None


@given(differences=VALUES)
def test_the_interval_of_a_mean_is_that_of_student(differences: list[float]) -> None:
    found = mean_effect(differences)
    error = stats.sem(differences)

    if error > 1e-9:
        low, high = stats.t.interval(0.95, len(differences) - 1, found.estimate, error)
        assert math.isclose(found.low, low, rel_tol=1e-6, abs_tol=1e-6)
        assert math.isclose(found.high, high, rel_tol=1e-6, abs_tol=1e-6)


@given(costs=VALUES, others=VALUES)
def test_the_interval_of_a_single_round_is_that_of_welch_or_a_little_wider(
    costs: list[float], others: list[float]
) -> None:
    pair = (costing(FIRST, costs), costing(OPTIMIZED, others))
    assume(min(stats.sem(costs), stats.sem(others)) > 1e-3)
    found = cost_effect(
        Results(about=ABOUT, costs=pair), Workload.TICK, FIRST, OPTIMIZED, Quantity.CPU_S
    )
    assert found is not None
    theirs = stats.ttest_ind(others, costs, equal_var=False).confidence_interval()
    assert found.low <= theirs.low + 1e-6
    assert found.high >= theirs.high - 1e-6


@given(
    parts=st.lists(st.tuples(RATES, st.floats(min_value=0, max_value=1e3)), min_size=1, max_size=5)
)
def test_a_sum_of_effects_is_never_surer_than_its_least_sure_part(
    parts: list[tuple[float, float]],
) -> None:
    effects = [Effect(estimate=e, low=e - half, high=e + half) for e, half in parts]
    found = added(*effects)

    assert math.isclose(found.estimate, math.fsum(e for e, _ in parts), abs_tol=1e-3)
    assert (found.high - found.low) / 2 >= max(half for _, half in parts) - 1e-3


@pytest.mark.parametrize(("before", "after", "share"), [(100.0, 40.0, 0.6), (100.0, 0.0, 1.0)])
def test_the_share_that_went_lies_inside_its_interval(
    before: float, after: float, share: float
) -> None:
    found = of({"1.0.0": before, "1.1.0": after})
    pair = (found.growths(Workload.SAVED, one) for one in (FIRST, OPTIMIZED))
    went = share_that_went(*pair)

    assert went is not None
    assert math.isclose(went.estimate, share)
    assert went.low < share < went.high


def test_nothing_can_have_gone_of_what_may_not_have_grown() -> None:
    found = of({"1.0.0": 0.5, "1.1.0": 0.0})

    assert share_that_went(found.growth[:3], found.growth[3:]) is None


def test_results_read_back_are_what_was_written() -> None:
    assert from_json(to_json(results())) == results()


def test_a_file_of_something_else_is_no_results() -> None:
    with pytest.raises(ValueError, match="about"):
        from_json('{"growth": []}')
