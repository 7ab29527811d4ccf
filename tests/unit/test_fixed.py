"""Whether a leak is fixed, from two judgements: no process runs."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leakcheck.analysis.decision import judge
from leakcheck.analysis.fixed import compare, leaking_signals
from leakcheck.model.fix import Answer, Comparison
from leakcheck.model.measurement import Ending, Measurement, Probes
from leakcheck.model.plan import Thresholds
from leakcheck.model.series import Series
from leakcheck.model.signals import COUNT_SIGNALS, PROVEN_SIGNALS, Signal
from leakcheck.model.verdict import Growth, Judgement, Trend, Verdict
from tests.unit.records import judgements, leak_record

LIMITS = Thresholds()
LEAK, CLEAN, INCONCLUSIVE, ERROR = (
    Verdict.LEAK,
    Verdict.CLEAN,
    Verdict.INCONCLUSIVE,
    Verdict.ERROR,
)
sizes = st.floats(min_value=4.5, max_value=1e9)
widths = st.floats(min_value=0.001, max_value=0.4)
counts = st.sampled_from(COUNT_SIGNALS)


def growth(estimate: float, half_width: float = 0.0) -> Growth:
    return Growth(estimate=estimate, low=estimate - half_width, high=estimate + half_width)


def trend(signal: Signal, rate: Growth, verdict: Verdict) -> Trend:
    return Trend(signal=signal, growth=rate, persisting=None, verdict=verdict, why="")


def judged(
    verdict: Verdict,
    *trends: Trend,
    reason: str = "a reason",
    detectable: float | None = 1.7,
    iterations: int = 4000,
) -> Judgement:
    """Return a judgement that rests on `trends`; bytes are what its growth is of."""
    of_bytes = [one for one in trends if one.signal in (Signal.HEAP, Signal.RSS)]
    leaking = [one for one in of_bytes if one.verdict is LEAK] or of_bytes
    return Judgement(
        verdict=verdict,
        reason=reason,
        growth=leaking[0].growth if leaking else None,
        smallest_detectable_bytes_per_iteration=detectable,
        iterations=iterations,
        trends={one.signal: one for one in trends},
    )


def heap(estimate: float, half_width: float = 0.0, verdict: Verdict = LEAK) -> Judgement:
    return judged(verdict, trend(Signal.HEAP, growth(estimate, half_width), verdict))


def compared(before: Judgement, after: Judgement) -> Comparison:
    return compare(before, after, thresholds=LIMITS)


# -- sentences -------------------------------------------------------------------------------


def test_what_is_clean_now_is_fixed_and_the_bound_is_said() -> None:
    told = compared(heap(1108), heap(0.1, 0.2, CLEAN))

    assert told.answer is Answer.FIXED
    assert told.sentence == "fixed: 1,108 -> below 1.7 B an iteration (at 99 %)"


def test_what_leaks_as_before_is_not_fixed_and_the_interval_is_said() -> None:
    told = compared(heap(1108, 8), heap(1101, 6))

    assert told.answer is Answer.NOT_FIXED
    assert told.sentence == "not fixed: 1,108 -> 1,101 B an iteration (1,095 .. 1,107)"


def test_what_leaks_clearly_less_is_better() -> None:
    told = compared(heap(1108, 8), heap(64, 0.5))

    assert told.answer is Answer.BETTER
    assert told.sentence == "better, not fixed: 1,108 -> 64 B an iteration (63.5 .. 64.5)"


def test_what_is_not_sure_says_why() -> None:
    told = compared(heap(1108), heap(2, 3, INCONCLUSIVE))

    assert told.answer is Answer.NOT_SURE
    assert told.sentence == "not sure: 1,108 -> 2 B an iteration (-1 .. 5): a reason"


def test_what_could_not_be_measured_says_why() -> None:
    told = compared(heap(1108), judged(ERROR, reason="raised ValueError at iteration 7"))

    assert told.answer is Answer.NOT_MEASURED
    assert told.sentence == "not measured: raised ValueError at iteration 7"


@pytest.mark.parametrize("signal", COUNT_SIGNALS)
def test_a_count_is_told_in_its_own_unit(signal: Signal) -> None:
    before = judged(LEAK, trend(signal, growth(1), LEAK))
    same = compared(before, before)
    gone = compared(before, judged(CLEAN, trend(signal, growth(0), CLEAN)))

    assert same.sentence == f"not fixed: 1 -> 1 {signal} an iteration (1 .. 1)"
    assert gone.sentence == f"fixed: 1 -> below 0.001 {signal} an iteration (at 99 %)"


def test_the_bound_of_a_count_over_a_short_run_is_what_that_run_can_tell() -> None:
    before = judged(LEAK, trend(Signal.THREADS, growth(1), LEAK))
    after = judged(CLEAN, trend(Signal.THREADS, growth(0), CLEAN), iterations=200)

    assert "below 0.01 threads" in compared(before, after).sentence


def test_growth_outside_malloc_that_no_longer_persists_is_fixed() -> None:
    before = judged(
        LEAK,
        trend(Signal.HEAP, growth(0), CLEAN),
        trend(Signal.RSS, growth(4096), LEAK),
    )
    after = judged(
        CLEAN,
        trend(Signal.HEAP, growth(0), CLEAN),
        trend(Signal.RSS, growth(9), CLEAN),
    )

    assert compared(before, after).sentence == (
        "fixed: 4,096 B of resident memory an iteration -> none that persists"
    )


def test_a_fixed_leak_with_a_new_one_is_not_fixed_and_both_are_told() -> None:
    after = judged(
        LEAK,
        trend(Signal.HEAP, growth(0, 0.2), CLEAN),
        trend(Signal.DESCRIPTORS, growth(0.5, 0.01), LEAK),
    )
    after = replace(after, growth=None)  # it does not rest on bytes
    told = compared(heap(108), after)

    assert told.answer is Answer.NOT_FIXED
    assert told.sentence == (
        "not fixed: 108 -> below 1.7 B an iteration (at 99 %); "
        "new: 0.5 descriptors an iteration (0.49 .. 0.51)"
    )


def test_one_of_two_leaks_gone_is_better() -> None:
    rate, one = growth(108, 1), growth(1)
    before = judged(LEAK, trend(Signal.HEAP, rate, LEAK), trend(Signal.DESCRIPTORS, one, LEAK))
    after = judged(
        LEAK, trend(Signal.HEAP, rate, LEAK), trend(Signal.DESCRIPTORS, growth(0), CLEAN)
    )

    assert compared(before, after).answer is Answer.BETTER
    assert compared(after, before).answer is Answer.NOT_FIXED


def test_resident_memory_that_the_heap_explains_is_no_second_leak() -> None:
    assert leaking_signals(leak_record().judgement) == (Signal.HEAP,)


def test_what_is_mapped_and_gone_is_better_though_its_objects_stay() -> None:
    inside, outside = trend(Signal.HEAP, growth(120, 1), LEAK), growth(4096, 4)
    before = replace(judged(LEAK, inside, trend(Signal.RSS, outside, LEAK)), growth=outside)
    after = judged(LEAK, inside, trend(Signal.RSS, growth(9), CLEAN))

    assert leaking_signals(before) == (Signal.RSS, Signal.HEAP)
    assert compared(before, after).answer is Answer.BETTER
    assert compared(before, before).answer is Answer.NOT_FIXED


def test_a_leak_whose_own_trend_says_otherwise_is_still_the_leak_that_it_was_said_to_be() -> None:
    odd = judged(LEAK, trend(Signal.HEAP, growth(108, 1), CLEAN))

    assert leaking_signals(odd) == (Signal.HEAP,)
    assert compared(odd, odd).answer is Answer.NOT_FIXED


# -- properties ------------------------------------------------------------------------------


@given(before=judgements, after=judgements)
def test_the_answer_follows_the_verdict_whatever_the_judgements_hold(
    before: Judgement, after: Judgement
) -> None:
    told = compared(before, after)

    assert (told.answer is Answer.FIXED) == (after.verdict is CLEAN)
    assert (told.answer is Answer.NOT_SURE) == (after.verdict is INCONCLUSIVE)
    assert (told.answer is Answer.NOT_MEASURED) == (after.verdict is ERROR)
    assert told.sentence.startswith(f"{told.answer}: ")


@given(judgement=judgements.map(lambda one: replace(one, verdict=LEAK)))
def test_a_leak_against_itself_is_never_better(judgement: Judgement) -> None:
    # Of any judgement at all an interval may be upside down: here its ends are in order.
    ordered = {
        signal: replace(one, growth=_in_order(one.growth))
        for signal, one in judgement.trends.items()
    }
    whole = judgement.growth and _in_order(judgement.growth)
    judgement = replace(judgement, trends=ordered, growth=whole)

    assert compared(judgement, judgement).answer is Answer.NOT_FIXED


def _in_order(rate: Growth) -> Growth:
    low, estimate, high = sorted((rate.low, rate.estimate, rate.high))
    return replace(rate, low=low, estimate=estimate, high=high)


@given(before=sizes, after=sizes, width=widths)
def test_better_is_said_just_where_the_intervals_do_not_touch(
    before: float, after: float, width: float
) -> None:
    old, new = heap(before, width * before), heap(after, width * after)
    is_lower = after * (1 + width) < before * (1 - width)
    gap = abs(after * (1 + width) - before * (1 - width))
    assume(gap > 1e-9 * (before + after))  # no two ways of rounding

    assert (compared(old, new).answer is Answer.BETTER) == is_lower


@given(before=sizes, first=sizes, second=sizes, width=widths)
def test_what_leaks_less_is_never_judged_worse(
    before: float, first: float, second: float, width: float
) -> None:
    old, less, more = heap(before, width * before), min(first, second), max(first, second)
    if compared(old, heap(more, width)).answer is Answer.BETTER:
        assert compared(old, heap(less, width)).answer is Answer.BETTER


@given(signal=counts, other=counts, rate=sizes)
def test_a_leak_of_something_new_is_never_better(
    signal: Signal, other: Signal, rate: float
) -> None:
    assume(signal is not other)
    before = judged(LEAK, trend(signal, growth(rate), LEAK))
    after = judged(LEAK, trend(signal, growth(0), CLEAN), trend(other, growth(rate), LEAK))
    told = compared(before, after)

    assert told.answer is Answer.NOT_FIXED
    assert "new: " in told.sentence


@given(old=st.integers(min_value=16, max_value=5000), new=st.integers(min_value=0, max_value=5000))
def test_planted_leaks_are_told_apart_from_their_fixes(old: int, new: int) -> None:
    assume(new == 0 or new >= 8)
    told = compared(_of_planted(old), _of_planted(new))

    if new == 0:
        assert told.answer is Answer.FIXED
    elif new < old:
        assert told.answer is Answer.BETTER
    else:
        assert told.answer is Answer.NOT_FIXED


def _of_planted(rate: int) -> Judgement:
    """Return the judgement on a heap that grows by just `rate` bytes an iteration."""
    iterations = range(0, 8001, 8)
    series = {
        Signal.HEAP: Series.of(Signal.HEAP, ((n, 9_000_000 + rate * n) for n in iterations)),
        Signal.RSS: Series.of(Signal.RSS, ((n, 30_000_000) for n in iterations)),
        Signal.DESCRIPTORS: Series.of(Signal.DESCRIPTORS, ((n, 5) for n in iterations)),
    }
    measurement = Measurement(
        series=series,
        iterations=8000,
        ending=Ending.SURE,
        probes=Probes(verified=PROVEN_SIGNALS),
    )
    return judge(measurement, LIMITS)
