"""Rates, intervals, extrapolation, staircases and looks on figures done by hand."""

import math

import pytest

from leakcheck.analysis.bounds import flat_since
from leakcheck.analysis.fit import fit_growth
from leakcheck.analysis.looks import confirming_look, looks_until, next_look
from leakcheck.analysis.staircase import climb, lasting_steps
from leakcheck.analysis.trend import increment_rate, late_rise, line_rate, persisting_rate
from leakcheck.analysis.warmup import warm_up_iterations
from leakcheck.analysis.windows import Blocks, block_minima
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal
from tests.unit.traces import heap, over_allocated_list, ramp


def blocks(*minima: int) -> Blocks:
    places = tuple(range(0, 10 * len(minima), 10))
    return Blocks(start=0, end=10 * len(minima), iterations=places, minima=minima)


def test_a_block_keeps_its_lowest_sample_and_where_that_lies() -> None:
    series = Series.of(Signal.HEAP, enumerate([9, 4, 7, 8, 2, 6]))
    found = block_minima(series, 0, 5, blocks=2)
    assert (found.iterations, found.minima) == ((1, 4), (4, 2))


def test_a_window_without_samples_has_no_blocks() -> None:
    assert len(block_minima(Series.of(Signal.HEAP, [(0, 1), (100, 2)]), 10, 90)) == 0


def test_an_exact_leak_has_its_exact_rate_and_an_interval_of_one_grain() -> None:
    rate = increment_rate(blocks(*range(0, 1600, 160)), grain=16)
    assert rate is not None
    assert rate.estimate == 16
    assert rate.half_width == pytest.approx(16 / 90)


def test_one_step_alone_is_never_significant() -> None:
    rate = increment_rate(blocks(*[0] * 8, *[10**6] * 8), grain=16)
    assert rate is not None
    assert rate.low < 0 < rate.high


def test_two_increments_are_too_few_for_an_interval() -> None:
    assert increment_rate(blocks(1, 2, 3), grain=1) is None


def test_the_line_through_a_ramp_has_no_scatter() -> None:
    rate, scatter = line_rate(blocks(*range(0, 160, 10)), grain=1)
    assert rate.estimate == 1
    assert scatter == pytest.approx(0, abs=1e-9)


def test_a_rise_in_the_last_quarter_shows_as_a_late_rise() -> None:
    assert late_rise(blocks(*[0] * 12, *[1200] * 4)) == 10


@pytest.mark.parametrize("power", [0.1, 0.3, 0.5])
def test_growth_as_a_power_of_n_below_one_persists_to_nothing(power: float) -> None:
    rates = [(2**k) ** (power - 1) for k in range(3)]
    assert persisting_rate(*rates) == pytest.approx(0, abs=1e-9)


def test_the_logarithm_persists_to_nothing() -> None:
    rates = [(math.log(2 ** (k + 1)) - math.log(2**k)) / 2**k for k in range(3)]
    assert persisting_rate(*rates) == pytest.approx(0, abs=1e-12)


def test_a_leak_behind_a_warm_up_persists_to_the_leak() -> None:
    assert persisting_rate(64 + 80, 64 + 40, 64 + 20) == pytest.approx(64)


def test_a_deceleration_after_an_acceleration_is_carried_on_by_as_much_again() -> None:
    assert persisting_rate(10, 20, 18) == 16


def test_a_step_counts_once_nothing_has_undone_it() -> None:
    series = Series.of(Signal.DESCRIPTORS, enumerate([5, 9, 5, 6, 6, 7, 7]))
    assert lasting_steps(series, 0, 6) == ((3, 1), (5, 1))


def test_a_growing_list_is_a_staircase_of_eight_bytes_an_append() -> None:
    stairs = climb(heap(4000, over_allocated_list).series[Signal.HEAP], 4000)
    assert stairs is not None
    assert stairs.rate.low < 8 < stairs.rate.high
    assert not stairs.ended


def test_a_staircase_that_ended_says_so() -> None:
    series = heap(4000, lambda n: 10_000 * (min(n, 1500) // 100)).series[Signal.HEAP]
    stairs = climb(series, 4000)
    assert stairs is not None
    assert stairs.ended


def test_a_count_is_flat_since_its_last_rise() -> None:
    series = Series.of(Signal.THREADS, ((n, 2 + (n >= 600)) for n in range(0, 2001, 4)))
    since = flat_since(series, 2000)
    assert since is not None
    assert 600 <= since <= 640


def test_looks_double_and_end_with_the_run() -> None:
    assert looks_until(5000) == (500, 1000, 2000, 4000, 5000)
    assert [next_look(n) for n in (0, 499, 500, 16_000)] == [500, 500, 1000, 32_000]


def test_a_look_is_confirmed_by_one_that_had_much_less_data() -> None:
    assert [confirming_look(n) for n in (2000, 2400, 3000, 300, 1)] == [1000, 1000, 2000, 150, None]


def test_a_workload_that_leaks_from_the_start_has_no_warm_up() -> None:
    assert warm_up_iterations(heap(4000, ramp(64)).series[Signal.HEAP], 4000, 16) == 0


def test_the_warm_up_ends_where_the_series_settles() -> None:
    curve = heap(4000, lambda n: 10**6 * (1 - math.exp(-n / 100))).series[Signal.HEAP]
    assert 500 < warm_up_iterations(curve, 4000, 16) < 1500


def test_the_newest_octave_speeds_up_without_being_called_slow() -> None:
    fit = fit_growth(heap(4000, lambda n: max(0, n - 1000) * 64).series[Signal.HEAP], 4000)
    assert fit is not None
    assert not fit.is_slowing
