"""The search finds the first place that is as the new end, past those that cannot tell."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.bisecting.search import Search, State

LENGTHS = st.integers(min_value=2, max_value=400)


def searched(count: int, first_new: int, untold: frozenset[int]) -> tuple[Search, list[int]]:
    """Return how a search ends in a list of `count`, and which places it asked."""
    search, asked = Search(low=0, high=count - 1), []
    while (place := search.next) is not None:
        asked.append(place)
        told = State.NEW if place >= first_new else State.OLD
        search = search.told(place, State.UNTOLD if place in untold else told)
    return search, asked


@st.composite
def histories(draw: st.DrawFn) -> tuple[int, int, frozenset[int]]:
    count = draw(LENGTHS)
    first_new = draw(st.integers(min_value=1, max_value=count - 1))
    inner = st.integers(min_value=1, max_value=max(count - 2, 1))
    untold = draw(st.frozensets(inner, max_size=40))
    return count, first_new, untold - {0, count - 1}


@given(count=LENGTHS, data=st.data())
def test_without_skips_the_first_is_found_in_the_logarithm_of_the_length(
    count: int, data: st.DataObject
) -> None:
    first_new = data.draw(st.integers(min_value=1, max_value=count - 1))
    search, asked = searched(count, first_new, frozenset())

    assert search.suspects == range(first_new, first_new + 1)
    assert len(asked) <= math.ceil(math.log2(count))
    assert len(asked) <= Search(low=0, high=count - 1).steps_left


@given(history=histories())
def test_the_range_holds_the_first_and_what_cannot_tell_is_never_named_as_found(
    history: tuple[int, int, frozenset[int]],
) -> None:
    count, first_new, untold = history
    search, asked = searched(count, first_new, untold)

    assert first_new in search.suspects
    assert search.high not in untold
    assert set(search.suspects[:-1]) <= untold
    assert len(set(asked)) == len(asked)
    assert all(0 < place < count - 1 for place in asked)


@given(history=histories())
def test_the_range_is_as_narrow_as_what_can_tell_allows(
    history: tuple[int, int, frozenset[int]],
) -> None:
    count, first_new, untold = history
    search, _ = searched(count, first_new, untold)
    can_tell = [place for place in range(count) if place not in untold]

    assert search.low == max(place for place in can_tell if place < first_new)
    assert search.high == min(place for place in can_tell if place >= first_new)


@given(history=histories())
def test_each_answer_leaves_fewer_steps(history: tuple[int, int, frozenset[int]]) -> None:
    count, first_new, untold = history
    search = Search(low=0, high=count - 1)
    while (place := search.next) is not None:
        after = search.told(
            place,
            State.UNTOLD if place in untold else State.NEW if place >= first_new else State.OLD,
        )
        assert after.steps_left <= search.steps_left
        search = after
    assert search.steps_left == 0


def test_a_broken_stretch_in_the_middle_is_left_quickly() -> None:
    broken = frozenset(range(400, 601))
    search, asked = searched(1_001, 750, broken)

    assert search.suspects == range(750, 751)
    assert len(asked) <= 15


def test_only_places_between_what_is_known_can_be_told() -> None:
    search = Search(low=2, high=5)
    for place in (2, 5, 9, -1):
        with pytest.raises(ValueError, match="wanted one between 2 and 5"):
            search.told(place, State.OLD)


@pytest.mark.parametrize(("low", "high"), [(0, 0), (3, 2), (-1, 4)])
def test_a_search_has_two_ends_the_old_one_first(low: int, high: int) -> None:
    with pytest.raises(ValueError, match="wanted two, the old one first"):
        Search(low=low, high=high)
