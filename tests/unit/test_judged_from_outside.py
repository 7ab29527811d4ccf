"""What may be said of a program that was seen from outside: RSS decides, in steps of pages."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.analysis.account import account
from leakcheck.analysis.comparison import difference
from leakcheck.analysis.decision import judge
from leakcheck.analysis.explanation import explain_record
from leakcheck.check import Checked
from leakcheck.model.comparison import Word
from leakcheck.model.from_outside import FromOutside
from leakcheck.model.measurement import Ending, Measurement
from leakcheck.model.plan import Thresholds
from leakcheck.model.run_record import RunRecord
from leakcheck.model.series import Series
from leakcheck.model.signals import SEEN_FROM_OUTSIDE, Signal
from leakcheck.model.verdict import Diagnosis, Verdict
from leakcheck.record import codec
from leakcheck.wording.rows import details
from tests.unit.records import leak_record

LIMITS = Thresholds(bytes_per_iteration=512.0)
PAGE = 4096


def seen(
    end: int = 2000,
    *,
    bytes_: float = 0.0,
    counts: dict[Signal, float] | None = None,
    wander: int = 0,
    chance: int = 0,
    is_python: bool = False,
) -> Measurement:
    """Return what would be seen of a program that grows so much an iteration, in whole pages."""
    walk, level, pages = random.Random(chance), 0, []  # noqa: S311 -- a walk, no secret
    for _ in range(0, end + 1, 4):
        level = max(0, min(level + walk.choice((-1, 0, 1)), wander))
        pages.append(level)
    iterations = range(0, end + 1, 4)
    grows = {Signal.DESCRIPTORS: 0.0, Signal.THREADS: 0.0, Signal.CHILDREN: 0.0, **(counts or {})}
    rss = [
        (n, 9_000_000 // PAGE * PAGE + int(bytes_ * n) // PAGE * PAGE + PAGE * page)
        for n, page in zip(iterations, pages, strict=True)
    ]
    return Measurement(
        series={
            Signal.RSS: Series.of(Signal.RSS, rss),
            **{
                signal: Series.of(signal, ((n, 3 + int(rate * n)) for n in iterations))
                for signal, rate in grows.items()
            },
        },
        iterations=end,
        ending=Ending.EXACT,
        elapsed_s=1.0,
        from_outside=FromOutside(is_python=is_python),
    )


def record(measurement: Measurement) -> RunRecord:
    one = leak_record()
    return replace(
        one,
        plan=replace(one.plan, target="exec: it", thresholds=LIMITS, program=("--line", "***")),
        measurement=measurement,
        judgement=judge(measurement, LIMITS),
    )


@given(chance=st.integers(0, 1 << 20), wander=st.integers(0, 40))
def test_resident_memory_that_wanders_by_pages_is_clean(chance: int, wander: int) -> None:
    found = judge(seen(4000, wander=wander, chance=chance), LIMITS)

    assert found.verdict is Verdict.CLEAN
    assert found.smallest_detectable_bytes_per_iteration is not None
    assert found.smallest_detectable_bytes_per_iteration < 512


@given(chance=st.integers(0, 1 << 20), wander=st.integers(0, 20), rate=st.integers(1000, 100_000))
def test_a_kilobyte_an_iteration_leaks(chance: int, wander: int, rate: int) -> None:
    found = judge(seen(4000, bytes_=rate, wander=wander, chance=chance), LIMITS)

    assert found.verdict is Verdict.LEAK
    assert found.growth is not None
    assert found.growth.estimate == pytest.approx(rate, rel=0.2)
    assert found.diagnosis == ()


@given(chance=st.integers(0, 1 << 20), wander=st.integers(0, 20), rate=st.integers(1000, 100_000))
def test_half_as_long_it_is_never_clean_and_a_leak_from_twice_the_rate_on(
    chance: int, wander: int, rate: int
) -> None:
    found = judge(seen(2000, bytes_=rate, wander=wander, chance=chance), LIMITS)

    assert found.verdict in ({Verdict.LEAK} if rate >= 2000 else {*Verdict} - {Verdict.CLEAN})


@given(rate=st.floats(0, 400))
def test_growth_below_the_threshold_is_clean_and_its_bound_is_above_it(rate: float) -> None:
    found = judge(seen(8000, bytes_=rate), LIMITS)

    assert found.verdict is Verdict.CLEAN
    assert (found.smallest_detectable_bytes_per_iteration or 0) >= 0.99 * rate


@given(rate=st.floats(500, 524))
def test_growth_that_cannot_be_told_from_the_threshold_is_never_a_leak_below_it(
    rate: float,
) -> None:
    assert (judge(seen(2000, bytes_=rate), LIMITS).verdict is Verdict.LEAK) <= (rate > 512)


@pytest.mark.parametrize(
    ("signal", "kinds"),
    [
        (Signal.DESCRIPTORS, (Diagnosis.DESCRIPTORS,)),
        (Signal.THREADS, (Diagnosis.THREADS,)),
        (Signal.CHILDREN, ()),
    ],
)
def test_what_is_counted_leaks_although_no_bytes_do(
    signal: Signal, kinds: tuple[Diagnosis, ...]
) -> None:
    found = judge(seen(counts={signal: 0.05}), LIMITS)

    assert (found.verdict, found.diagnosis, found.growth) == (Verdict.LEAK, kinds, None)


@pytest.mark.parametrize("signal", SEEN_FROM_OUTSIDE)
def test_what_could_not_be_read_forbids_clean(signal: Signal) -> None:
    there = seen()
    rest = {key: series for key, series in there.series.items() if key is not signal}
    found = judge(replace(there, series=rest), LIMITS)

    assert found.verdict is Verdict.INCONCLUSIVE
    assert "could not be read, and CLEAN needs it" in found.reason


def test_a_step_that_may_come_again_forbids_clean_until_it_is_overdue() -> None:
    iterations = range(0, 8001, 4)
    steps = [(n, PAGE + (2 << 20) * (n >= 900)) for n in iterations]
    late = replace(seen(8000), series={**seen(8000).series})
    for end, verdict in ((2000, Verdict.INCONCLUSIVE), (8000, Verdict.CLEAN)):
        rss = Series.of(Signal.RSS, [point for point in steps if point[0] <= end])
        series = {**seen(end).series, Signal.RSS: rss}
        assert judge(replace(late, series=series, iterations=end), LIMITS).verdict is verdict


def test_clean_says_what_it_cannot_see_from_outside() -> None:
    found = judge(seen(), LIMITS)

    assert found.reason.startswith("resident memory of all its processes grows by less than ")
    assert found.cannot_see.startswith("call sites and the heap, as it is seen from outside, ")


@pytest.mark.parametrize("is_python", [True, False])
def test_a_leak_says_how_to_learn_the_line(*, is_python: bool) -> None:
    one = record(seen(bytes_=2000, is_python=is_python))
    found = explain_record(one, own_python=Path("python"))

    assert found.no_line == "no call sites: the program was seen from outside"
    assert ("`leakcheck run`" in found.next_steps[-1]) == is_python
    assert found.repeat == "leakcheck exec --line '***'"
    assert "seen from outside: memory, descriptors" in "\n".join(
        details(Checked(record=one, folder=Path("x")), Path.cwd())
    )
    assert account(one)[0].startswith("The program was seen from outside, with all that it started")


def test_a_record_of_a_program_is_judged_the_same_when_it_is_read_back() -> None:
    one = record(seen(bytes_=2000, is_python=True))
    back = codec.loads(codec.dumps(one))

    assert back == one
    assert judge(back.measurement, back.plan.thresholds) == one.judgement


def test_two_runs_of_a_program_are_compared_by_resident_memory() -> None:
    leak, less, clean = (record(seen(bytes_=rate)) for rate in (3000, 1500, 0))

    assert difference(leak, less).word is Word.BETTER
    assert difference(clean, leak).word is Word.WORSE
    assert difference(clean, clean).sentence.startswith("same: resident memory: ")
    assert difference(clean, leak_record()).word is Word.NOT_COMPARABLE
