"""Growth per hour: a planted leak is found at its rate, whatever the day does to memory."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.watch.growth import bound_per_hour, growth_per_hour, third_rates
from leakcheck.watch.history import History
from leakcheck.watch.levels import Cycles, Level, block_levels, cycle_floors, cycle_levels, median
from leakcheck.watch.lives import newest_life, spliced, warm_up_points
from leakcheck.watch.reading import Watched
from tests.unit.watching import MIB, cycle, hourly

RATES = st.floats(-1e6, 1e6, allow_nan=False)


def levels_of(values: list[float]) -> list[Level]:
    return [Level(24.0 * number, value) for number, value in enumerate(values)]


@given(
    noise=st.lists(st.floats(-1e5, 1e5, allow_nan=False), min_size=4, max_size=20),
    leak=RATES,
)
def test_adding_a_leak_adds_exactly_that_growth(noise: list[float], leak: float) -> None:
    plain = growth_per_hour(levels_of(noise), alpha=0.01, grain=0)
    leaking = [value + leak * 24 * number for number, value in enumerate(noise)]
    more = growth_per_hour(levels_of(leaking), alpha=0.01, grain=0)

    assert plain is not None
    assert more is not None
    scale = abs(leak) + max(map(abs, noise)) + 1
    assert more.estimate - plain.estimate == pytest.approx(leak, abs=1e-6 * scale)
    assert more.high - more.low == pytest.approx(plain.high - plain.low, abs=1e-5 * scale)


@given(
    values=st.lists(st.floats(0, 1e12, allow_nan=False), max_size=30), alpha=st.floats(1e-7, 0.5)
)
def test_an_interval_holds_its_estimate_and_narrows_with_more_error_allowed(
    values: list[float], alpha: float
) -> None:
    growth = growth_per_hour(levels_of(values), alpha=alpha, grain=1)
    if len(values) < 4:
        assert growth is None
        return
    strict = growth_per_hour(levels_of(values), alpha=alpha / 2, grain=1)

    assert growth is not None
    assert strict is not None
    assert growth.low <= growth.estimate <= growth.high
    assert math.isfinite(growth.high - growth.low)
    assert strict.high - strict.low >= (growth.high - growth.low) * (1 - 1e-9)


@pytest.mark.parametrize("wanders", [False, True])
def test_the_interval_misses_no_more_often_than_it_says(*, wanders: bool) -> None:
    rng = random.Random(7)  # noqa: S311 -- a simulation
    missed = 0
    for _ in range(1_000):
        values, level = [], 0.0
        for _ in range(8):
            level = level + rng.gauss(0, 1) if wanders else rng.gauss(0, 1)
            values.append(level)
        growth = growth_per_hour(levels_of(values), alpha=0.05, grain=0)
        assert growth is not None
        missed += not growth.low <= 0 <= growth.high

    assert missed <= 50


@given(values=st.lists(st.floats(0, 1e9, allow_nan=False), min_size=4, max_size=20))
def test_a_bound_is_never_much_wider_than_the_interval(values: list[float]) -> None:
    growth = growth_per_hour(levels_of(values), alpha=0.005, grain=1)
    bound = bound_per_hour(levels_of(values), alpha=0.01, grain=1)

    assert growth is not None
    assert bound is not None
    assert bound.high - bound.low <= (growth.high - growth.low) * (1 + 1e-9)


@given(leak=st.floats(-2e5, 2e6), size=st.floats(0, 300), phase=st.floats(0, 24))
@settings(max_examples=25, deadline=None)
def test_a_daily_cycle_changes_no_level_whatever_its_size_and_phase(
    leak: float, size: float, phase: float
) -> None:
    history = History(cycle_s=86_400)
    for reading in hourly(
        lambda h: 500 * MIB + leak * h + size * MIB * cycle(h + phase), days=6, every_h=0.5
    ):
        history.add(reading)
    points = spliced(history, Watched.MEMORY)
    cycles = Cycles(cycle_s=86_400, origin_s=history.origin_s, now_s=history.last_s)

    for levels in (cycle_levels(points, cycles), cycle_floors(points, cycles)):
        whole = levels[-3:]  # a warm-up may have been seen in the first rise
        rates = [(b.value - a.value) / (b.hours - a.hours) for a, b in pairwise(whole)]
        assert rates == pytest.approx([leak] * len(rates), abs=8192 + abs(leak) / 10)


def test_only_growth_within_lives_counts_and_restarts_neither_add_nor_take() -> None:
    history = History(cycle_s=0)
    lives = {0: 0.0, 1: 10.0, 2: 25.0}

    def life_at(hour: float) -> int:
        return max(number for number, begin in lives.items() if hour >= begin)

    for reading in hourly(
        lambda h: 100 * MIB + 40 * MIB * life_at(h) + 2 * MIB * (h - lives[life_at(h)]),
        days=2,
        life=lambda h: str(life_at(h)),
    ):
        history.add(reading)
    points = spliced(history, Watched.MEMORY)
    rise, hours = points[-1].value - points[0].value, points[-1].hours - points[0].hours

    assert rise / hours == pytest.approx(2 * MIB, rel=1e-3)
    assert hours == pytest.approx(47.75 - 2 * 0.25)  # no time passes between two lives
    assert {point.life for point in newest_life(points)} == {2}


def test_a_warm_up_is_left_out_and_steady_growth_is_none() -> None:
    warming = [100 * (1 - math.exp(-n / 3)) + 0.01 * (n % 3) for n in range(60)]

    assert 5 <= warm_up_points(warming) <= 30
    assert warm_up_points([5.0 * n for n in range(60)]) == 0
    assert warm_up_points([]) == warm_up_points([1.0]) == warm_up_points([1.0, 2.0]) == 0


@given(st.lists(st.floats(-1e9, 1e9, allow_nan=False), max_size=100))
def test_a_warm_up_is_never_more_than_half(values: list[float]) -> None:
    assert 0 <= warm_up_points(values) <= len(values) / 2


@given(st.lists(st.floats(-1e9, 1e9, allow_nan=False), min_size=1))
def test_the_median_lies_in_the_middle(values: list[float]) -> None:
    middle = median(values)

    assert sum(value < middle for value in values) <= len(values) / 2
    assert sum(value > middle for value in values) <= len(values) / 2


def test_thirds_of_four_levels_are_their_three_rises() -> None:
    assert third_rates(levels_of([0, 24, 72, 144])) == (1.0, 2.0, 3.0)


def test_without_points_there_are_no_levels() -> None:
    assert block_levels([]) == []
