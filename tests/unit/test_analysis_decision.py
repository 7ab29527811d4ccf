"""The verdict on scripted runs: each is a thing that real workloads do."""

import math
from dataclasses import replace

import pytest

from leakcheck.analysis.decision import is_sure, judge
from leakcheck.analysis.evidence import chunk_bytes
from leakcheck.model.measurement import Ending, Measurement, Probes
from leakcheck.model.plan import Thresholds
from leakcheck.model.signals import PROVEN_SIGNALS, Signal
from leakcheck.model.sites import SiteTable
from leakcheck.model.verdict import Diagnosis, Verdict
from tests.unit.traces import (
    Curve,
    added,
    filling,
    heap,
    measured,
    noise,
    over_allocated_list,
    page_walk,
    ramp,
    site,
    site_table,
    still,
)

DEFAULT = Thresholds()
LONG = (2000, 2400, 4000, 8000, 20_000)


def verdict(measurement: Measurement, thresholds: Thresholds = DEFAULT) -> Verdict:
    return judge(measurement, thresholds).verdict


def sawtooth(period: int, height: float) -> Curve:
    return lambda n: height * (n % period) / period


def logarithm(n: int) -> float:
    return 1e5 * math.log(n + 1)


def root(n: int) -> float:
    return 1e4 * math.sqrt(n)


def one_site(size: int) -> SiteTable:
    return site_table(2000, site(42, ramp(1), size, 2000))


