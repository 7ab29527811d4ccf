"""A step that may come again, and the floor of a sawtooth that is longer than a block."""

import math
import random
from dataclasses import replace
from functools import partial
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.analysis.finding import find
from leakcheck.analysis.fit import bound_over_long_blocks, fit_growth
from leakcheck.analysis.staircase import recurring_step
from leakcheck.model.measurement import Ending
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Verdict
from tests.unit.traces import Curve, added, noise, ramp, rows

FIXED = settings(max_examples=60, derandomize=True, database=None)
LEVEL = 10**6
GRAIN = 16
constants = st.integers(0, 10**9)
steps = st.lists(
    st.tuples(st.integers(1, 1_000), st.integers(-5_000, 50_000)), min_size=1, max_size=12
)


def of(curve: Curve, end: int) -> Series:
    return Series.of(Signal.HEAP, ((n, LEVEL + round(curve(n))) for n in rows(end)))


def stairs(found: list[tuple[int, int]]) -> Curve:
    """Return a curve that goes up or down at each (iteration, size)."""
    return lambda n: sum(size for at, size in found if at <= n)


def teeth(period: int, height: float) -> Curve:
    return lambda n: height * (n % period) / period


def later(series: Series, by: int) -> Series:
    return replace(series, values=tuple(by + value for value in series.values))


# -- steps -----------------------------------------------------------------------------------


@FIXED
@given(steps, st.integers(4, 9))
def test_no_step_is_to_come_where_the_last_is_three_times_overdue(
    found: list[tuple[int, int]], times: int
) -> None:
    last = max(at for at, _ in found)
    seen = min(n for n in rows(4 * last) if n >= last)  # a sample may see it a little later

    assert recurring_step(of(stairs(found), times * seen), times * seen) == 0


@FIXED
@given(st.integers(100, 3_000), st.integers(16, 10**6), st.floats(1.4, 3.9))
def test_a_step_may_come_again_until_then(at: int, size: int, times: float) -> None:
    end = int(times * at)
    seen = min(n for n in rows(end) if n >= at)

    assert recurring_step(of(stairs([(at, size)]), end), end) == size / (end - seen)


@FIXED
@given(st.integers(100, 1_000), st.integers(1_000, 10**5), st.integers(20, 200))
def test_a_much_smaller_step_before_does_not_tell_when_a_large_one_comes(
    at: int, small: int, after: int
) -> None:
    large = 5 * small
    both = of(stairs([(at, small), (at + after, large)]), 2 * (at + after))
    alone = of(stairs([(at + after, large)]), 2 * (at + after))
    end = 2 * (at + after)

    assert recurring_step(both, end) == recurring_step(alone, end) > 0


def test_a_step_that_was_undone_will_not_come_again() -> None:
    assert recurring_step(of(stairs([(1_000, 8_000), (1_200, -8_000)]), 2_000), 2_000) == 0


def test_a_step_in_the_newest_quarter_is_left_to_the_trend() -> None:
    assert recurring_step(of(stairs([(1_600, 8_000)]), 2_000), 2_000) == 0


@FIXED
@given(steps, constants)
def test_the_level_changes_nothing_about_steps(found: list[tuple[int, int]], by: int) -> None:
    series = of(stairs(found), 2_500)

    assert recurring_step(later(series, by), 2_500) == recurring_step(series, 2_500)


@pytest.mark.parametrize("end", [1_500, 2_000, 3_000, 3_900])
def test_one_step_forbids_clean_until_it_is_overdue(end: int) -> None:
    series = of(stairs([(1_000, 32_000)]), end)

    assert find(series, 4.0, Ending.ITERATIONS).verdict is Verdict.INCONCLUSIVE
    assert find(of(stairs([(1_000, 32_000)]), 4 * end), 4.0, Ending.ITERATIONS).verdict is (
        Verdict.CLEAN
    )


# -- long blocks -----------------------------------------------------------------------------

ends = st.integers(4_000, 20_000)
periods = st.integers(16, 500)


@pytest.mark.parametrize("seed", range(100))
def test_the_bound_on_a_sawtooth_that_leaks_is_never_too_low_by_more_than_a_twentieth(
    seed: int,
) -> None:
    draw = random.Random(seed)  # noqa: S311 -- a test's chance
    end, leak = draw.randint(4_000, 20_000), draw.randint(1, 2_000)
    curve = added(ramp(leak), teeth(draw.randint(16, 500), draw.randint(100, 100_000)))

    assert bound_over_long_blocks(of(curve, end), end) >= 0.95 * leak - GRAIN / (end / 2)


@FIXED
@given(ends, st.integers(0, 1_000), st.integers(0, 5_000), st.integers(1, 500))
def test_the_bound_is_never_below_a_leak_under_noise(
    end: int, seed: int, amplitude: int, leak: int
) -> None:
    series = of(added(ramp(leak), noise(seed, amplitude)), end)

    assert bound_over_long_blocks(series, end) >= leak


@pytest.mark.parametrize("period", [640, 700, 900, 1_000])
def test_a_sawtooth_longer_than_a_block_is_bounded_by_its_floor(period: int) -> None:
    series = of(teeth(period, 70_000), 8_000)
    fit = fit_growth(series, 8_000)

    assert fit is not None
    assert fit.upper_bound > 4.0
    assert bound_over_long_blocks(series, 8_000) < fit.upper_bound


@FIXED
@given(ends, periods, constants)
def test_the_level_changes_nothing_about_the_bound(end: int, period: int, by: int) -> None:
    series = of(teeth(period, 50_000), end)
    bound = bound_over_long_blocks(series, end)

    assert bound_over_long_blocks(later(series, by), end) == pytest.approx(bound, abs=1e-3)


@pytest.mark.parametrize("end", [16, 500, 3_999])
def test_a_short_run_has_no_long_blocks(end: int) -> None:
    assert bound_over_long_blocks(of(ramp(0), end), end) == math.inf


def test_a_series_of_hardly_any_samples_has_no_bound() -> None:
    few = Series.of(Signal.HEAP, [(0, 0), (4_000, 0), (8_000, 0)])

    assert bound_over_long_blocks(few, 8_000) == math.inf


def grown_in_steps(sizes: list[int], n: int) -> float:
    return list(accumulate(sizes))[min(n // 100, len(sizes) - 1)]


@FIXED
@given(st.lists(st.integers(0, 50_000), min_size=80, max_size=80))
def test_the_bound_is_never_below_what_the_floor_rose_by(sizes: list[int]) -> None:
    series = of(partial(grown_in_steps, sizes), 8_000)
    rise = grown_in_steps(sizes, 7_000) - grown_in_steps(sizes, 2_999)

    assert bound_over_long_blocks(series, 8_000) >= rise / 6_000
