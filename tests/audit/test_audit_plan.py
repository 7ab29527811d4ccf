"""What the audit runs: every change, alone, both ways, with all that it is compared with."""

import pytest

from bench.audit.plan import (
    ACTS_ON,
    FULL,
    QUICK,
    RELEASES,
    Extent,
    Workload,
    cost_runs,
    growth_runs,
    primary,
    switched,
)
from system.memory.policy import Step, policy_for
from system.settings import Settings
from tests.audit.made import comparable


@pytest.mark.parametrize("step", Step)
def test_a_pair_differs_by_the_one_change_and_nothing_else(step: Step) -> None:
    for without, with_it in switched(step):
        old, new = (Settings.from_env(one.environment).policy for one in (without, with_it))

        assert new.steps - old.steps == {step}
        assert old.steps - new.steps == set()


@pytest.mark.parametrize("extent", [FULL, QUICK], ids=["full", "quick"])
@pytest.mark.parametrize("step", Step)
def test_both_sides_of_both_pairs_are_run_where_the_change_shows_best(
    step: Step, extent: Extent
) -> None:
    run = comparable(growth_runs(extent))
    wanted = {(side, primary(step)) for pair in switched(step) for side in pair}

    assert wanted <= run


@pytest.mark.parametrize("step", Step)
def test_in_full_it_is_run_wherever_it_can_act_and_its_costs_too(step: Step) -> None:
    wanted = {
        (side, workload) for workload in ACTS_ON[step] for pair in switched(step) for side in pair
    }

    assert wanted <= comparable(growth_runs(FULL))
    assert wanted <= comparable(cost_runs(FULL))


def test_in_full_every_release_is_run_on_every_workload() -> None:
    wanted = {(release, workload) for release in RELEASES for workload in Workload}

    assert wanted <= comparable(growth_runs(FULL))


def test_no_run_is_planned_twice() -> None:
    for runs in (list(growth_runs(FULL)), list(cost_runs(FULL))):
        assert len(runs) == len(set(runs))


def test_a_variant_of_no_change_is_the_release_itself() -> None:
    for variant in RELEASES:
        assert Settings.from_env(variant.environment).policy == policy_for(variant.release)
