"""The verdict over days: leaks are found, and what looks like one is not."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.watching.scenes import LIMIT, Scene, readings, scenes
from leakcheck.model.verdict import Verdict
from leakcheck.watch.course import Course
from leakcheck.watch.reading import Reading, Watched
from leakcheck.watch.terms import Terms
from tests.unit.watching import MIB, cycle, hourly, stand, wobble

TERMS = Terms(limit_bytes=2048 * MIB)


@pytest.mark.parametrize("scene", scenes(), ids=lambda scene: scene.name)
def test_a_simulated_service_gets_no_wrong_verdict_in_two_weeks(scene: Scene) -> None:
    course = Course(Terms(limit_bytes=LIMIT))
    said = set()
    made = scene.make(random.Random(5))  # noqa: S311 -- a simulation
    for reading in readings(made, 5, days=14, interval_s=1200):
        if course.add(reading) and course.standing is not None:
            said.add(course.standing.verdict)

    assert (Verdict.LEAK in said) == (scene.leaks_from_h is not None)
    if scene.leaks_from_h == 0:
        assert Verdict.CLEAN not in said


def test_a_leak_is_told_with_its_rate_and_the_time_that_is_left() -> None:
    leak = 3 * MIB
    standing = stand(
        Course(TERMS),
        hourly(lambda h: 300 * MIB + leak * h + 80 * MIB * cycle(h) + MIB * wobble(h), days=8),
    )

    assert standing.verdict is Verdict.LEAK
    assert standing.growth is not None
    assert standing.growth.low < leak < standing.growth.high
    assert standing.growth.estimate == pytest.approx(leak, rel=0.05)
    assert standing.forecast is not None
    expected_h = (2048 * MIB - standing.peak_bytes) / leak
    assert standing.forecast.soonest_s < expected_h * 3600 < standing.forecast.latest_s


def test_before_four_days_only_growth_beyond_any_cycle_is_a_leak() -> None:
    one_day = stand(Course(TERMS), hourly(lambda h: (300 + 8 * h) * MIB, days=1.5))
    doubled = stand(Course(TERMS), hourly(lambda h: (300 + 40 * h) * MIB, days=1.5, every_h=0.1))

    assert one_day.verdict is Verdict.INCONCLUSIVE
    assert doubled.verdict is Verdict.LEAK
    assert doubled.why == "grows beyond any daily cycle"


@pytest.mark.parametrize("hours", [3, 9, 15, 21])
def test_the_rise_of_a_morning_is_no_leak(hours: int) -> None:
    course = Course(TERMS)
    for reading in hourly(lambda h: (200 + 190 * cycle(h + hours)) * MIB, days=3, every_h=0.1):
        if course.add(reading):
            assert course.standing is not None
            assert course.standing.verdict is not Verdict.LEAK


def test_without_a_cycle_a_quarter_of_an_hour_is_enough() -> None:
    terms = replace(TERMS, cycle_s=0.0)
    leaking = stand(
        Course(terms), hourly(lambda h: 99 * MIB + 60 * MIB * h, days=0.02, every_h=0.005)
    )

    assert leaking.verdict is Verdict.LEAK
    assert leaking.growth is not None
    assert leaking.growth.estimate == pytest.approx(60 * MIB, rel=0.02)


def test_flat_memory_is_clean_without_a_cycle_below_a_threshold_that_can_be_told() -> None:
    terms = Terms(cycle_s=0.0, threshold_bytes_per_hour=MIB)
    standing = stand(
        Course(terms), hourly(lambda h: 99 * MIB + 8192 * wobble(h), days=0.5, every_h=0.01)
    )

    assert standing.verdict is Verdict.CLEAN


def test_the_same_leak_in_lives_of_hours_is_one_leak() -> None:
    standing = stand(
        Course(replace(TERMS, cycle_s=0.0)),
        hourly(
            lambda h: (300 + 6 * (h % 5)) * MIB + 9999 * wobble(h),
            days=2,
            every_h=0.05,
            life=lambda h: str(int(h // 5)),
        ),
    )

    assert standing.verdict is Verdict.LEAK
    assert standing.lives == 10
    assert standing.growth is not None
    assert standing.growth.estimate == pytest.approx(6 * MIB, rel=0.1)


def test_a_cache_that_fills_in_each_life_is_no_leak() -> None:
    standing = stand(
        Course(replace(TERMS, cycle_s=0.0)),
        hourly(
            lambda h: (300 + 60 * min(h % 5, 1.5)) * MIB + 9999 * wobble(h),
            days=2,
            every_h=0.05,
            life=lambda h: str(int(h // 5)),
        ),
    )

    assert standing.verdict is not Verdict.LEAK


def test_descriptors_that_pile_up_are_a_leak_that_no_byte_shows() -> None:
    def piling() -> Iterator[Reading]:
        for reading in hourly(lambda h: 300 * MIB + 9999 * wobble(h), days=7):
            hours = (reading.at_s - 1e9) / 3600
            yield replace(reading, descriptors=20 + int(3 * hours), threads=4)

    standing = stand(Course(TERMS), piling())

    assert (standing.verdict, standing.what) == (Verdict.LEAK, Watched.DESCRIPTORS)
    assert standing.growth is not None
    assert standing.growth.estimate == pytest.approx(3, rel=0.01)
    assert standing.forecast is None


def test_a_verdict_is_taken_back_when_the_leak_is_fixed() -> None:
    standing = stand(
        Course(TERMS),
        hourly(
            lambda h: (300 + 4 * min(h, 120) * (h < 200)) * MIB + MIB * wobble(h),
            days=21,
            every_h=0.5,
            life=lambda h: "leaky" if h < 200 else "fixed",
        ),
    )

    assert standing.verdict is Verdict.CLEAN
    assert standing.lives == 2


@given(
    values=st.lists(st.integers(0, 1 << 45), max_size=150),
    cycle_s=st.sampled_from([0.0, 3600.0, 86_400.0]),
    lives=st.integers(1, 9),
)
@settings(max_examples=60, deadline=None)
def test_any_readings_lead_to_a_verdict(values: list[int], cycle_s: float, lives: int) -> None:
    course = Course(Terms(cycle_s=cycle_s, limit_bytes=1))
    for number, value in enumerate(values):
        course.add(
            Reading(
                at_s=600.0 * number, memory_bytes=value, life=str(number * lives // len(values))
            )
        )
    course.look()

    assert (course.standing is None) == (not values)
    if course.standing is not None:
        assert course.standing.readings == len(values)


def test_a_reading_that_comes_twice_changes_nothing() -> None:
    one, twice = Course(TERMS), Course(TERMS)
    for reading in hourly(lambda h: (300 + 20 * h) * MIB, days=1):
        one.add(reading)
        twice.add(reading)
        twice.add(reading)

    assert one.standing == twice.standing
