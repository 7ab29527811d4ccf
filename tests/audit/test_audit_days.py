"""Simulated days that the memory limit cut short: where they lead to, and that it is said."""

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bench.audit.documents import PAGE, filled
from bench.audit.plan import FIRST, FULL, Run, Workload
from bench.audit.results import Bare
from bench.audit.thirty_days import extrapolated_bytes, rise_bytes_an_hour, thirty_days_mb
from tests.audit.made import bare, results

START = 100_000_000


def straight(rate: int, hours: int) -> Bare:
    """A release that grows by so many bytes each hour, and was stopped after so many."""
    day = bare(Run(variant=FIRST, workload=Workload.DAY), blocks=hours)
    sizes = tuple(START + rate * hour for hour in range(1, hours + 1))
    return replace(day, wanted=14_400, start_rss_bytes=START, rss_bytes=sizes)


@given(
    rate=st.integers(min_value=0, max_value=10_000_000),
    hours=st.integers(min_value=2, max_value=700),
    hour=st.integers(min_value=1, max_value=720),
)
def test_growth_in_a_straight_line_is_carried_on_along_it(rate: int, hours: int, hour: int) -> None:
    size, was_run = extrapolated_bytes(straight(rate, hours), hour)

    assert math.isclose(size, START + rate * hour)
    assert was_run == (hour <= hours)


def test_a_run_of_one_hour_tells_no_pace() -> None:
    assert rise_bytes_an_hour(straight(1_000_000, 1)) == 0.0


def test_what_is_extrapolated_is_in_italics() -> None:
    day = straight(1_000_000, 48)

    assert list(thirty_days_mb(day, (1, 2, 3))) == ["124 MB", "148 MB", "*172 MB*"]
    assert list(thirty_days_mb(None, (1,))) == ["-"]


def test_the_page_says_where_a_release_was_stopped() -> None:
    found = results(FULL)
    page = filled(replace(found, days=(straight(1_000_000, 48), *found.days[1:])))[PAGE]

    assert "1.0.0 was stopped on day 2.0, 48 MB above its start" in page
    assert "| 1.0.0 | 124 MB | 148 MB | *220 MB* | *340 MB* | *580 MB* | *820 MB* |" in page
