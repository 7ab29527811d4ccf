"""Histories with planted steps, drifts and noise: what is found, and how often in vain."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.history.facts import HistoryError, Machine, Metric
from bench.history.simulated import NOISES, track_of, with_drift, with_step
from bench.history.trend.findings import Finding, Form, Rule, Word, findings_in
from bench.history.trend.points import Track, tracks_of
from bench.history.trend.shape import shape_of
from bench.history.trend.shift import shift_between
from bench.history.trend.since import only_since, time_of
from bench.history.trend.steps import steps_in
from bench.history.trend.wording import sentence, summary
from bench.history.trials import alarms
from tests.history.made import run

seeds = st.integers(min_value=0, max_value=1 << 32)


def confirmed(track: Track, rule: Rule | None = None) -> list[Finding]:
    return [one for one in findings_in(track, rule or Rule()) if one.word is Word.REGRESSION]


def quiet(seed: int, length: int = 40, noise: str = "normal") -> np.ndarray:
    return NOISES[noise](np.random.default_rng(seed), length)


def test_planted_steps_are_named_at_their_commits_with_their_sizes() -> None:
    random = np.random.default_rng(11)
    seen, trials = [], 80
    for seed in range(trials):
        at, share = int(random.integers(12, 29)), float(random.uniform(0.2, 3))
        track = track_of(with_step(quiet(seed), at, share))
        steps = [one for one in findings_in(track, Rule()) if one.form is Form.STEP]
        seen += [(one, at, share) for one in steps if one.index == at]

    assert len(seen) >= 0.97 * trials
    assert sum(one.word is Word.REGRESSION for one, _, _ in seen) >= 0.9 * trials
    for one, at, share in seen:
        assert one.change.low <= one.change.estimate <= one.change.high
        assert one.change.estimate == pytest.approx(share, abs=0.06 * (1 + share))
        assert (one.before.name, one.at.name) == (f"{at - 1:010d}", f"{at:010d}")
    covered = sum(one.change.low <= share <= one.change.high for one, _, share in seen)
    assert covered >= 0.95 * len(seen)


def test_planted_drifts_are_called_so_and_no_commit_is_blamed() -> None:
    random = np.random.default_rng(12)
    seen, trials = [], 40
    for seed in range(trials):
        share = float(random.uniform(0.3, 2))
        found = confirmed(track_of(with_drift(quiet(seed, 80), share)))
        seen += [(one, share) for one in found if one.form is Form.DRIFT]

    assert len(seen) >= 0.95 * trials
    for one, share in seen:
        assert one.change.estimate == pytest.approx(share, abs=0.1 * (1 + share))
        assert "no single one of them" in sentence(one)


@settings(max_examples=30)
@given(seeds, st.sampled_from(sorted(NOISES)), st.floats(min_value=1e-6, max_value=1e6))
def test_the_unit_of_the_figures_changes_nothing(seed: int, noise: str, factor: float) -> None:
    values = with_step(quiet(seed, 40, noise), 20, 0.5)

    one = shape_of(values.tolist()).steps
    other = shape_of((values + math.log(factor)).tolist()).steps
    assert [step.at for step in one] == [step.at for step in other]


@settings(max_examples=60)
@given(st.lists(st.floats(min_value=-1e9, max_value=1e9), max_size=60))
def test_no_history_at_all_breaks_the_search_and_levels_are_never_short(
    values: list[float],
) -> None:
    steps = steps_in(values)
    edges = [0, *(step.at for step in steps), len(values)]

    assert all(end - start >= 3 for start, end in pairwise(edges) if steps)
    assert all(0 <= step.p_value <= 0.05 for step in steps)
    shape_of(values)


@given(
    st.lists(st.integers(min_value=-1_000, max_value=1_000), min_size=1, max_size=30),
    st.integers(min_value=-1_000, max_value=1_000),
)
def test_the_shift_of_a_moved_level_is_the_move(level: list[int], move: int) -> None:
    shift = shift_between(level, [value + move for value in level])

    assert shift.low <= shift.estimate <= shift.high
    assert shift.estimate == move


def test_the_interval_of_a_shift_covers_it_as_often_as_it_says() -> None:
    random = np.random.default_rng(1)
    shifts = [
        shift_between(random.standard_t(3, 12).tolist(), (random.standard_t(3, 9) + 2).tolist())
        for _ in range(300)
    ]

    assert sum(one.low <= 2 <= one.high for one in shifts) >= 0.97 * len(shifts)


def test_of_quiet_histories_of_any_noise_hardly_one_is_confirmed() -> None:
    counted = list(alarms(30, seed=7))
    ordinary = [one for one in counted if "alike" not in one.noise]

    assert sum(one.confirmed for one in counted) <= 0.01 * sum(one.histories for one in counted)
    assert sum(one.shown for one in ordinary) <= 0.1 * sum(one.histories for one in ordinary)


def test_a_regression_needs_points_after_it() -> None:
    track = track_of(with_step(quiet(1), 36, 0.5))
    (found,) = findings_in(track, Rule(points_after=5))

    assert found.word is Word.NOT_CONFIRMED
    assert "4 points at this level, wanted 5" in sentence(found)
    assert confirmed(track, Rule(points_after=4))


def test_a_regression_needs_a_size() -> None:
    track = track_of(with_step(quiet(2, 80) / 10, 40, 0.05))
    (found,) = findings_in(track, Rule())

    assert (found.word, found.why) == (Word.NOT_CONFIRMED, "below 10 %")
    assert confirmed(track, Rule().with_share(0.04))


def test_a_regression_that_is_gone_is_no_regression_any_more() -> None:
    values = with_step(with_step(quiet(3), 15, 0.5), 28, 1 / 1.5 - 1)
    first, second = findings_in(track_of(values), Rule())

    assert (first.word, first.why) == (Word.NOT_CONFIRMED, "gone since")
    assert second.word is Word.IMPROVEMENT


def test_growth_is_compared_in_bytes_and_may_be_nothing() -> None:
    random = np.random.default_rng(4)
    values = np.concatenate([random.normal(0, 0.3, 15), random.normal(8, 0.3, 15)])
    track = replace(track_of(values), metric=Metric.GROWTH, values=tuple(values.tolist()))
    (found,) = findings_in(track, Rule())

    assert found.word is Word.REGRESSION
    assert not found.is_share
    assert found.change.estimate == pytest.approx(8, abs=0.5)
    assert "B an iteration" in sentence(found)


def test_figures_of_two_machines_or_conditions_are_never_in_one_track() -> None:
    other = Machine(facts={"cpu": "another"})
    runs = [
        *(run(k, value=1.0) for k in range(10)),
        *(run(k, value=9.0, machine=other) for k in range(10, 20)),
        *(run(k, value=5.0, condition="rough") for k in range(20, 30)),
    ]
    tracks = tracks_of(runs)

    assert [len(track.points) for track in tracks] == [10] * 3
    assert [findings_in(track, Rule()) for track in tracks] == [()] * 3
    assert "none is compared with another's" in summary(tracks, [], Rule())[-1]


def test_runs_of_one_commit_are_one_point_and_a_dirty_tree_is_its_own() -> None:
    commit = run(1).commit
    assert commit is not None
    dirty = replace(commit, is_dirty=True)
    runs = [
        run(1, value=1.0, source="a"),
        run(2, value=3.0, source="b", commit=commit),
        run(3, value=9.0, source="c", commit=dirty),
        run(4, value=8.0, source="d", commit=None),
    ]
    (track,) = tracks_of(runs)

    assert list(zip(track.values, track.runs, strict=True)) == [(2.0, 2), (9.0, 1), (8.0, 1)]
    assert track.points[1].name.endswith("with changes")


def test_what_else_changed_is_named_beside_the_commit() -> None:
    runs = [
        run(k, value=1.0 if k < 12 else 2.0, versions={"memray": "1" if k < 12 else "2"})
        for k in range(24)
    ]
    elsewhere = [run(k, machine=Machine(facts={"z": "z"}), versions={}) for k in range(24)]
    tracks = tracks_of([*runs, *elsewhere])
    (found,) = (one for track in tracks for one in findings_in(track, Rule()))

    assert found.word is Word.REGRESSION
    assert "at the same time: memray 1 to 2" in sentence(found)


def test_what_is_older_than_a_commit_no_longer_counts() -> None:
    runs = [run(k, value=1.0 if k < 12 else 2.0) for k in range(24)]
    (found,) = findings_in(tracks_of(runs)[0], Rule())
    ids = [one.commit.id for one in runs if one.commit]

    assert only_since([found], time_of(ids[11], runs))[0].word is Word.REGRESSION
    assert only_since([found], time_of(ids[12], runs))[0].word is Word.NOT_CONFIRMED
    with pytest.raises(HistoryError, match="--since: found 'beef', wanted"):
        time_of("beef", runs)