class TestHeap:
    @pytest.mark.parametrize("iterations", LONG)
    def test_a_constant_heap_is_clean_and_says_below_what(self, iterations: int) -> None:
        judgement = judge(heap(iterations, still), DEFAULT)
        assert judgement.verdict is Verdict.CLEAN
        assert judgement.smallest_detectable_bytes_per_iteration is not None
        assert 0 < judgement.smallest_detectable_bytes_per_iteration < 4
        assert judgement.sites == ()
        assert judgement.growth is not None
        assert judgement.growth.low <= 0 <= judgement.growth.high

    @pytest.mark.parametrize("iterations", LONG)
    @pytest.mark.parametrize("rate", [5, 16, 1024])
    def test_an_exact_leak_is_found_with_its_rate(self, iterations: int, rate: int) -> None:
        judgement = judge(heap(iterations, ramp(rate)), DEFAULT)
        assert judgement.verdict is Verdict.LEAK
        assert judgement.growth is not None
        assert judgement.growth.low <= rate <= judgement.growth.high
        assert judgement.growth.high - judgement.growth.low < 0.1

    def test_growth_below_the_threshold_is_clean(self) -> None:
        assert verdict(heap(4000, ramp(16)), Thresholds(bytes_per_iteration=64)) is Verdict.CLEAN
        assert verdict(heap(4000, ramp(128)), Thresholds(bytes_per_iteration=64)) is Verdict.LEAK

    @pytest.mark.parametrize("iterations", [4000, 16_000])
    def test_a_leak_shows_under_a_sawtooth(self, iterations: int) -> None:
        curve = added(ramp(64), sawtooth(50, 10_000))
        assert verdict(heap(iterations, curve)) is Verdict.LEAK

    @pytest.mark.parametrize("seed", range(5))
    def test_a_leak_shows_under_random_temporaries(self, seed: int) -> None:
        assert verdict(heap(8000, added(ramp(64), noise(seed, 465)))) is Verdict.LEAK

    @pytest.mark.parametrize("seed", range(5))
    @pytest.mark.parametrize("iterations", [300, 2000, 8000, 20_000])
    def test_noise_is_never_a_leak_and_clean_in_the_end(self, seed: int, iterations: int) -> None:
        found = verdict(heap(iterations, noise(seed, 465)))
        assert found is not Verdict.LEAK
        assert found is Verdict.CLEAN or iterations < 20_000

    @pytest.mark.parametrize("iterations", [500, 1000, 2000, 4000, 20_000])
    def test_a_warm_up_that_levels_off_is_no_leak(self, iterations: int) -> None:
        curve = heap(iterations, lambda n: 10**6 * (1 - math.exp(-n / 300)))
        judgement = judge(curve, DEFAULT)
        assert judgement.verdict is (Verdict.CLEAN if iterations >= 4000 else Verdict.INCONCLUSIVE)
        assert Diagnosis.STILL_FILLING in judgement.diagnosis or iterations >= 4000

    @pytest.mark.parametrize("iterations", [300, 2000, 4000, 20_000])
    @pytest.mark.parametrize("curve", [logarithm, root])
    def test_growth_that_always_slows_down_is_no_leak(self, iterations: int, curve: Curve) -> None:
        judgement = judge(heap(iterations, curve), DEFAULT)
        assert judgement.verdict is Verdict.INCONCLUSIVE
        assert judgement.diagnosis == (Diagnosis.STILL_FILLING,)
        assert "slowing" in judgement.reason

    @pytest.mark.parametrize("full", [128, 1024, 4096])
    def test_a_cache_is_clean_once_it_has_been_full_for_long(self, full: int) -> None:
        assert verdict(heap(20_000, filling(100, full))) is Verdict.CLEAN
        assert verdict(heap(2 * full, filling(100, full))) is not Verdict.LEAK

    @pytest.mark.parametrize("iterations", [2000, 4000, 8000, 20_000])
    def test_one_step_is_clean_once_another_would_have_come(self, iterations: int) -> None:
        found = verdict(heap(iterations, lambda n: 100_000 * (n > 1500)))
        assert found is (Verdict.INCONCLUSIVE if iterations < 6000 else Verdict.CLEAN)

    @pytest.mark.parametrize("iterations", [2000, 4000, 20_000])
    def test_a_list_that_over_allocates_is_a_leak(self, iterations: int) -> None:
        assert verdict(heap(iterations, over_allocated_list)) is Verdict.LEAK
        grown = added(over_allocated_list, ramp(56))
        assert verdict(heap(iterations, grown)) is Verdict.LEAK

    @pytest.mark.parametrize("iterations", [500, 2000, 4000])
    def test_ten_kilobytes_every_hundredth_iteration_are_never_clean(self, iterations: int) -> None:
        assert verdict(heap(iterations, lambda n: 10_000 * (n // 100))) is not Verdict.CLEAN

    def test_ten_kilobytes_every_hundredth_iteration_are_a_leak_in_the_end(self) -> None:
        judgement = judge(heap(16_000, lambda n: 10_000 * (n // 100)), DEFAULT)
        assert judgement.verdict is Verdict.LEAK
        assert judgement.growth is not None
        assert judgement.growth.low < 100 < judgement.growth.high


class TestShortRuns:
    @pytest.mark.parametrize("iterations", [8, 9, 17, 40, 500])
    def test_four_megabytes_an_iteration_are_a_leak_at_the_memory_limit(
        self, iterations: int
    ) -> None:
        run = heap(iterations, ramp(4 << 20), ending=Ending.MEMORY_LIMIT)
        judgement = judge(run, DEFAULT)
        assert judgement.verdict is Verdict.LEAK
        assert is_sure(judgement)

    def test_memory_that_only_rss_shows_is_a_leak_at_the_memory_limit(self) -> None:
        run = measured(40, {Signal.RSS: ramp(4 << 20)}, ending=Ending.MEMORY_LIMIT)
        judgement = judge(run, DEFAULT)
        assert judgement.verdict is Verdict.LEAK
        assert judgement.diagnosis == (Diagnosis.OUTSIDE_MALLOC,)

    def test_a_fill_that_slows_down_is_no_leak_at_the_memory_limit(self) -> None:
        curve = heap(40, lambda n: 2**29 * (1 - math.exp(-n / 12)), ending=Ending.MEMORY_LIMIT)
        judgement = judge(curve, DEFAULT)
        assert judgement.verdict is Verdict.INCONCLUSIVE
        assert "--memory-limit" in judgement.reason

    def test_a_flat_run_at_the_memory_limit_is_not_clean(self) -> None:
        run = heap(4000, still, ending=Ending.MEMORY_LIMIT)
        assert verdict(run) is Verdict.INCONCLUSIVE

    @pytest.mark.parametrize("iterations", [37, 60, 300, 1999])
    def test_a_flat_run_is_clean_early_only_at_the_time_limit(self, iterations: int) -> None:
        assert verdict(heap(iterations, still, ending=Ending.TIME_LIMIT)) is Verdict.CLEAN
        judgement = judge(heap(iterations, still), DEFAULT)
        assert judgement.verdict is Verdict.INCONCLUSIVE
        assert "CLEAN needs 2,000: raise --iterations" in judgement.reason

    def test_a_capture_that_was_full_too_early_is_said_and_how_to_do_without(self) -> None:
        judgement = judge(heap(774, still, ending=Ending.CAPTURE_LIMIT), DEFAULT)
        assert judgement.verdict is Verdict.INCONCLUSIVE
        assert "774 iterations, CLEAN needs 2,000: the capture was full" in judgement.reason
        assert "--profiler none" in judgement.reason

    def test_an_exact_leak_is_known_after_three_hundred_iterations_yet_not_sure(self) -> None:
        judgement = judge(heap(300, ramp(100), ending=Ending.TIME_LIMIT), DEFAULT)
        assert judgement.verdict is Verdict.LEAK
        assert not is_sure(judgement)

    @pytest.mark.parametrize("full", [20, 128])
    @pytest.mark.parametrize("iterations", [40, 100, 200])
    def test_a_small_container_that_fills_is_no_early_leak(
        self, full: int, iterations: int
    ) -> None:
        run = heap(iterations, filling(1000, full), ending=Ending.TIME_LIMIT)
        assert verdict(run) is not Verdict.LEAK

    @pytest.mark.parametrize("iterations", range(1, 16))
    def test_a_handful_of_iterations_decides_nothing(self, iterations: int) -> None:
        judgement = judge(heap(iterations, ramp(100), ending=Ending.TIME_LIMIT), DEFAULT)
        assert judgement.verdict is Verdict.INCONCLUSIVE
        assert "raise --time-limit" in judgement.reason

    def test_a_leak_is_sure_once_the_usual_containers_would_be_full(self) -> None:
        assert not is_sure(judge(heap(4000, ramp(100)), DEFAULT))
        assert is_sure(judge(heap(8000, ramp(100)), DEFAULT))


class TestResidentMemory:
    @pytest.mark.parametrize("iterations", [2000, 4000, 20_000])
    def test_rss_that_wanders_is_no_leak_and_mostly_clean(self, iterations: int) -> None:
        curves = (page_walk(seed, iterations) for seed in range(20))
        found = [verdict(measured(iterations, {Signal.RSS: curve})) for curve in curves]
        assert Verdict.LEAK not in found
        assert found.count(Verdict.CLEAN) >= 18

    def test_rss_that_grows_alone_is_outside_malloc(self) -> None:
        judgement = judge(measured(4000, {Signal.RSS: lambda n: 4096 * (n // 10)}), DEFAULT)
        assert judgement.verdict is Verdict.LEAK
        assert judgement.diagnosis == (Diagnosis.OUTSIDE_MALLOC,)
        assert judgement.growth is not None
        assert judgement.growth.low < 409.6 < judgement.growth.high

    def test_rss_that_grows_slowly_but_steadily_is_not_clean(self) -> None:
        run = measured(2000, {Signal.RSS: lambda n: 4096 * (n // 100)})
        assert verdict(run) is Verdict.INCONCLUSIVE

    def test_rss_that_grows_with_the_heap_is_the_heaps_leak(self) -> None:
        curves = {Signal.HEAP: ramp(1000), Signal.RSS: lambda n: 1000 * n // 4096 * 4096}
        judgement = judge(measured(4000, curves), DEFAULT)
        assert judgement.verdict is Verdict.LEAK
        assert Diagnosis.OUTSIDE_MALLOC not in judgement.diagnosis

    @pytest.mark.parametrize("mapped", [8_192, 65_536, 23 << 20])
    def test_of_memory_that_leaks_inside_and_outside_malloc_the_larger_part_is_told(
        self, mapped: int
    ) -> None:
        curves = {Signal.RSS: ramp(mapped), Signal.HEAP: ramp(120)}
        judgement = judge(measured(2000, curves, sites=one_site(mapped)), DEFAULT)
        assert judgement.verdict is Verdict.LEAK
        assert judgement.growth is not None
        assert judgement.growth.estimate == pytest.approx(mapped, rel=0.01)
        assert judgement.diagnosis == (Diagnosis.OUTSIDE_MALLOC, Diagnosis.PYTHON_OBJECTS)
        assert judgement.reason.startswith("resident memory grows by ")
        assert "; heap in use grows by 120 B " in judgement.reason

    def test_processes_that_are_left_behind_are_of_what_is_told(self) -> None:
        curves = {Signal.RSS: ramp(23 << 20), Signal.HEAP: ramp(1_500), Signal.CHILDREN: ramp(1)}
        judgement = judge(measured(2000, curves, sites=one_site(1_400)), DEFAULT)
        assert judgement.growth is not None
        assert judgement.growth.estimate == pytest.approx(23 << 20, rel=0.01)

    def test_pages_between_what_leaks_are_not_told_as_what_leaks(self) -> None:
        curves = {Signal.RSS: ramp(8_192), Signal.HEAP: ramp(216)}
        judgement = judge(measured(2000, curves, sites=one_site(192)), DEFAULT)
        assert judgement.diagnosis == (Diagnosis.PYTHON_OBJECTS,)
        assert judgement.growth is not None
        assert judgement.growth.estimate == pytest.approx(216, rel=0.01)

    def test_the_stacks_of_threads_that_leak_are_told_of_as_threads(self) -> None:
        curves = {Signal.RSS: ramp(12_288), Signal.HEAP: ramp(4_000), Signal.THREADS: ramp(1)}
        judgement = judge(measured(2000, curves, sites=one_site(3_900)), DEFAULT)
        assert judgement.diagnosis == (Diagnosis.PYTHON_OBJECTS, Diagnosis.THREADS)
        assert judgement.growth is not None
        assert judgement.growth.estimate == pytest.approx(4_000, rel=0.01)


class TestCounts:
    @pytest.mark.parametrize("signal", [Signal.DESCRIPTORS, Signal.THREADS, Signal.TASKS])
    @pytest.mark.parametrize("every", [1, 10, 100, 300])
    def test_one_more_every_so_often_is_a_leak(self, signal: Signal, every: int) -> None:
        judgement = judge(measured(2000, {signal: lambda n: n // every}), DEFAULT)
        assert judgement.verdict is Verdict.LEAK
        assert judgement.diagnosis == (Diagnosis(signal.value),)
        assert judgement.growth is None
        growth = judgement.trends[signal].growth
        assert growth.low <= 1 / every <= growth.high

    def test_child_processes_that_pile_up_are_a_leak(self) -> None:
        judgement = judge(measured(2000, {Signal.CHILDREN: lambda n: n // 10}), DEFAULT)
        assert judgement.verdict is Verdict.LEAK
        assert "child processes" in judgement.reason

    @pytest.mark.parametrize("iterations", LONG)
    def test_descriptors_that_swing_are_clean(self, iterations: int) -> None:
        run = measured(iterations, {Signal.DESCRIPTORS: lambda n: n % 30})
        assert verdict(run) is Verdict.CLEAN

    @pytest.mark.parametrize("iterations", LONG)
    def test_a_pool_that_opens_late_is_clean(self, iterations: int) -> None:
        run = measured(iterations, {Signal.DESCRIPTORS: lambda n: 5 * (n >= 100)})
        assert verdict(run) is Verdict.CLEAN

    def test_more_gc_objects_alone_prove_nothing(self) -> None:
        assert verdict(measured(4000, {Signal.GC_OBJECTS: ramp(1)})) is Verdict.CLEAN


class TestWhatForbidsClean:
    def test_a_failed_run_is_an_error_with_its_failure(self) -> None:
        run = replace(heap(4000, still), ending=Ending.FAILED, failure="raised KeyError: 'a'")
        judgement = judge(run, DEFAULT)
        assert (judgement.verdict, judgement.reason) == (Verdict.ERROR, "raised KeyError: 'a'")

    @pytest.mark.parametrize("ending", [one for one in Ending if one is not Ending.FAILED])
    def test_no_iterations_are_an_error(self, ending: Ending) -> None:
        judgement = judge(replace(heap(1, still), iterations=0, ending=ending), DEFAULT)
        assert judgement.verdict is Verdict.ERROR
        assert "measured nothing" in judgement.reason

    @pytest.mark.parametrize("signal", PROVEN_SIGNALS)
    def test_a_probe_that_misses_its_own_forbids_clean(self, signal: Signal) -> None:
        seen = Probes(verified=tuple(one for one in PROVEN_SIGNALS if one is not signal))
        judgement = judge(measured(4000, probes=seen), DEFAULT)
        assert judgement.verdict is Verdict.INCONCLUSIVE
        assert "cannot read" in judgement.reason

    def test_a_stopped_capture_forbids_clean(self) -> None:
        judgement = judge(replace(heap(4000, still), capture_stopped="disk full"), DEFAULT)
        assert judgement.verdict is Verdict.INCONCLUSIVE
        assert "disk full" in judgement.reason

    @pytest.mark.parametrize("signal", [Signal.HEAP, Signal.RSS])
    def test_a_signal_that_was_not_measured_forbids_clean(self, signal: Signal) -> None:
        run = measured(4000)
        series = {one: points for one, points in run.series.items() if one is not signal}
        assert verdict(replace(run, series=series)) is Verdict.INCONCLUSIVE

    def test_an_interrupted_run_is_judged_on_what_there_is(self) -> None:
        assert verdict(heap(4000, still, ending=Ending.INTERRUPTED)) is Verdict.CLEAN
        assert verdict(heap(900, still, ending=Ending.INTERRUPTED)) is Verdict.INCONCLUSIVE
        assert verdict(heap(4000, ramp(64), ending=Ending.INTERRUPTED)) is Verdict.LEAK


class TestDiagnosis:
    def test_growing_sites_make_it_python_objects(self) -> None:
        table = site_table(4000, site(12, ramp(1), 64, 4000), site(40, still, 64, 4000))
        judgement = judge(replace(heap(4000, ramp(80)), sites=table), DEFAULT)
        assert judgement.diagnosis == (Diagnosis.PYTHON_OBJECTS,)
        assert [one.line for one in judgement.sites] == [12]
        assert judgement.sites[0].objects_per_iteration == pytest.approx(1)

    def test_growing_gc_objects_make_it_python_objects(self) -> None:
        run = measured(4000, {Signal.HEAP: ramp(80), Signal.GC_OBJECTS: ramp(1)})
        assert judge(run, DEFAULT).diagnosis == (Diagnosis.PYTHON_OBJECTS,)

    def test_a_heap_that_no_site_explains_is_native(self) -> None:
        table = site_table(4000, site(12, still, 64, 4000))
        judgement = judge(replace(heap(4000, ramp(80)), sites=table), DEFAULT)
        assert judgement.diagnosis == (Diagnosis.NATIVE_HEAP,)

    def test_garbage_of_a_collector_turned_off_is_uncollected_cycles(self) -> None:
        run = replace(heap(4000, ramp(80)), gc_enabled=False, collectable_bytes=300_000)
        assert judge(run, DEFAULT).diagnosis == (Diagnosis.UNCOLLECTED_CYCLES,)

    def test_descriptors_that_grow_with_the_heap_are_both_named(self) -> None:
        curves = {Signal.HEAP: ramp(80), Signal.GC_OBJECTS: ramp(1), Signal.DESCRIPTORS: ramp(1)}
        judgement = judge(measured(4000, curves), DEFAULT)
        assert judgement.diagnosis == (Diagnosis.PYTHON_OBJECTS, Diagnosis.DESCRIPTORS)

    def test_rss_far_above_a_heap_that_creeps_is_fragmentation(self) -> None:
        curves = {Signal.HEAP: ramp(3.9), Signal.RSS: lambda n: 30 * n // 4096 * 4096}
        judgement = judge(measured(20_000, curves), DEFAULT)
        assert judgement.diagnosis == (Diagnosis.FRAGMENTATION,)


class TestSitesDecide:
    def test_a_smooth_site_proves_the_leak_that_noise_hides(self) -> None:
        table = site_table(4000, site(12, ramp(1), 64, 4000))
        noisy = heap(4000, added(ramp(80), noise(3, 200_000)))
        assert verdict(noisy) is Verdict.INCONCLUSIVE
        judgement = judge(replace(noisy, sites=table), DEFAULT)
        assert judgement.verdict is Verdict.LEAK
        assert "jobs.py:12" in judgement.reason
        assert judgement.growth is not None
        assert judgement.growth.low <= chunk_bytes(64) <= judgement.growth.high

    def test_a_site_that_the_heap_does_not_show_forbids_clean(self) -> None:
        table = site_table(4000, site(12, ramp(1), 64, 4000))
        assert verdict(replace(heap(4000, still), sites=table)) is Verdict.INCONCLUSIVE

    def test_a_site_that_rotates_leaves_clean_alone(self) -> None:
        table = site_table(4000, site(12, lambda n: min(n, 300) - n % 7, 64, 4000))
        assert verdict(replace(heap(4000, still), sites=table)) is Verdict.CLEAN
