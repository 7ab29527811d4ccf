"""What must hold for every series, and not for the examples alone."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.analysis.decision import is_sure, judge
from leakcheck.analysis.fit import fit_growth
from leakcheck.model.measurement import Ending, Measurement, Probes
from leakcheck.model.plan import Thresholds
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Growth, Verdict
from tests.unit.traces import ALL_PROBES, added, heap, noise, ramp, site, site_table

DEFAULT = Thresholds()
FIXED = settings(max_examples=40, derandomize=True, deadline=None, database=None)
SEEDS = st.integers(0, 10**6)
LENGTHS = st.integers(40, 5000)
AMPLITUDES = st.integers(0, 5000)


def moved(measurement: Measurement, by: int, factor: int = 1) -> Measurement:
    series = {
        signal: replace(one, values=tuple(factor * value + by for value in one.values))
        for signal, one in measurement.series.items()
    }
    return replace(measurement, series=series)


def rate(measurement: Measurement) -> Growth | None:
    return judge(measurement, DEFAULT).growth


@FIXED
@given(SEEDS, LENGTHS, AMPLITUDES, st.integers(0, 2000), st.integers(0, 10**9))
def test_adding_a_constant_changes_nothing(
    seed: int, length: int, amplitude: int, leak: int, constant: int
) -> None:
    run = heap(length, added(ramp(leak), noise(seed, amplitude)))
    there, here = judge(moved(run, constant), DEFAULT), judge(run, DEFAULT)
    assert there.verdict is here.verdict
    assert there.growth == here.growth or (
        there.growth is not None
        and here.growth is not None
        and there.growth.estimate == pytest.approx(here.growth.estimate)
    )


@FIXED
@given(SEEDS, st.integers(500, 5000), st.integers(500, 5000), st.integers(1, 6))
def test_scaling_by_a_power_of_two_scales_the_growth(
    seed: int, length: int, amplitude: int, power: int
) -> None:
    factor = 2**power
    series = heap(length, added(ramp(64), noise(seed, amplitude))).series[Signal.HEAP]
    scaled = replace(series, values=tuple(factor * value for value in series.values))
    one, other = fit_growth(series, length), fit_growth(scaled, length)
    assert one is not None
    assert other is not None
    assert other.rate.estimate == pytest.approx(factor * one.rate.estimate)
    assert other.rate.half_width == pytest.approx(factor * one.rate.half_width)


@FIXED
@given(SEEDS, LENGTHS, st.integers(1, 4000))
def test_a_leak_of_k_bytes_adds_k_to_the_estimate(seed: int, length: int, leak: int) -> None:
    quiet = noise(seed, 8)
    before, after = rate(heap(length, quiet)), rate(heap(length, added(ramp(leak), quiet)))
    assert before is not None
    assert after is not None
    slack = 2 * (before.high - before.low) + 0.01 * leak
    assert after.estimate - before.estimate == pytest.approx(leak, abs=slack)


@FIXED
@given(SEEDS, LENGTHS, AMPLITUDES, st.sampled_from(Ending))
def test_noise_about_a_constant_is_never_a_leak(
    seed: int, length: int, amplitude: int, ending: Ending
) -> None:
    judgement = judge(heap(length, noise(seed, amplitude), ending=ending), DEFAULT)
    assert judgement.verdict is not Verdict.LEAK


@FIXED
@given(SEEDS, st.integers(2000, 9000), AMPLITUDES, st.integers(16, 4000))
def test_a_steady_leak_is_never_clean(seed: int, length: int, amplitude: int, leak: int) -> None:
    run = heap(length, added(ramp(leak), noise(seed, amplitude)))
    assert judge(run, DEFAULT).verdict is not Verdict.CLEAN


@st.composite
def any_series(draw: st.DrawFn, signal: Signal) -> Series:
    places = draw(st.lists(st.integers(0, 30_000), max_size=60, unique=True))
    values = draw(
        st.lists(st.integers(0, 2**50), min_size=len(places), max_size=len(places))
        | st.just([7] * len(places))
    )
    return Series.of(signal, zip(sorted(places), values, strict=True))


@st.composite
def any_measurement(draw: st.DrawFn) -> Measurement:
    signals = draw(st.sets(st.sampled_from(Signal)))
    length = draw(st.integers(0, 30_000))
    marks = draw(st.integers(1, 40))
    table = site_table(length, site(1, ramp(0.5), 9, length, marks=marks), marks=marks)
    return Measurement(
        series={signal: draw(any_series(signal)) for signal in signals},
        iterations=length,
        ending=draw(st.sampled_from(Ending)),
        probes=draw(st.sampled_from([ALL_PROBES, Probes()])),
        gc_enabled=draw(st.booleans()),
        collectable_bytes=draw(st.integers(0, 2**40)),
        sites=draw(st.sampled_from([None, table])),
    )


@settings(FIXED, max_examples=200)
@given(any_measurement())
def test_any_measurement_has_a_judgement(measurement: Measurement) -> None:
    judgement = judge(measurement, DEFAULT)
    assert judgement.reason
    assert isinstance(is_sure(judgement), bool)
    assert judgement.iterations == measurement.iterations
    for trend in judgement.trends.values():
        assert trend.growth.low <= trend.growth.estimate <= trend.growth.high
        assert trend.why
