"""What holds for every verdict: under shifts, scales, added leaks, noise and longer runs."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from leakcheck.analysis.decision import is_sure, judge, next_look
from leakcheck.analysis.finding import find
from leakcheck.analysis.fit import fit_growth
from leakcheck.analysis.looks import CONFIDENCE
from leakcheck.model.measurement import Ending, Measurement
from leakcheck.model.plan import Thresholds
from leakcheck.model.signals import COUNT_SIGNALS, Signal
from leakcheck.model.verdict import Judgement, Verdict
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
    still,
)

pytestmark = pytest.mark.slow  # statistics: the same on every interpreter

DEFAULT = Thresholds()
EXAMPLES = int(os.environ.get("VERDICT_EXAMPLES", "40"))
FIXED = settings(max_examples=EXAMPLES, derandomize=True, deadline=None, database=None)
seeds = st.integers(0, 10**6)
lengths = st.integers(500, 9000)


# -- processes -------------------------------------------------------------------------------


def sawtooth(period: int, height: int) -> Curve:
    return lambda n: height * (n % period)


def in_steps(rate: float, every: int) -> Curve:
    return lambda n: rate * every * (n // every)


def fading(size: int, scale: int) -> Curve:
    return lambda n: size * n // (n + scale)


noises = st.builds(noise, seeds, st.sampled_from([0, 8, 100, 500, 4000]))
clean_curves = st.one_of(
    st.just(still),
    st.builds(sawtooth, st.integers(2, 400), st.integers(1, 500)),
    st.builds(filling, st.integers(16, 1024), st.integers(1, 1000)),
    st.builds(fading, st.integers(100, 10**6), st.integers(5, 300)),
)
leak_rates = st.integers(16, 4096)
leaks = st.one_of(
    st.builds(ramp, leak_rates),
    st.builds(in_steps, leak_rates, st.sampled_from([2, 10, 100, 256])),
    st.builds(lambda k: lambda n: k * over_allocated_list(n), st.integers(2, 64)),
)
processes = st.builds(added, clean_curves | leaks, noises)


def moved(measurement: Measurement, by: int) -> Measurement:
    series = {
        signal: replace(one, values=tuple(value + by for value in one.values))
        for signal, one in measurement.series.items()
    }
    return replace(measurement, series=series)


def same(one: float | None, other: float | None) -> bool:
    return one == other or (
        one is not None and other is not None and one == pytest.approx(other, rel=1e-6, abs=1e-6)
    )


def looks_until(most: int) -> Iterator[int]:
    look = 0
    while look < most:
        look = min(next_look(look), most)
        yield look


def judged_at_looks(curve: Curve, most: int) -> list[Judgement]:
    """Return what an adaptive run of at most so many iterations would judge, look by look."""
    return [judge(heap(look, curve), DEFAULT) for look in looks_until(most)]


# -- a constant ------------------------------------------------------------------------------


@FIXED
@given(processes, lengths, st.integers(1, 10**12), st.sampled_from(list(Ending)))
def test_a_constant_in_every_signal_changes_nothing_that_is_said(
    curve: Curve, length: int, constant: int, ending: Ending
) -> None:
    run = measured(length, {Signal.HEAP: curve, Signal.RSS: page_walk(1, length)}, ending=ending)
    here, there = judge(run, DEFAULT), judge(moved(run, constant), DEFAULT)

    assert (there.verdict, there.diagnosis) == (here.verdict, here.diagnosis)
    assert there.warm_up_iterations == here.warm_up_iterations
    assert set(there.trends) == set(here.trends)
    for signal, trend in here.trends.items():
        assert there.trends[signal].verdict is trend.verdict
        assert same(there.trends[signal].growth.low, trend.growth.low)
        assert same(there.trends[signal].growth.high, trend.growth.high)
        assert same(there.trends[signal].persisting, trend.persisting)


# -- a scale ---------------------------------------------------------------------------------


@FIXED
@given(
    st.builds(added, clean_curves | leaks, st.builds(noise, seeds, st.integers(400, 4000))),
    lengths,
    st.integers(1, 6),
)
def test_larger_bytes_against_a_threshold_as_much_larger_are_the_same_verdict(
    curve: Curve, length: int, power: int
) -> None:
    """The noise is far above the grain of the heap, which does not grow along."""
    factor = 2**power
    series = heap(length, curve).series[Signal.HEAP]
    scaled = replace(series, values=tuple(factor * value for value in series.values))
    threshold = DEFAULT.bytes_per_iteration
    one = find(series, threshold, Ending.ITERATIONS)
    other = find(scaled, factor * threshold, Ending.ITERATIONS)

    assert one.growth is not None
    assert other.growth is not None
    assert other.verdict is one.verdict
    assert other.growth.estimate == pytest.approx(factor * one.growth.estimate)
    assert other.growth.half_width == pytest.approx(factor * one.growth.half_width)


@FIXED
@given(processes, lengths, st.integers(1, 6))
def test_where_the_grain_matters_larger_bytes_are_known_no_less_exactly(
    curve: Curve, length: int, power: int
) -> None:
    factor = 2**power
    series = heap(length, curve).series[Signal.HEAP]
    scaled = replace(series, values=tuple(factor * value for value in series.values))
    one, other = fit_growth(series, length), fit_growth(scaled, length)

    assert one is not None
    assert other is not None
    assert other.rate.half_width <= factor * one.rate.half_width * (1 + 1e-9)


# -- an added leak ---------------------------------------------------------------------------


@FIXED
@given(
    st.builds(filling, st.integers(16, 1024), st.integers(1, 9000))
    | st.builds(fading, st.integers(100, 10**6), st.integers(5, 3000))
    | st.just(still),
    lengths,
    st.integers(1, 4096),
)
def test_k_bytes_more_an_iteration_are_exactly_k_more_where_nothing_falls_back(
    curve: Curve, length: int, leak: int
) -> None:
    """Without a fall the lowest reading of each block stays where it is."""
    before = fit_growth(heap(length, curve).series[Signal.HEAP], length)
    after = fit_growth(heap(length, added(ramp(leak), curve)).series[Signal.HEAP], length)

    assert before is not None
    assert after is not None
    assert after.rate.estimate - before.rate.estimate == pytest.approx(leak)
    for later, earlier in zip(after.rates, before.rates, strict=True):
        assert later - earlier == pytest.approx(leak)


@FIXED
@given(st.builds(added, clean_curves, noises), lengths, st.integers(1, 4096))
def test_k_bytes_more_an_iteration_are_k_more_within_both_intervals(
    curve: Curve, length: int, leak: int
) -> None:
    before = fit_growth(heap(length, curve).series[Signal.HEAP], length)
    after = fit_growth(heap(length, added(ramp(leak), curve)).series[Signal.HEAP], length)

    assert before is not None
    assert after is not None
    slack = before.rate.half_width + after.rate.half_width
    assert after.rate.estimate - before.rate.estimate == pytest.approx(leak, abs=slack)


@FIXED
@given(processes, st.integers(2000, 9000), st.integers(8, 4096))
def test_a_leak_added_to_any_process_is_never_clean(curve: Curve, length: int, leak: int) -> None:
    judgement = judge(heap(length, added(ramp(leak), curve)), DEFAULT)
    assert judgement.verdict is not Verdict.CLEAN


# -- noise -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Remembering:
    """Noise that remembers: an AR(1) process, the same for the same seed."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, seed: int, deviation: float, memory: float, length: int) -> "Remembering":
        steps = (noise(seed, deviation * 3**0.5)(n) for n in range(length + 1))
        level, values = 0.0, []
        for step in steps:
            level = memory * level + step
            values.append(level)
        return cls(values=tuple(values))

    def __call__(self, n: int) -> float:
        return self.values[n]


