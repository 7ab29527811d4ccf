"""Every case of the corpus is what it says: counted by brute force, by no verdict."""

import pytest

from bench.accuracy import truth
from bench.accuracy.case import small_culprit
from bench.accuracy.kept_lines import kept_lines
from bench.corpus.small.everything import CASES
from bench.corpus.small.registry import SmallCase

LEAKY = [case for case in CASES if case.leaks]
CLEAN = [case for case in CASES if not case.leaks]
WITH_LINE = [case for case in LEAKY if case.has_line]
CALLS = {"recent_fifty_thousand": 240_000}
"""Calls of a case that takes longer than the others to fill."""


def name(case: SmallCase) -> str:
    return case.name


def growing(case: SmallCase, calls: int) -> dict[str, float]:
    return truth.growing(truth.readings(case.target, calls=calls, seed=1), calls)


@pytest.mark.truth
@pytest.mark.parametrize("case", LEAKY, ids=name)
def test_what_leaks_grows_for_as_long_as_it_runs(case: SmallCase) -> None:
    assert growing(case, calls=case.most_calls or 6_000) != {}


@pytest.mark.truth
@pytest.mark.parametrize("case", CLEAN, ids=name)
def test_what_is_clean_stops_growing(case: SmallCase) -> None:
    assert growing(case, calls=CALLS.get(case.name, 30_000)) == {}


@pytest.mark.truth
@pytest.mark.parametrize("case", WITH_LINE, ids=name)
def test_the_marked_lines_are_those_that_allocate_most_of_what_is_kept(case: SmallCase) -> None:
    kept = kept_lines(case.target, calls=4_000, seed=1)
    marked = small_culprit(case).lines
    most = max(kept.values())

    assert max(kept, key=kept.__getitem__) in marked, kept
    assert all(kept[line] > most / 4 for line in marked), kept
