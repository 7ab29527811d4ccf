"""The service's own estimate of its growth, on series whose growth is known."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system.memory.growth import Growth, MemoryHistory, growth_per_hour
from system.memory.watch import MemoryReading, MemoryWatch

_TICK_SECONDS = 180.0
_MIB = 2**20


def _series(
    *, bytes_per_hour: float, noise_bytes: float, seed: int, ticks: int = 240
) -> list[tuple[float, int]]:
    """Readings each three minutes: a straight line, white noise, and a report now and then."""
    rng = random.Random(seed)  # noqa: S311  a seed is there to be repeated
    return [
        (
            _TICK_SECONDS * tick,
            int(
                100 * _MIB
                + bytes_per_hour * _TICK_SECONDS * tick / 3600
                + rng.gauss(0, noise_bytes)
                + (8 * _MIB if rng.random() < 0.1 else 0)
            ),
        )
        for tick in range(ticks)
    ]


@given(
    bytes_per_hour=st.integers(-(10**7), 10**7),
    start=st.integers(10**8, 10**9),
    ticks=st.integers(40, 300),
)
def test_a_straight_line_has_exactly_its_slope(bytes_per_hour: int, start: int, ticks: int) -> None:
    samples = [(3600.0 * tick, start + bytes_per_hour * tick) for tick in range(ticks)]
    growth = growth_per_hour(samples)
    assert growth is not None
    assert (growth.low, growth.estimate, growth.high) == pytest.approx((bytes_per_hour,) * 3)


@given(samples=st.lists(st.tuples(st.floats(0, 1e9), st.integers(0, 2**50)), max_size=60))
def test_whatever_the_readings_the_estimate_lies_in_its_interval(
    samples: list[tuple[float, int]],
) -> None:
    growth = growth_per_hour(sorted(samples))
    assert growth is None or growth.low <= growth.estimate <= growth.high


@given(shift=st.integers(0, 10**9), seed=st.integers(0, 100))
def test_memory_that_is_there_all_along_is_no_growth(shift: int, seed: int) -> None:
    samples = _series(bytes_per_hour=0, noise_bytes=1000, seed=seed)
    moved = [(seconds, size + shift) for seconds, size in samples]
    assert growth_per_hour(moved) == growth_per_hour(samples)


@pytest.mark.parametrize("bytes_per_hour", [0, 1 * _MIB, 4 * _MIB])
def test_the_interval_holds_the_true_rate_about_as_often_as_it_says(bytes_per_hour: int) -> None:
    held = 0
    for seed in range(200):
        growth = growth_per_hour(
            _series(bytes_per_hour=bytes_per_hour, noise_bytes=200_000, seed=seed)
        )
        assert growth is not None
        held += growth.low <= bytes_per_hour <= growth.high
    assert held >= 180


def test_a_report_being_written_is_no_growth() -> None:
    growth = growth_per_hour(_series(bytes_per_hour=0, noise_bytes=0, seed=1))
    assert growth == Growth(low=0.0, estimate=0.0, high=0.0)


@pytest.mark.parametrize("ticks", [0, 1, 39])
def test_few_readings_have_no_growth_to_tell(ticks: int) -> None:
    assert growth_per_hour(_series(bytes_per_hour=0, noise_bytes=1, seed=1, ticks=ticks)) is None


def test_readings_of_one_moment_have_no_growth_to_tell() -> None:
    assert growth_per_hour([(1.0, 5)] * 60) is None


@given(taken=st.integers(0, 40), capacity=st.integers(1, 12))
def test_the_history_holds_the_newest_readings_in_their_order(taken: int, capacity: int) -> None:
    history = MemoryHistory(capacity)
    for number in range(taken):
        history.add(float(number), number)
    samples = history.samples()
    assert [size for _seconds, size in samples] == list(range(max(0, taken - capacity), taken))
    assert all(later > earlier for earlier, later in pairwise(samples))


def test_another_estimator_may_take_the_place_of_the_services_own() -> None:
    asked: list[int] = []

    def estimate(samples: object) -> Growth:
        asked.append(len(list(samples)))  # type: ignore[call-overload]
        return Growth(low=1.0, estimate=2.0, high=3.0)

    reading = MemoryReading(
        resident_bytes=1, limit_bytes=100, heap_bytes=7, redis_connections=1, kept_runs=0
    )
    watch = MemoryWatch(lambda: reading, estimate)
    now = datetime(2026, 1, 5, tzinfo=UTC)
    for minute in range(3):
        watch.check(now + timedelta(minutes=minute))
    assert watch.growth() == Growth(low=1.0, estimate=2.0, high=3.0)
    assert asked == [3]