MOST = 4000
NOISES: dict[str, Callable[[int], Curve]] = {
    "white": lambda seed: noise(seed, 10.0 ** (1 + seed % 4)),
    "remembering": lambda seed: Remembering.of(seed, 10.0 ** (seed % 3), 0.9, MOST),
    "remembering long": lambda seed: Remembering.of(seed, 10.0 ** (seed % 3), 0.99, MOST),
}
BASES: dict[str, Curve] = {
    "flat": still,
    "sawtooth": sawtooth(37, 100),
    "filled early": filling(120, 300),
}
SEEDS = range(12)


def adaptive(curve: Curve) -> Judgement:
    """Return the judgement at which an adaptive run would stop."""
    judgements = (judge(heap(look, curve), DEFAULT) for look in looks_until(MOST))
    last = None
    for last in judgements:
        if is_sure(last):
            return last
    assert last is not None
    return last


def test_noise_turns_clean_into_leak_no_more_often_than_is_stated() -> None:
    assert all(adaptive(base).verdict is Verdict.CLEAN for base in BASES.values())
    verdicts = [
        adaptive(added(base, make(seed))).verdict
        for base, make, seed in product(BASES.values(), NOISES.values(), SEEDS)
    ]
    most = binom.ppf(0.999, len(verdicts), 1 - CONFIDENCE)

    assert verdicts.count(Verdict.LEAK) <= most
    assert verdicts.count(Verdict.CLEAN) > len(verdicts) / 2


@FIXED
@given(seeds, st.sampled_from(list(COUNT_SIGNALS)), st.integers(1, 30), st.integers(500, 5000))
def test_a_count_that_only_goes_up_and_down_is_never_a_leak(
    seed: int, signal: Signal, most: int, length: int
) -> None:
    busy = noise(seed, most / 2)
    run = measured(length, {signal: lambda n: most / 2 + busy(n)})
    assert judge(run, DEFAULT).verdict is not Verdict.LEAK


# -- a longer run ----------------------------------------------------------------------------


@FIXED
@given(leaks, clean_curves, noises)
def test_a_proven_leak_is_never_clean_in_a_longer_run(
    leak: Curve, base: Curve, unrest: Curve
) -> None:
    verdicts = [one.verdict for one in judged_at_looks(added(leak, base, unrest), 16_000)]
    assume(Verdict.LEAK in verdicts)

    assert Verdict.CLEAN not in verdicts[verdicts.index(Verdict.LEAK) :]


@FIXED
@given(leaks, st.builds(noise, seeds, st.sampled_from([0, 8, 100])))
def test_a_leak_proven_far_above_its_noise_stays_one_however_long_the_run(
    leak: Curve, unrest: Curve
) -> None:
    """Near its noise it may become INCONCLUSIVE again: each look has its own newest octave."""
    verdicts = [one.verdict for one in judged_at_looks(added(leak, unrest), 16_000)]
    assume(Verdict.LEAK in verdicts)

    assert set(verdicts[verdicts.index(Verdict.LEAK) :]) == {Verdict.LEAK}


@FIXED
@given(processes, st.integers(500, 8000), st.integers(1, 8000))
def test_what_comes_after_a_look_does_not_change_what_was_seen_at_it(
    curve: Curve, length: int, more: int
) -> None:
    longer = heap(length + more, curve).series[Signal.HEAP]
    look = longer.until(length)

    assert fit_growth(longer, look.iterations[-1]) == fit_growth(look, look.iterations[-1])
