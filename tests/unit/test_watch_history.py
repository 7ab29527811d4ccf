"""The history is bounded, and what is lowest in it stays."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.watch.history import MOST_BLOCKS, History
from leakcheck.watch.reading import Reading, Watched

DAY_S = 86_400.0


def filled(history: History, values: list[int], every_s: float = 30.0, lives: int = 1) -> History:
    for number, value in enumerate(values):
        life = str(number * lives // len(values))
        history.add(Reading(at_s=number * every_s, memory_bytes=value, threads=value, life=life))
    return history


@given(
    values=st.lists(st.integers(0, 1 << 50), min_size=1, max_size=400),
    lives=st.integers(1, 5),
)
def test_thinning_keeps_the_lowest_the_highest_and_every_life(
    values: list[int], lives: int
) -> None:
    history = filled(History(cycle_s=0, most_blocks=32), values, lives=lives)

    assert len(history) <= 32
    if lives <= 2:
        assert min(history.values(Watched.MEMORY)) == min(values)
        assert history.peak_bytes(0.0) == max(values)
    assert list(history.times_s()) == sorted(history.times_s())


@pytest.mark.parametrize("cycle_s", [0.0, DAY_S])
def test_six_weeks_of_readings_takes_no_more_room_than_a_week(cycle_s: float) -> None:
    history = filled(History(cycle_s=cycle_s), [5] * 10_000, every_s=360.0)

    assert len(history) <= MOST_BLOCKS
    assert history.readings == 10_000
    bytes_kept = sum(history.values(what).buffer_info()[1] * 8 for what in Watched)
    assert bytes_kept <= 4 * 8 * MOST_BLOCKS


def test_blocks_of_a_day_stay_short_enough_to_compare_hours() -> None:
    history = filled(History(cycle_s=DAY_S), [5] * 8_000, every_s=600.0)  # eight weeks
    times = history.times_s()

    assert max(b - a for a, b in pairwise(times)) <= DAY_S / 24
    assert history.last_s - times[0] > 14 * DAY_S


def test_a_process_that_restarts_at_each_reading_is_bounded_too() -> None:
    history = History(cycle_s=0, most_blocks=64)
    for number in range(1_000):
        history.add(Reading(at_s=number, memory_bytes=1, life=str(number)))

    assert len(history) <= 64


def test_a_reading_from_the_past_is_left_out() -> None:
    history = filled(History(cycle_s=0), [1, 2])

    assert not history.add(Reading(at_s=30.0, memory_bytes=9))
    assert history.readings == 2


def test_a_count_that_cannot_be_read_is_unknown_and_not_nothing() -> None:
    history = History(cycle_s=0)
    for number in range(4):
        history.add(Reading(at_s=number * 30.0, memory_bytes=1))

    assert set(history.values(Watched.DESCRIPTORS)) == {-1}
