"""The calibration study: that what it simulates is what it says, and that it counts right."""

from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from bench.calibration import clean, leaks
from bench.calibration.__main__ import main
from bench.calibration.comparing import words
from bench.calibration.plots import draw_all
from bench.calibration.recorded import Recorded, recorded_in, recordings, text_of
from bench.calibration.report import About, report, smallest_found, summary
from bench.calibration.scene import Kept, Make, Scene, keeping
from bench.calibration.study import CLEAN, QUICK, Case, Extent, Made, cases, make, make_all, tallies
from bench.calibration.tally import Outcome, Tally, clopper_pearson, together
from bench.calibration.trial import Process, Trial, run
from leakcheck.model.comparison import Word
from leakcheck.model.measurement import Ending
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Verdict

RANDOM = partial(Random, 1)
ABOUT = About(date="2026-11-23", version="0.1.0", command="here", elapsed_s=60)
FEW = Extent(
    clean_trials=1,
    leak_trials=1,
    recorded_trials=1,
    sensitive_trials=1,
    sizes=(2, 64),
    fine_sizes=(0.0, 64.0),
)


def made(part: str, kind: str, rate: float, verdict: Verdict) -> Made:
    outcome = Outcome(verdict=verdict, iterations=2000)
    return Made(case=Case(part, kind, rate, 0, 1), totals=outcome, sites=outcome)


# -- scenes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", clean.KINDS)
def test_a_clean_kind_has_curves_without_an_end_that_do_not_run_away(kind: str) -> None:
    scene = clean.KINDS[kind](RANDOM())
    process = Process(scene)
    process.sample_at(0)
    process.sample_at(4000)
    heap = process.measurement(Ending.ITERATIONS).series[Signal.HEAP]

    assert abs(heap.values[1] - heap.values[0]) < 20 << 20


@pytest.mark.parametrize("kind", leaks.KINDS)
def test_a_leak_grows_by_its_rate_in_the_long_run(kind: str) -> None:
    rate = 48
    scene = leaks.KINDS[kind](RANDOM(), rate)
    process = Process(replace(scene, noise=None))
    process.sample_at(0)
    process.sample_at(30_000)
    first, last = process.measurement(Ending.ITERATIONS).series[Signal.HEAP].values

    assert last - first == pytest.approx(30_000 * rate, rel=0.3)


def test_curves_of_two_scenes_in_one_process_add_up() -> None:
    one = Scene(noise=iter([1.0, 2.0]), kept=(Kept(objects=iter([0.0]), size_bytes=8),))
    both = one.over(Scene(noise=iter([10.0, 20.0]), rss_wander=iter([4096.0])))

    assert both.noise is not None
    assert list(both.noise) == [11.0, 22.0]
    assert len(both.kept) == 1
    assert both.rss_wander is not None


