"""Events at random: found where they go on as they did, not where they become rarer.

Seeds are fixed, so that each share is one number; its limit is the rate that is stated and what
chance adds to it in so many seeds.
"""

import math
import random
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.analysis.rare import Interval, rare_growth, size_of_events
from leakcheck.analysis.trend import Rate
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal
from leakcheck.run.child.marks import all_marks
from tests.unit.traces import rows

pytestmark = pytest.mark.slow  # statistics: the same on every interpreter

END = 20_000
SEEDS = range(300)
FIXED = settings(max_examples=40, derandomize=True, database=None)
seeds = st.integers(0, 10**6)


def most_of(number: int, share: float) -> float:
    """Return what a binomial count exceeds once in about a thousand times."""
    return number * share + 3 * math.sqrt(number * share * (1 - share))


def counted(points: list[int], size: int = 1, end: int = END) -> Series:
    """Return a count to which each of the sorted `points` adds `size`."""
    return Series.of(Signal.GC_OBJECTS, ((n, size * bisect_right(points, n)) for n in rows(end)))


def steady(seed: int, number: float, end: int = END) -> list[int]:
    """Return the iterations of about `number` events that come at one rate."""
    draw, at, points = random.Random(seed), 0.0, list[int]()  # noqa: S311 -- a test's chance
    while (at := at + draw.expovariate(number / end)) < end:
        points.append(math.ceil(at))
    return points


def fading(seed: int, an_octave: float) -> list[int]:
    """Return the iterations of events that come as 1/N, about `an_octave` in each octave."""
    draw, at, points = random.Random(seed), 0.0, list[int]()  # noqa: S311 -- a test's chance
    while (at := at + draw.expovariate(an_octave / math.log(2))) < math.log(END):
        points.append(math.ceil(math.exp(at)))
    return points


def found_in(make: Callable[[int], Series]) -> list[Rate]:
    return [rate for seed in SEEDS if (rate := rare_growth(make(seed), END, 1e-5))]


@pytest.mark.parametrize("size", [1, 7])
@pytest.mark.parametrize("an_octave", [3, 6, 12, 25, 100])
def test_events_that_fade_are_found_no_more_often_than_is_stated(an_octave: int, size: int) -> None:
    found = found_in(lambda seed: counted(fading(seed, an_octave), size))

    assert len(found) <= most_of(len(SEEDS), 1 / 20)


@pytest.mark.parametrize(("number", "missed"), [(60, 1 / 5), (200, 1 / 10), (1_000, 1 / 10)])
def test_events_at_one_rate_are_found_nine_times_in_ten_unless_they_are_few(
    number: int, missed: float
) -> None:
    found = found_in(lambda seed: counted(steady(seed, number)))

    assert len(SEEDS) - len(found) <= most_of(len(SEEDS), missed)


@pytest.mark.parametrize("size", [1, 5])
def test_the_interval_holds_the_true_rate(size: int) -> None:
    found = found_in(lambda seed: counted(steady(seed, 200), size))
    true = size * 200 / END

    assert len(found) > len(SEEDS) / 2
    assert sum(not rate.low <= true <= rate.high for rate in found) <= most_of(len(found), 0.01)


@FIXED
@given(seeds, st.integers(1, 10), st.integers(0, 10**9))
def test_adding_a_constant_changes_nothing(seed: int, size: int, constant: int) -> None:
    series = counted(steady(seed, 100), size)
    higher = replace(series, values=tuple(constant + value for value in series.values))

    assert rare_growth(higher, END, 1e-5) == rare_growth(series, END, 1e-5)


@FIXED
@given(seeds, st.integers(1, 10))
def test_what_is_found_is_above_the_threshold(seed: int, size: int) -> None:
    series = counted(steady(seed, 100), size)
    rate = rare_growth(series, END, 1e-5)

    assert rate is None or (
        rare_growth(series, END, rate.low) is None
        and rare_growth(series, END, 0.999 * rate.low) == rate
    )


@FIXED
@given(st.integers(1, 11), st.integers(1, 100))
def test_fewer_than_twelve_events_prove_nothing(number: int, size: int) -> None:
    points = [END * k // number for k in range(1, number + 1)]

    assert rare_growth(counted(points, size), END, 1e-9) is None


def test_what_comes_round_is_found_only_where_its_period_is_that_of_the_marks() -> None:
    marks = [*takewhile(lambda mark: mark < END, all_marks()), END]
    periods = range(20, 5_000, 11)
    found = [
        period
        for period in periods
        if rare_growth(Series.of(Signal.GC_OBJECTS, ((n, n % period) for n in marks)), END, 1e-5)
    ]

    assert len(found) <= len(periods) / 100


@FIXED
@given(st.integers(1, 12_000), seeds)
def test_what_came_and_has_stopped_is_not_found(last: int, seed: int) -> None:
    points = [n for n in steady(seed, 2_000) if n <= last]

    assert rare_growth(counted(points), END, 1e-5) is None


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_series_of_hardly_any_samples_proves_nothing(number: int) -> None:
    series = Series.of(Signal.GC_OBJECTS, ((END * k, 100 * k) for k in range(number)))

    assert rare_growth(series, END, 1e-9) is None


# -- the size of one event -------------------------------------------------------------------


def octave(seed: int, size: int, pace: float) -> tuple[Interval, ...]:
    """Return what events of `size` add in each of 64 stretches, `pace` events in each."""
    points = steady(seed, 64 * pace, 6_400)
    within = [0] * 64
    for point in points:
        within[min((point - 1) // 100, 63)] += size
    return tuple((100, rise) for rise in within)


@FIXED
@given(seeds, st.integers(1, 1_000), st.floats(0.2, 20))
def test_events_of_one_size_are_recovered_within_a_factor(
    seed: int, size: int, pace: float
) -> None:
    octaves = tuple(octave(3 * seed + k, size, pace) for k in range(3))

    assert size / 2 <= size_of_events(octaves) <= 2 * size


@FIXED
@given(st.lists(st.tuples(st.integers(1, 1_000), st.integers(0, 1_000)), max_size=20))
def test_no_event_is_smaller_than_one_object(intervals: list[Interval]) -> None:
    assert size_of_events((tuple(intervals),)) >= 1.0
