"""The explanation of a leak: whose line, how fast, how much of it, until when, and what next."""

from dataclasses import replace
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.analysis.attribution import growth_besides
from leakcheck.analysis.causes import causes, heap_bytes, rate_of
from leakcheck.analysis.decision import judge
from leakcheck.analysis.explanation import explain
from leakcheck.analysis.lines import is_own, line_of, task_of
from leakcheck.analysis.outlook import ROUND_FIGURE_BYTES, format_duration, outlook
from leakcheck.model.explanation import Explanation
from leakcheck.model.plan import Thresholds
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import Signal
from leakcheck.model.sites import Frame, SiteGrowth, SiteSeries, SiteTable
from leakcheck.model.verdict import Diagnosis, Growth, Verdict
from tests.unit.records import leak_record, records
from tests.unit.traces import measured, ramp

OWN = Frame(file="/srv/app/jobs.py", line=41, function="remember")
CALLER = Frame(file="/srv/app/jobs.py", line=17, function="tick")
LIBRARY = Frame(
    file="/srv/app/.venv/lib/python3.12/site-packages/orm/core.py", line=9, function="q"
)
OTHER = replace(LIBRARY, line=30)
STANDARD = Frame(file="/usr/lib/python3.11/json/decoder.py", line=353, function="raw_decode")
LOOP = Frame(file="/usr/lib/python3.11/asyncio/events.py", line=80, function="_run")


def site(*stack: Frame, size: float = 64.0, objects: float = 1.0) -> SiteGrowth:
    return SiteGrowth(
        file=stack[0].file if stack else "",
        line=stack[0].line if stack else 0,
        function=stack[0].function if stack else "",
        bytes_per_iteration=size,
        objects_per_iteration=objects,
        stack=stack,
    )


def table_of(live: dict[tuple[Frame, ...], list[int]]) -> SiteTable:
    number = len(next(iter(live.values())))
    series = [
        SiteSeries(
            stack=stack,
            allocator="malloc",
            live_bytes=tuple(64 * n for n in column),
            live_objects=tuple(column),
        )
        for stack, column in live.items()
    ]
    rest = SiteSeries(stack=(), allocator="", live_bytes=(0,) * number, live_objects=(0,) * number)
    return SiteTable(marks=tuple(map(float, range(number))), sites=tuple(series), remainder=rest)


@pytest.mark.parametrize(
    ("file", "own"),
    [
        ("/srv/app/jobs.py", True),
        ("jobs.py", True),
        ("/opt/lib/jobs.py", True),
        ("/usr/lib/python3.11/json/decoder.py", False),
        ("/usr/lib64/python3.13/asyncio/events.py", False),
        ("/opt/pythons/3.13.0/lib/python3.13t/threading.py", False),
        ("/srv/app/.venv/lib/python3.12/site-packages/orm/core.py", False),
        ("/usr/lib/python3/dist-packages/orm.py", False),
        ("/usr/lib/python311.zip/json/decoder.py", False),
        ("<string>", False),
        ("<frozen importlib._bootstrap>", False),
        ("", False),
    ],
)
def test_a_frame_is_the_users_unless_it_is_installed_or_made_up(file: str, *, own: bool) -> None:
    assert is_own(Frame(file=file, line=1, function="f")) is own


def test_the_users_line_of_comes_before_the_librarys() -> None:
    assert line_of([LIBRARY, STANDARD, OWN, CALLER]) == OWN
    assert line_of([LIBRARY, STANDARD]) == LIBRARY
    assert line_of([]) is None


def test_a_stack_that_ends_at_the_event_loop_is_labelled_with_its_coroutine() -> None:
    assert task_of([STANDARD, OWN, CALLER, LOOP]) == "tick"
    assert task_of([OWN, CALLER]) == ""


