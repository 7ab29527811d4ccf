"""The study of watching: what it counts, and that what is committed can be read."""

import random

from bench.watching.record_service import requests_at
from bench.watching.recorded import HERE, RECORDED, recorded
from bench.watching.rules import RULES, Slope
from bench.watching.scenes import LIMIT, readings, scenes
from bench.watching.study import Extent, Score, changes
from bench.watching.table import right, table
from leakcheck.watch.reading import Reading


def test_a_score_tells_false_alarms_detections_and_false_cleans() -> None:
    clean, late = Score("clean", None), Score("late", 10.0)
    clean.add([(0.0, "INCONCLUSIVE"), (5.0, "LEAK"), (6.0, "CLEAN")])
    late.add([(0.0, "CLEAN"), (5.0, "LEAK"), (12.0, "CLEAN"), (14.0, "LEAK")])
    late.add([(0.0, "INCONCLUSIVE")])

    assert (clean.early, clean.runs, clean.ends) == (1, 1, ["CLEAN"])
    assert (late.early, late.hours, late.false_clean, late.runs) == (1, [4.0], 1, 2)


def test_a_table_has_a_row_for_each_kind_and_says_who_was_right() -> None:
    good = [Score("flat", None), Score("leak", 0.0)]
    good[0].add([(0.0, "CLEAN")])
    good[1].add([(30.0, "LEAK")])
    bad = [Score("flat", None), Score("leak", 0.0)]
    bad[0].add([(0.0, "LEAK")])
    bad[1].add([(0.0, "INCONCLUSIVE")])
    text = table({"watch": good, "naive": bad}, Extent(), date="2026-11-28", command="x")

    assert "| flat | 0 of 1 | 1 of 1 | 1 CLEAN |" in text
    assert "| leak | 1 of 1, 1.2 d | 0 of 1 |" in text
    assert right({"watch": good})
    assert not right({"watch": bad})


def test_a_rule_of_operators_takes_a_morning_for_a_leak() -> None:
    daily = next(scene for scene in scenes() if scene.name == "strong daily cycle")
    made = daily.make(random.Random(1))  # noqa: S311 -- a simulation
    rule = Slope(LIMIT)

    assert "LEAK" in {rule.hears(one) for one in readings(made, 1, days=1, interval_s=600)}


def test_each_rule_hears_a_flat_process_without_an_alarm() -> None:
    for make in RULES.values():
        rule = make(LIMIT)
        said = {rule.hears(Reading(at_s=600.0 * n, memory_bytes=1 << 20)) for n in range(200)}
        assert "LEAK" not in said


def test_what_was_recorded_is_small_and_readable() -> None:
    assert sum(file.stat().st_size for file in HERE.iterdir()) < 200_000
    for recording in RECORDED:
        times = [one.at_s for one in recorded(recording)]
        assert times == sorted(times)
        assert times[-1] - times[0] > 9 * 86_400


def test_changes_keep_the_first_and_the_last_word() -> None:
    assert changes(iter([(0.0, "a")])) == [(0.0, "a")]
    assert changes(iter([])) == []


def test_more_is_asked_by_day_than_at_night() -> None:
    assert requests_at(240) > requests_at(120) > requests_at(0) >= 1
