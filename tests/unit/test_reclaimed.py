"""Growth of a call site that is none: it fell back before, or only moved from another line."""

from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.analysis.evidence import leaking_sites
from leakcheck.analysis.reclaimed import may_fall_back, only_moved
from leakcheck.model.sites import Frame, SiteSeries, SiteTable

FIXED = settings(derandomize=True, database=None)
MARKS = range(0, 8_001, 40)
Lives = tuple[int, ...]


def site(live: Lives, *, line: int = 1, function: str = "put", size: int = 64) -> SiteSeries:
    return SiteSeries(
        stack=(Frame(file="jobs.py", line=line, function=function),),
        allocator="malloc",
        live_bytes=tuple(size * one for one in live),
        live_objects=live,
    )


def table(*sites: SiteSeries) -> SiteTable:
    none = (0,) * len(MARKS)
    rest = SiteSeries(stack=(), allocator="", live_bytes=none, live_objects=none)
    return SiteTable(marks=tuple(map(float, MARKS)), sites=sites, remainder=rest)


@FIXED
@given(st.integers(200, 7_000))
def test_a_sawtooth_of_any_period_within_the_run_may_fall_back(period: int) -> None:
    live = [mark % period for mark in MARKS]
    falls_late = any(mark % period < 40 for mark in MARKS if mark > 2_040)

    assert may_fall_back(MARKS, live) or not falls_late


@FIXED
@given(st.integers(1, 9), st.integers(0, 1_000))
def test_what_never_fell_may_not_fall_back(pace: int, before: int) -> None:
    assert not may_fall_back(MARKS, [before + pace * mark for mark in MARKS])


@FIXED
@given(
    st.lists(st.integers(0, 500), min_size=len(MARKS), max_size=len(MARKS)),
    st.integers(0, 10_000),
    st.integers(1, 20),
)
def test_a_constant_and_a_factor_change_nothing(
    live: list[int], constant: int, factor: int
) -> None:
    moved = [constant + factor * one for one in live]

    assert may_fall_back(MARKS, moved) == may_fall_back(MARKS, live)


def test_a_leak_below_a_small_sawtooth_is_growth_all_the_same() -> None:
    live = [mark + mark % 400 for mark in MARKS]

    assert not may_fall_back(MARKS, live)


def test_entries_that_one_line_puts_in_and_another_takes_out_prove_nothing() -> None:
    up = tuple(mark // 4 for mark in MARKS)
    down = tuple(5_000 - mark // 4 for mark in MARKS)

    assert leaking_sites(table(site(up)), 4.0) is not None
    assert leaking_sites(table(site(up), site(down, line=2)), 4.0) is None


def test_what_another_function_loses_does_not_excuse_a_leak() -> None:
    up = tuple(mark // 4 for mark in MARKS)
    down = tuple(5_000 - mark // 4 for mark in MARKS)
    other = site(down, function="flush")

    assert not only_moved(table(site(up), other), site(up))


def test_a_buffer_that_is_flushed_proves_nothing_in_its_last_tooth() -> None:
    teeth = tuple(mark % 3_900 for mark in MARKS)

    assert leaking_sites(table(site(teeth)), 4.0) is None
