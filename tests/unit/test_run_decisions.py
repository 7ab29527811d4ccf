"""What a run decides without a process: when to sample, what is proved, when it has to end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.model.plan import Plan, Profiler
from leakcheck.model.series import Series
from leakcheck.model.signals import PROVEN_SIGNALS, Signal
from leakcheck.model.units import format_bytes
from leakcheck.probes.outside import Outside
from leakcheck.run import endings
from leakcheck.run.child.slots import KEPT_BYTES, NOT_READ, Slot, Stage
from leakcheck.run.limits import (
    Standing,
    growth_patience_s,
    kill_for,
    limit_reached,
    preparation_limit_s,
)
from leakcheck.run.proving import prove
from leakcheck.run.recorder import Recorder, reading
from leakcheck.run.schedule import next_sample
from tests.unit.records import leak_record
from tests.unit.traces import rows

PLAN: Plan = leak_record().plan
SECOND = 1.0


def slots_with(**values: int) -> memoryview:
    slots = memoryview(bytearray(4096)).cast("q")
    for name, value in values.items():
        slots[Slot[name]] = value
    return slots


# -- the schedule ----------------------------------------------------------------------------


@given(st.integers(min_value=7, max_value=30))
def test_each_octave_gets_128_samples(octave: int) -> None:
    at, end, samples = 1 << octave, 2 << octave, 0
    while at < end:
        at = next_sample(at, until=1 << 62)
        samples += 1

    assert at == end
    assert samples == 128


@given(
    st.integers(min_value=0, max_value=1 << 40),
    st.integers(min_value=1, max_value=1 << 40),
    st.floats(min_value=0, max_value=100),
)
def test_the_next_sample_is_later_and_never_past_the_next_look(
    completed: int, wait: int, worth: float
) -> None:
    look = completed + wait

    assert completed < next_sample(completed, until=look, samples_worth=worth) <= look


@given(
    st.integers(min_value=0, max_value=1 << 40), st.lists(st.floats(0, 99), min_size=2, max_size=2)
)
def test_slower_iterations_are_sampled_as_often_or_more(completed: int, worth: list[float]) -> None:
    completed = next_sample(completed, until=1 << 62)  # a sample of the quickest ones as well
    quick, slow = (
        next_sample(completed, until=1 << 62, samples_worth=one) for one in sorted(worth)
    )

    assert slow <= quick
    assert quick - completed <= 8 * (slow - completed)


def test_the_scripted_runs_of_other_tests_sample_as_a_real_one_does() -> None:
    taken = [0]
    while taken[-1] < 5_000:
        taken.append(next_sample(taken[-1], until=5_000))

    assert rows(5_000) == taken


# -- proving ---------------------------------------------------------------------------------


def _look(kept: int) -> dict[Signal, int]:
    return {
        Signal.HEAP: 1_000_000 + kept * KEPT_BYTES,
        Signal.RSS: 9_000_000 + kept * KEPT_BYTES,
        Signal.DESCRIPTORS: 7 + kept,
        Signal.THREADS: 1 + kept,
        Signal.TASKS: kept,
    }


def test_probes_that_see_what_was_kept_and_let_go_are_verified() -> None:
    probes = prove([_look(0), _look(1), _look(0)])

    assert probes.verified == PROVEN_SIGNALS
    assert probes.unavailable == probes.blind == ()


@pytest.mark.parametrize("signal", PROVEN_SIGNALS)
@pytest.mark.parametrize("case", ["sees nothing", "sees less", "lets nothing go", "is not read"])
def test_a_probe_that_misses_its_own_is_named_and_the_others_are_not(
    signal: Signal, case: str
) -> None:
    looks = [_look(0), _look(1), _look(0)]
    if case == "is not read":
        for look in looks:
            del look[signal]
    if case == "sees nothing":
        looks[1][signal] = looks[0][signal]
    if case == "sees less":
        looks[1][signal] -= KEPT_BYTES // 8 if signal.unit == "bytes" else 1
    if case == "lets nothing go":
        looks[2][signal] = looks[1][signal]
    probes = prove(looks)

    assert probes.unavailable == probes.blind == (signal,)
    assert probes.verified == tuple(one for one in PROVEN_SIGNALS if one is not signal)


@pytest.mark.parametrize("number", [0, 1, 2, 4])
def test_fewer_or_more_looks_than_three_prove_nothing(number: int) -> None:
    assert prove([_look(k % 2) for k in range(number)]).verified == ()


# -- limits ----------------------------------------------------------------------------------

GROWN, FAR, TOO_FAR = (PLAN.memory_limit_bytes * quarters // 4 for quarters in (4, 5, 8))
LATE, TOO_LATE = PLAN.time_limit_s, PLAN.time_limit_s + 5.1
DEAF = {"growth_bytes": GROWN, "since_asked_s": 5.1}
LIMITS = [
    # stage, standing, asked to stop for, killed for
    (Stage.ITERATING, {}, None, None),
    (Stage.ITERATING, {"growth_bytes": GROWN - 1}, None, None),
    (Stage.ITERATING, {"growth_bytes": GROWN}, "memory-limit", None),
    (Stage.ITERATING, {"growth_bytes": FAR}, "memory-limit", None),
    (Stage.ITERATING, {"growth_bytes": FAR, "since_asked_s": 0.2}, "memory-limit", None),
    (Stage.ITERATING, {"growth_bytes": FAR, "since_asked_s": 0.3}, "memory-limit", "memory-limit"),
    (Stage.ITERATING, {"growth_bytes": TOO_FAR - 1}, "memory-limit", None),
    (Stage.ITERATING, {"growth_bytes": TOO_FAR}, "memory-limit", "memory-limit"),
    (Stage.ITERATING, {"growth_bytes": GROWN, "since_asked_s": 4.9}, "memory-limit", None),
    (
        Stage.ITERATING,
        {"growth_bytes": GROWN, "since_asked_s": 5.1},
        "memory-limit",
        "memory-limit",
    ),
    (Stage.ITERATING, {"in_stage_s": LATE}, "time-limit", None),
    (Stage.ITERATING, {"in_stage_s": TOO_LATE, "since_asked_s": 5.1}, "time-limit", "failed"),
    (Stage.ITERATING, {"capture_bytes": 1 << 30}, "capture-limit", None),
    (Stage.ITERATING, {"interrupted": True}, "interrupted", None),
    (Stage.ITERATING, {"interrupted": True, "since_asked_s": 1.9}, "interrupted", None),
    (Stage.ITERATING, {"interrupted": True, "since_asked_s": 2.1}, "interrupted", "interrupted"),
    (Stage.SETTING_UP, {"in_stage_s": 59.0}, None, None),
    (Stage.SETTING_UP, {"in_stage_s": 61.0}, None, "failed"),
    (Stage.LOADING, {"in_stage_s": 61.0}, None, "failed"),
    (Stage.STARTING, {"in_stage_s": 61.0}, None, "failed"),
    (Stage.LOADING, {"interrupted": True}, "interrupted", "interrupted"),
    (Stage.SETTING_UP, {"interrupted": True}, "interrupted", "interrupted"),
    (Stage.SETTING_UP, {"growth_bytes": FAR, "capture_bytes": 1 << 30}, None, None),
    (Stage.TEARING_DOWN, {"growth_bytes": GROWN}, None, None),
    (Stage.TEARING_DOWN, {"growth_bytes": TOO_FAR, "since_asked_s": 4.9}, None, None),
    (Stage.TEARING_DOWN, {"growth_bytes": TOO_FAR, "since_asked_s": 5.1}, None, "memory-limit"),
]


@pytest.mark.parametrize(("stage", "how", "asked", "killed"), LIMITS)
def test_a_limit_asks_first_and_kills_only_what_does_not_listen(
    stage: Stage, how: dict[str, float], asked: str | None, killed: str | None
) -> None:
    standing = Standing(stage=stage, **{"in_stage_s": SECOND, **how})  # type: ignore[arg-type]

    assert limit_reached(PLAN, standing) == asked
    assert kill_for(PLAN, standing) == killed


@given(st.floats(0, 3), st.floats(0, 3), st.sampled_from(Stage))
def test_the_further_a_child_has_grown_the_shorter_it_is_waited_for(
    less: float, more: float, stage: Stage
) -> None:
    patience = [
        growth_patience_s(
            PLAN,
            Standing(stage=stage, in_stage_s=SECOND, growth_bytes=int(share * GROWN)),
        )
        for share in sorted((less, more))
    ]

    assert patience[1] <= patience[0]


def test_a_set_up_may_take_as_long_as_the_time_limit_where_that_is_longer() -> None:
    assert preparation_limit_s(Plan(target="a:b", python=PLAN.python, time_limit_s=300)) == 300
    assert preparation_limit_s(Plan(target="a:b", python=PLAN.python, time_limit_s=1)) == 60


# -- endings ---------------------------------------------------------------------------------

NO_MEMRAY = Plan(target="a:b", python=PLAN.python, profiler=Profiler.NONE)
AT_7 = {"STAGE": Stage.ITERATING, "ITERATIONS": 6}


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Stage.STARTING, "while it was started"),
        (Stage.LOADING, "while it was imported"),
        (Stage.SETTING_UP, "in its set-up"),
        (Stage.ITERATING, "at iteration 7"),
        (Stage.TEARING_DOWN, "in its tear-down"),
    ],
)
def test_every_stage_has_its_words(stage: Stage, words: str) -> None:
    assert endings.when(slots_with(STAGE=stage, ITERATIONS=6)) == words


@pytest.mark.parametrize(
    ("plan", "code", "tail", "sentence"),
    [
        (PLAN, 3, "", "ended its own process at iteration 7, with exit code 3"),
        (PLAN, -11, "", "was killed by SIGSEGV at iteration 7 (it held 10.0 MiB)"),
        (PLAN, -63, "", "was killed by signal 63 at iteration 7 (it held 10.0 MiB)"),
        (PLAN, -9, "", "by another process, or by the kernel for want of memory"),
        (PLAN, -6, "write: Bad file descriptor", "closed memray's descriptor at iteration 7"),
        (PLAN, -6, "", "closing all descriptors closes memray's too, which aborts"),
        (NO_MEMRAY, -6, "Bad file descriptor", "was killed by SIGABRT at iteration 7"),
    ],
)
def test_a_child_that_vanishes_is_explained(
    plan: Plan, code: int, tail: str, sentence: str
) -> None:
    assert sentence in endings.vanished(plan, slots_with(**AT_7), code, 10 << 20, tail)


def test_a_child_that_outgrew_its_limit_is_told_with_what_it_had_grown_by() -> None:
    plain = endings.outgrown(NO_MEMRAY, slots_with(**AT_7), 5 << 30)
    tracked = endings.outgrown(PLAN, slots_with(**AT_7), 5 << 30)

    assert plain == (
        f"was killed at iteration 7: it had grown by 5.0 GiB, "
        f"the limit is {format_bytes(NO_MEMRAY.memory_limit_bytes)}"
    )
    assert "; call sites lack what memray had not written by then" in tracked


def test_a_lost_channel_is_the_reason_whatever_the_exit_code() -> None:
    slots = slots_with(**AT_7, LOST_CHANNEL=1)

    assert "closed all descriptors" in endings.vanished(PLAN, slots, -6, None, "")


@pytest.mark.parametrize("place", [None, "jobs.py:3 tick"])
def test_an_exception_is_told_by_its_type_and_never_by_its_text(place: str | None) -> None:
    content = {"bad_target": False, "type": "KeyError", "text": "a secret", "place": place}
    sentence = endings.raised(content, slots_with(**AT_7))

    assert sentence == "raised KeyError at iteration 7" + (f" ({place})" if place else "")


# -- the recorder ----------------------------------------------------------------------------

OUTSIDE = Outside(rss_bytes=5, descriptors=6, threads=7, children=frozenset({8, 9}))


def test_a_reading_holds_what_was_read_and_nothing_else() -> None:
    slots = slots_with(HEAP=1, GC_OBJECTS=NOT_READ, TASKS=2)
    dark = Outside(rss_bytes=None, descriptors=None, threads=None, children=frozenset())

    assert reading(slots, OUTSIDE) == {
        Signal.HEAP: 1,
        Signal.TASKS: 2,
        Signal.RSS: 5,
        Signal.DESCRIPTORS: 6,
        Signal.THREADS: 7,
        Signal.CHILDREN: 2,
    }
    assert reading(slots, dark) == {Signal.HEAP: 1, Signal.TASKS: 2, Signal.CHILDREN: 0}


def test_a_second_sample_after_the_same_iteration_replaces_the_first() -> None:
    recorder = Recorder()
    recorder.add(0, 100, {Signal.HEAP: 1, Signal.TASKS: 0})
    recorder.add(3, 103, {Signal.HEAP: 2, Signal.TASKS: 1})
    recorder.add(3, 104, {Signal.HEAP: 3})

    assert recorder.series() == {
        Signal.HEAP: Series.of(Signal.HEAP, [(0, 1), (3, 3)]),
        Signal.TASKS: Series.of(Signal.TASKS, [(0, 0)]),
    }
    assert recorder.instants == [(100, 0), (104, 3)]
    assert (recorder.first(Signal.HEAP), recorder.last(Signal.HEAP)) == (1, 3)
    assert (recorder.first(Signal.RSS), recorder.last(Signal.RSS)) == (None, None)


@pytest.mark.parametrize(("objects", "every"), [(10, 8), (1_000_000, 64)])
def test_objects_are_counted_more_rarely_where_there_are_many(objects: int, every: int) -> None:
    recorder, wanted = Recorder(), []
    for n in range(256):
        recorder.add(n, n, {Signal.GC_OBJECTS: objects})
        wanted.append(recorder.wants_objects())

    assert sum(wanted) == 256 // every
