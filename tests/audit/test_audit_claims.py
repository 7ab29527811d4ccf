"""The rules, on results that are made up: a word follows what was planted, and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.audit.claims import changed, findings, words
from bench.audit.effects import Effect
from bench.audit.plan import FIRST, FULL, OPTIMIZED, QUICK, Extent, Run, Workload
from bench.audit.results import Bare, Collections, Compatibility
from bench.audit.rules import AFTER_MB, BEFORE_MB, Word, less, near, near_time, touches
from system.memory.policy import Step
from tests.audit.made import RELEASING, bare, results, steps_of, suites

ENDS = st.floats(min_value=-1e6, max_value=1e6)
EFFECTS = (
    st.tuples(ENDS, ENDS, ENDS)
    .map(sorted)
    .map(lambda e: Effect(low=e[0], estimate=e[1], high=e[2]))
)
MARGIN = 200.0


def course(release: Run, sizes_mb: dict[int, int]) -> Bare:
    """A day in which the process has these sizes, and keeps each until the next."""
    hours = [
        size for hour in range(1, 25) for size in [sizes_mb[max(h for h in sizes_mb if h <= hour)]]
    ]
    return replace(
        bare(release, blocks=24),
        start_rss_bytes=sizes_mb[0] * 1_000_000,
        rss_bytes=tuple(size * 1_000_000 for size in hours),
    )


def day(variant: object, sizes_mb: dict[int, int]) -> Bare:
    return course(Run(variant=variant, workload=Workload.DAY), sizes_mb)  # type: ignore[arg-type]


@pytest.mark.parametrize("extent", [FULL, QUICK], ids=["full", "quick"])
def test_what_is_run_is_enough_for_every_word(extent: Extent) -> None:
    found = words(results(extent))

    assert {claim for claim, word in found.items() if word == Word.UNKNOWN} == set()


@pytest.mark.parametrize("extent", [FULL, QUICK], ids=["full", "quick"])
def test_the_changes_that_take_growth_away_are_the_ones_that_hold(extent: Extent) -> None:
    found = words(results(extent))

    assert {step for step in Step if found[step] == Word.HOLDS} == set(RELEASING.values())
    assert {step for step in Step if found[step] == Word.FAILS} == set(Step) - set(
        RELEASING.values()
    )


@pytest.mark.parametrize("step", Step)
def test_a_change_that_acts_only_where_the_others_are_off_still_holds(step: Step) -> None:
    def rate(run: Run) -> float:
        return 0.0 if steps_of(run.variant) else 20_000.0

    assert words(results(rate_of=rate))[step] == Word.HOLDS


def test_growth_that_differs_by_less_than_the_margin_does_not_hold() -> None:
    found = words(results(rate_of=lambda run: 190.0 * (run.variant == FIRST)))

    assert {found[step] for step in Step} == {Word.FAILS}


@given(effects=st.lists(EFFECTS, max_size=4))
def test_there_is_less_only_where_an_interval_lies_wholly_below(effects: list[Effect]) -> None:
    word = less(effects, MARGIN)

    assert (word is Word.HOLDS) == any(one.high < -MARGIN for one in effects)
    if word is Word.FAILS:
        assert effects
        assert all(one.low > -MARGIN for one in effects)


@given(effect=EFFECTS)
def test_a_range_holds_where_one_point_is_in_both(effect: Effect) -> None:
    holds = touches(effect, (0.5, 0.7)) is Word.HOLDS

    assert holds == (max(effect.low, 0.5) <= min(effect.high, 0.7))


@given(sizes=st.lists(st.floats(min_value=1, max_value=1e4), min_size=5, max_size=5))
def test_a_curve_that_was_not_followed_to_its_end_is_not_measured(sizes: list[float]) -> None:
    found = dict(zip(AFTER_MB, sizes, strict=True))
    cut = {hour: size for hour, size in found.items() if hour < 24}

    assert near(cut, AFTER_MB) is Word.UNKNOWN
    assert near(found, AFTER_MB) is not Word.UNKNOWN


@pytest.mark.parametrize(("seconds", "word"), [(0.004, Word.FAILS), (0.03, Word.HOLDS)])
def test_a_time_is_held_against_the_range_claimed(seconds: float, word: Word) -> None:
    assert near_time(seconds, (0.010, 0.050)) is word


def test_the_curves_of_the_notes_themselves_hold() -> None:
    before = {**BEFORE_MB, 24: 900}
    found = words(results(days=(day(FIRST, before), day(OPTIMIZED, dict(AFTER_MB)))))

    assert found["size-before"] == found["size-after"] == found["stable"] == Word.HOLDS
    assert found["killed"] == Word.UNKNOWN


def test_a_process_that_is_smaller_than_the_notes_have_it_alive_was_not_killed() -> None:
    flat = {0: 100, 3: 120}
    found = words(results(days=(day(FIRST, flat), day(OPTIMIZED, flat))))

    assert found["killed"] == found["size-before"] == Word.FAILS
    assert found["stable"] == Word.HOLDS


def test_growth_after_the_third_hour_is_not_stable() -> None:
    found = words(results(days=(day(OPTIMIZED, {0: 100, 3: 120, 24: 136}),)))

    assert found["stable"] == Word.FAILS


def test_tests_that_pass_at_both_releases_show_nothing() -> None:
    assert words(results(suites=suites(passed_before=True)))["tests"] == Word.FAILS
    assert words(results(suites=suites(passed_before=False)))["tests"] == Word.HOLDS


def test_each_part_of_compatibility_has_a_word_of_its_own() -> None:
    found = words(
        results(compatibility=Compatibility(same_api=False, same_schema=True, written=6, carried=5))
    )

    assert found["same-api"] == found["nothing-lost"] == Word.FAILS
    assert found["no-migration"] == Word.HOLDS


def test_collections_in_the_route_turn_the_balance_of_cpu() -> None:
    found = {one.id: one for one in findings(results())}

    assert found["cpu"].word is Word.FAILS
    assert found["cpu"].measured.startswith("+24.0 s")


def test_a_collection_elsewhere_than_in_the_service_is_not_the_one_claimed() -> None:
    elsewhere = Collections(where="1,000,000 lists", objects=1_000_000, cpu_s=(0.04,))

    assert words(results(collections=(elsewhere,)))["collection"] == Word.UNKNOWN


@given(one=st.sampled_from(sorted(words(results()))), word=st.sampled_from(list(Word)))
def test_a_word_that_changes_is_named_and_no_other(one: str, word: Word) -> None:
    stated = words(results())
    lines = list(changed({**stated, one: str(word)}, stated))

    assert len(lines) == (stated[one] != word)
    assert all(line.startswith(f"{one}:") for line in lines)