def test_sites_of_one_line_are_one_cause_and_the_librarys_lines_stand_below_it() -> None:
    found = causes(
        [site(LIBRARY, OWN, CALLER), site(OTHER, OWN, CALLER, size=100), site(CALLER, size=8)],
        None,
    )

    assert [one.line for one in found] == [OWN, CALLER]
    assert found[0].growth.estimate == 164
    assert found[0].inner == (OTHER, LIBRARY)
    assert found[0].callers == (CALLER,)
    assert found[0].sites == 2


def test_lines_of_one_package_without_a_line_of_the_users_are_one_cause() -> None:
    found = causes(
        [site(LIBRARY, LOOP), site(STANDARD, OTHER, LOOP, size=200), site(OWN, LIBRARY, size=80)],
        None,
    )

    assert [(one.line, one.lines) for one in found] == [(OWN, 1), (OTHER, 2)]
    assert found[1].growth.estimate == 264
    assert found[1].inner == (LIBRARY, STANDARD)


def test_a_line_of_the_users_comes_first_unless_it_is_next_to_nothing() -> None:
    librarys = site(LIBRARY, LOOP, size=500)

    large, small = (causes([librarys, site(OWN, size=size)], None) for size in (100, 8))

    assert (large[0].line, small[1].line) == (OWN, OWN)


def test_growth_without_a_line_comes_after_every_line_however_much_it_is() -> None:
    found = causes([site(size=16_000), site(LIBRARY, LOOP, size=80), site(OWN, size=8)], None)

    assert [one.line.file for one in found] == [LIBRARY.file, OWN.file, ""]


def test_what_grows_at_lines_too_small_to_be_shown_is_no_unattributed_growth() -> None:
    ramp, flat = [10 * n for n in range(100)], [7] * 100
    live: dict[tuple[Frame, ...], list[int]] = {(CALLER,): [200 * n for n in range(100)]}
    live |= {(replace(OWN, line=1_000 + n),): ramp for n in range(4)}
    table = table_of({**live, (LIBRARY,): flat})

    rest = growth_besides(table, [site(CALLER)])

    assert [one.line for one in rest] == [1_000, 1_001, 1_002, 1_003]
    assert [one.bytes_per_iteration for one in rest] == [640] * 4


def test_frames_of_libraries_are_folded_out_of_the_callers() -> None:
    (found,) = causes([site(OWN, LIBRARY, STANDARD, CALLER)], None)

    assert found.callers == (CALLER,)


def test_the_rate_of_an_even_leak_is_exact_and_that_of_a_random_one_has_an_interval() -> None:
    even: dict[tuple[Frame, ...], list[int]] = {(OWN,): list(range(400))}
    random: dict[tuple[Frame, ...], list[int]] = {
        (OWN,): list(accumulate((7 * n * n) % 3 for n in range(400)))
    }
    (exact,) = causes([site(OWN)], table_of(even))
    (wide,) = causes([site(OWN, size=64 * 0.67)], table_of(random))

    assert exact.growth == Growth(estimate=64.0, low=64.0, high=64.0)
    assert wide.growth.low <= wide.growth.estimate <= wide.growth.high


def test_too_few_marks_give_no_interval() -> None:
    assert rate_of([0.0, 1.0], [0, 8], 8.0).confidence == 0
    assert rate_of([], [], 8.0).confidence == 0


@given(
    st.lists(st.integers(0, 9), min_size=40, max_size=300),
    st.integers(-10_000, 10_000),
    st.integers(1, 50),
)
def test_a_rate_ignores_what_was_there_before_and_scales(
    steps: list[int], constant: int, factor: int
) -> None:
    marks = list(map(float, range(len(steps))))
    live = list(accumulate(steps))
    found = rate_of(marks, live, 1.0)
    moved = rate_of(marks, [constant + one for one in live], 1.0)
    scaled = rate_of(marks, [factor * one for one in live], float(factor))

    assert moved == found
    assert scaled.low == pytest.approx(factor * found.low, abs=1e-6)
    assert scaled.high == pytest.approx(factor * found.high, abs=1e-6)