def test_the_call_sites_of_a_process_are_exact_and_its_noise_is_the_rest() -> None:
    scene = keeping((float(n // 10) for n in range(10_000)), 48).over(
        Scene(noise=iter([7.0] * 10_000))
    )
    process = Process(scene)
    for n in (0, 10, 1024, 2048):
        process.sample_at(n)
    table = process.table()

    assert table.marks == (0.0, 10.0, 1024.0, 2048.0)
    assert table.sites[0].live_objects == (0, 1, 102, 204)
    assert table.sites[0].live_bytes == (0, 48, 4896, 9792)
    assert table.remainder.live_bytes == (7, 7, 7, 7)


def test_a_census_tells_of_what_grew_since_the_one_before() -> None:
    process = Process(keeping((float(min(n, 1500)) for n in range(10_000)), 48, limit=1500))
    process.sample_at(1000)
    process.inspect()
    process.sample_at(1400)
    process.inspect()
    census = process.measurement(Ending.ITERATIONS).census

    assert census is not None
    assert (census.began, census.ended) == (1000, 1400)
    (one,) = census.containers
    assert (one.before, one.now, one.limits) == (1000, 1400, (1500,))


# -- trials ----------------------------------------------------------------------------------


def test_a_flat_process_is_clean_as_soon_as_clean_may_be_said() -> None:
    totals, sites = run(Scene(), Trial())
    assert (totals.verdict, sites.verdict) == (Verdict.CLEAN, Verdict.CLEAN)
    assert totals.iterations == sites.iterations == 2000


def test_a_plain_leak_is_found_with_its_site() -> None:
    totals, sites = run(leaks.steady(64, RANDOM()), Trial())
    assert (totals.verdict, sites.verdict) == (Verdict.LEAK, Verdict.LEAK)
    assert totals.growth is not None
    assert totals.growth.low <= 64 <= totals.growth.high
    assert [site.file for site in sites.sites] == ["scene.py"]


def test_an_exact_trial_goes_on_to_its_end() -> None:
    totals, _ = run(Scene(), Trial(iterations=3000, exact=True))
    assert totals.iterations == 3000


def test_the_same_case_comes_to_the_same_again() -> None:
    case = Case(CLEAN, "cache with expiry", 0.0, 3, 7)
    assert make(case) == make(case)


# -- recordings ------------------------------------------------------------------------------


def test_a_recording_survives_its_file(tmp_path: Path) -> None:
    recorded = Recorded(
        workload="a.b:c",
        python="3.11.7",
        heap_bytes=(1600, 1632, 1600, 1600),
        rss_bytes=(8192, 8192, 12288, 12288),
    )
    (tmp_path / "c.json").write_text(text_of(recorded), encoding="utf-8")

    assert recorded_in(tmp_path / "c.json") == recorded
    assert recorded.name == "c"
    assert recorded.iterations == 3


def test_a_recorded_scene_begins_where_it_is_told_to() -> None:
    recorded = recordings()[0]
    scene = recorded.scene(100)

    assert scene.noise is not None
    assert list(islice(scene.noise, 5)) == [
        value - recorded.heap_bytes[100] for value in recorded.heap_bytes[100:105]
    ]


def test_every_recording_is_long_enough_for_the_study() -> None:
    assert len(recordings()) >= 10
    assert min(one.iterations for one in recordings()) >= 8000


# -- counting --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "trials", "low", "high"),
    [(0, 59, 0.0, 0.0495), (59, 59, 0.9505, 1.0), (5, 10, 0.2224, 0.7776), (0, 0, 0.0, 1.0)],
)
def test_bounds_on_a_share_are_exact(found: int, trials: int, low: float, high: float) -> None:
    assert clopper_pearson(found, trials) == pytest.approx((low, high), abs=1e-4)


def test_the_smallest_leak_found_is_that_from_which_on_all_are() -> None:
    found = Tally(outcomes=(Outcome(verdict=Verdict.LEAK, iterations=1),))
    missed = Tally(outcomes=(Outcome(verdict=Verdict.INCONCLUSIVE, iterations=1),))

    assert smallest_found({0.0: missed, 2.0: found, 4.0: missed, 8.0: found, 16.0: found}) == 8.0
    assert smallest_found({2.0: found, 4.0: missed}) is None


def test_tallies_are_of_one_part_a_kind_and_a_rate_each() -> None:
    all_made = [
        made("leaks", "steady", 8.0, Verdict.LEAK),
        made("leaks", "steady", 8.0, Verdict.CLEAN),
        made("leaks", "steady", 16.0, Verdict.LEAK),
        made("clean", "flat", 0.0, Verdict.CLEAN),
    ]
    grid = tallies(all_made, "leaks", sites=True)

    assert list(grid) == [("steady", 8.0), ("steady", 16.0)]
    assert grid["steady", 8.0].share(Verdict.LEAK) == 0.5
    assert together(grid.values()).number(Verdict.LEAK) == 2
    assert "CLEAN in spite of a leak above the threshold: 1 of 3" in summary(all_made)


def test_a_study_broken_off_has_tried_all_kinds_about_as_often() -> None:
    wanted = list(cases(QUICK))
    half = wanted[: len(wanted) // 2]
    share = {part: sum(case.part == part for case in half) for part in ("clean", "leaks")}

    for part, number in share.items():
        assert number == pytest.approx(sum(case.part == part for case in wanted) / 2, rel=0.1)


# -- the whole -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small_study() -> tuple[Made, ...]:
    wanted = [case for case in cases(FEW) if case.kind in {"flat", "steady", "queue"}]
    return make_all(wanted, 1, lambda _: False)


def test_the_report_tells_of_every_part(small_study: tuple[Made, ...]) -> None:
    text = report(small_study, FEW, ABOUT)

    assert text.startswith("# Calibration, 2026-11-23\n")
    assert "| flat | 1 | 100.0% | 0.0% |" in text
    assert "| steady | 0% / 0% | 100% / 100% |" in text
    assert "| recorded: queue | 1 |" in text
    assert "| **all** | 100.0% / 100.0% |" in text


def test_the_plots_are_the_same_for_the_same_study(
    small_study: tuple[Made, ...], tmp_path: Path
) -> None:
    first, second = draw_all(small_study, tmp_path / "a"), draw_all(small_study, tmp_path / "b")

    assert [file.name for file in first] == [
        "verdicts.svg",
        "power.svg",
        "iterations.svg",
        "sensitivity.svg",
    ]
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


def test_the_command_writes_its_report_when_its_time_is_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["--quick", "--minutes", "0", "--docs", str(tmp_path), "--date", "2026-11-23"])

    assert code == 0
    assert (tmp_path / "calibration-2026-11-23.md").exists()
    assert (tmp_path / "calibration" / "power.svg").exists()
    assert capsys.readouterr().out.startswith("false alarms on simulated clean processes: 0 of ")


def test_of_two_simulated_runs_the_one_that_leaks_more_is_told() -> None:
    def leaking(rate: float) -> Make:
        return lambda rng: leaks.steady(rate, rng)

    assert words(leaking(64), leaking(64), pairs=2) == {Word.SAME: 2}
    assert words(leaking(64), leaking(128), pairs=2) == {Word.WORSE: 2}
    assert words(leaking(64), leaking(32), pairs=2) == {Word.BETTER: 2}
