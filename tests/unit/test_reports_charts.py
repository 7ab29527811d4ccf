"""The charts of a page: what they show of any record, and where their numbers stand."""

from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.model.run_record import RunRecord
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal
from leakcheck_reports.charts import MOST_SITES, Chart, Line, moving, signal_chart, sites_chart
from leakcheck_reports.scale import chart_limits, label_places
from leakcheck_reports.sketch import svg_inside
from tests.unit.records import leak_record, records
from tests.unit.reports import many_sites_record

values = st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=6)


def chart_of(*ends: float, unit: str = "MiB") -> Chart:
    """Return a chart of as many call sites, which end at these values."""
    lines = [
        Line(name=f"site {number}", points=((0.0, 0.0), (10.0, end)), number=number)
        for number, end in enumerate(ends, start=1)
    ]
    return Chart(title="sites", unit=unit, lines=tuple(lines), says="", end=10.0)


def test_the_largest_call_sites_are_drawn_each_under_its_number() -> None:
    chart = sites_chart(many_sites_record())

    assert chart is not None
    assert [line.number for line in chart.lines] == list(range(1, MOST_SITES + 1))
    assert chart.lines[0].name == "/project/jobs.py:20 tick()"
    assert chart.unit == "MiB"


def test_a_site_without_a_series_leaves_the_numbers_of_the_others() -> None:
    record = many_sites_record(3)
    table = record.measurement.sites
    assert table is not None
    measurement = replace(record.measurement, sites=replace(table, sites=table.sites[1:]))
    chart = sites_chart(replace(record, measurement=measurement))

    assert chart is not None
    assert [line.number for line in chart.lines] == [2, 3]


def test_only_what_changes_is_drawn_of_what_is_counted() -> None:
    record = leak_record()
    still = Series.of(Signal.THREADS, ((n, 2) for n in range(9)))
    moved = Series.of(Signal.TASKS, ((n, n) for n in range(9)))
    series = {Signal.THREADS: still, Signal.TASKS: moved}
    record = replace(record, measurement=replace(record.measurement, series=series))

    assert list(moving(record, tuple(Signal))) == [Signal.TASKS]


def test_a_chart_tells_its_ends_its_extremes_and_its_trend_in_words() -> None:
    chart = signal_chart(leak_record(), Signal.HEAP)

    assert chart is not None
    assert chart.says == (
        "heap in use: 8.6 MiB at iteration 0, 9.0 MiB at iteration 3,960; lowest 8.6 MiB, "
        "highest 9.0 MiB; trend of the newest half +108 B an iteration (107 B to 109 B at 99 %)"
    )


@given(values)
def test_the_numbers_of_curves_keep_their_order_and_hide_none(ends: list[float]) -> None:
    chart = chart_of(*ends)
    low, high = chart_limits(chart)
    places = label_places(chart)
    heights = sorted(places.values())
    order = sorted(places, key=lambda number: (ends[number - 1], number))

    assert sorted(places, key=lambda number: (places[number], number)) == order
    assert all(low <= height <= high for height in heights)
    gaps = [b - a for a, b in pairwise(heights)]
    assert all(gap >= 0.089 * (high - low) for gap in gaps)


@given(values, st.sampled_from(["MiB", "KiB", ""]))
def test_every_value_is_within_the_limits(ends: list[float], unit: str) -> None:
    low, high = chart_limits(chart_of(*ends, unit=unit))

    assert low < min(0.0, *ends)
    assert high > max(0.0, *ends)


@given(records)
def test_whatever_a_record_claims_its_charts_are_well_formed(record: RunRecord) -> None:
    charts = [*(signal_chart(record, signal) for signal in Signal), sites_chart(record)]

    for chart in filter(None, charts):
        assert ET.fromstring(svg_inside(chart)).tag == "svg"  # noqa: S314 -- our own text


@pytest.mark.parametrize("number", [1, 2])
def test_a_single_site_needs_no_number(number: int) -> None:
    assert len(label_places(chart_of(*range(number)))) == (number if number > 1 else 0)