def leak(sites: tuple[SiteGrowth, ...], growth: float, *kinds: Diagnosis) -> RunRecord:
    record = leak_record()
    grown = Growth(estimate=growth, low=growth - 1, high=growth + 1)
    judgement = replace(record.judgement, sites=sites, growth=grown, diagnosis=kinds)
    return replace(record, judgement=judgement)


def test_the_share_counts_what_malloc_takes_and_names_what_is_left() -> None:
    record = leak((site(OWN, size=41),), 640.0)
    found = explain(record.measurement, record.judgement)

    assert heap_bytes(record.judgement.sites) == 64
    assert found.share == pytest.approx(0.1)
    assert found.unattributed_bytes == 576


def test_a_growth_that_sites_cover_is_explained_whole() -> None:
    record = leak((site(OWN, size=56),), 64.0)

    assert explain(record.measurement, record.judgement).share == 1


def test_what_is_no_leak_has_no_explanation() -> None:
    record = leak_record()
    for verdict in (Verdict.CLEAN, Verdict.INCONCLUSIVE, Verdict.ERROR):
        judgement = replace(record.judgement, verdict=verdict)
        assert explain(record.measurement, judgement) == Explanation()


@pytest.mark.parametrize("kind", [one for one in Diagnosis if one is not Diagnosis.STILL_FILLING])
def test_each_kind_of_leak_has_a_next_step(kind: Diagnosis) -> None:
    record = leak((site(OWN),), 64.0, kind)
    steps = explain(record.measurement, record.judgement).next_steps
    on_the_kind = [step for step in steps if "--native" not in step]

    assert len(on_the_kind) == 1
    assert "\n" not in on_the_kind[0]


def test_a_librarys_own_leak_points_to_its_use_and_its_releases() -> None:
    record = leak((site(LIBRARY),), 64.0, Diagnosis.PYTHON_OBJECTS)

    assert "fixed release" in explain(record.measurement, record.judgement).next_steps[-1]


def test_the_outlook_is_the_room_over_the_rate_and_the_pace() -> None:
    record = leak((site(OWN),), 64.0)
    measurement = replace(record.measurement, series={})
    found = outlook(measurement, record.judgement.growth, limit_bytes=None, iterations_per_second=8)
    limited = outlook(
        measurement, record.judgement.growth, limit_bytes=5120, iterations_per_second=8
    )

    assert found is not None
    assert found.seconds == ROUND_FIGURE_BYTES / 512
    assert limited is not None
    assert limited.seconds == 10


def test_the_outlook_is_on_resident_memory_where_that_leaks_faster() -> None:
    curves = {Signal.RSS: ramp(12_288), Signal.HEAP: ramp(4_000), Signal.THREADS: ramp(1)}
    run = replace(measured(2000, curves), elapsed_s=2.0)
    found = explain(run, judge(run, Thresholds()), limit_bytes=None).outlook

    assert found is not None
    assert found.seconds == pytest.approx(ROUND_FIGURE_BYTES / (12_288 * 1000), rel=0.01)


def test_without_growth_or_pace_there_is_no_outlook() -> None:
    record = leak_record()
    still = replace(record.measurement, elapsed_s=0.0)

    assert outlook(record.measurement, None, limit_bytes=None) is None
    assert outlook(still, record.judgement.growth, limit_bytes=None) is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (59.6, "60 s"),
        (5_400, "1.5 h"),
        (86_400 * 3, "3 days"),
        (float("inf"), "more than a century"),
    ],
)
def test_a_time_is_said_with_the_digits_that_a_forecast_deserves(seconds: float, said: str) -> None:
    assert format_duration(seconds) == said


@settings(max_examples=40)
@given(records)
def test_no_record_is_too_odd_to_be_explained(record: RunRecord) -> None:
    found = explain(record.measurement, record.judgement, limit_bytes=1e9)

    if record.judgement.verdict is not Verdict.LEAK:
        assert found == Explanation()
