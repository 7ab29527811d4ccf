"""The marks: which iterations they are, and how a capture tells one from the other."""

from bisect import bisect_left
from itertools import islice, pairwise, takewhile

import pytest

from leakcheck.run.child import marks
from leakcheck.run.schedule import next_sample

MARKS = list(islice(marks.all_marks(), 400))


def test_each_octave_from_128_on_has_32_marks() -> None:
    octaves = [(1 << bits, 2 << bits) for bits in range(7, 14)]
    found = [bisect_left(MARKS, end) - bisect_left(MARKS, start) for start, end in octaves]

    assert found == [32] * len(octaves)


def test_marks_are_evenly_spaced_in_an_octave() -> None:
    late = MARKS[MARKS.index(128) :]
    gaps = [after - before for before, after in pairwise(late)]

    assert gaps == sorted(gaps)
    assert all(mark % gap == 0 for mark, gap in zip(late, gaps, strict=False))


@pytest.mark.parametrize("until", [500, 1_000, 2_000, 8_000])
def test_every_mark_is_sampled(until: int) -> None:
    completed, sampled = 0, {0}
    while completed < until:
        completed = next_sample(completed, until=until)
        sampled.add(completed)

    assert sampled >= set(takewhile(lambda mark: mark <= until, MARKS))


def test_every_mark_is_sampled_whatever_the_pace_was_before() -> None:
    completed, sampled = 0, {0}
    while completed < 5_000:
        worth = 100.0 if completed % 3 else 0.1  # now as slow as can be, now cheap
        completed = next_sample(completed, until=5_000, samples_worth=worth)
        sampled.add(completed)

    assert sampled >= set(takewhile(lambda mark: mark <= 5_000, MARKS))


@pytest.mark.parametrize("rank", [marks.LAST, 0, 1, 300])
def test_what_is_held_at_a_mark_tells_its_rank(rank: int) -> None:
    held = marks.hold(marks.held_bytes(rank))

    assert marks.rank_of(held.__sizeof__()) == rank


def test_the_line_that_makes_what_is_held_is_known() -> None:
    line = marks.hold.__code__.co_firstlineno + 3
    (last_line,) = {last for _, _, last in marks.hold.__code__.co_lines() if last == line}

    assert marks.is_held([("hold", "/ours/run/child/marks.py", last_line)], "/ours")
    assert not marks.is_held([("hold", "/theirs/marks.py", last_line)], "/ours")
    assert not marks.is_held([], "/ours")
