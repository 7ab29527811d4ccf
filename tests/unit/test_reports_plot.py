import re
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.model.run_record import RunRecord
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Judgement, Verdict
from leakcheck_reports.curves import MIB, picture_of, printable, thinned
from leakcheck_reports.plot import write_plot
from leakcheck_reports.scale import limits, ticks
from leakcheck_reports.svg import svg_text
from tests.unit.records import leak_record, records

PNG = b"\x89PNG\r\n\x1a\n"
SVG = "{http://www.w3.org/2000/svg}"


def with_series(*points: tuple[int, int]) -> RunRecord:
    record = leak_record(3)
    series = {signal: Series.of(signal, points) for signal in (Signal.RSS, Signal.HEAP)}
    return replace(record, measurement=replace(record.measurement, series=series))


def named(target: str) -> RunRecord:
    record = leak_record(3)
    return replace(record, plan=replace(record.plan, target=target))


ODD_RECORDS = {
    "no signal": replace(
        leak_record(3), measurement=replace(leak_record(3).measurement, series={}, iterations=0)
    ),
    "one sample": with_series((0, 30 << 20)),
    "two samples": with_series((0, 30 << 20), (7, 31 << 20)),
    "a flat line": with_series((0, 30 << 20), (7, 30 << 20), (9, 30 << 20)),
    "no trend": replace(
        leak_record(), judgement=Judgement(verdict=Verdict.INCONCLUSIVE, reason="too short")
    ),
    "a name that is a formula": named(r"jobs.py:$\frac{1}{x}$ <b>&amp;"),
    "a name that no font has": named("jobs.py:\U0001f642\x00\x1b[0m\udcff\u05d0"),
}


@pytest.mark.parametrize("record", ODD_RECORDS.values(), ids=list(ODD_RECORDS))
def test_any_record_is_drawn_as_png(record: RunRecord, tmp_path: Path) -> None:
    file = write_plot(record, tmp_path)

    assert file == tmp_path / "rss.png"
    assert file.read_bytes().startswith(PNG)


@pytest.mark.parametrize("record", ODD_RECORDS.values(), ids=list(ODD_RECORDS))
def test_any_record_is_drawn_as_svg(record: RunRecord) -> None:
    assert ET.fromstring(svg_text(picture_of(record)).encode()).tag == f"{SVG}svg"  # noqa: S314 -- our own text


@settings(max_examples=50, deadline=None)
@given(records)
def test_the_svg_of_any_record_parses_and_stays_inside_its_frame(record: RunRecord) -> None:
    root = ET.fromstring(svg_text(picture_of(record)).encode())  # noqa: S314 -- our own text
    corners = re.findall(
        r"([-.\d]+),([-.\d]+)", " ".join(one.get("points", "") for one in root.iter())
    )

    assert all(80 <= float(x) <= 880 and 64 <= float(y) <= 578 for x, y in corners)


def test_without_matplotlib_the_plot_is_an_svg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.axes", None)
    monkeypatch.delitem(sys.modules, "leakcheck_reports.figure", raising=False)
    file = write_plot(leak_record(), tmp_path)

    assert file == tmp_path / "rss.svg"
    assert "LEAK: jobs.py:tick" in file.read_text(encoding="utf-8")


def test_drawing_leaves_matplotlibs_global_state_alone(tmp_path: Path) -> None:
    write_plot(leak_record(), tmp_path)

    assert "matplotlib.pyplot" not in sys.modules


def test_the_svg_tells_verdict_growth_and_both_signals() -> None:
    text = svg_text(picture_of(leak_record()))

    assert "LEAK: jobs.py:tick" in text
    assert "+108 B an iteration (107 B to 109 B at 99 %)" in text
    assert "RSS (MiB)" in text
    assert "heap in use (MiB)" in text


def test_the_trend_goes_through_the_newest_half_of_a_straight_line() -> None:
    trend = picture_of(leak_record(101)).panels[1].trend

    assert trend is not None
    (start, first), (end, last) = trend.line
    assert (start, end) == (2000, 4000)
    assert first == pytest.approx((9_000_000 + 108 * 2000) / MIB, abs=1e-3)
    assert last == pytest.approx((9_000_000 + 108 * 4000) / MIB, abs=1e-3)
    assert trend.low[0][1] > first > trend.high[0][1]
    assert trend.low[1][1] < last < trend.high[1][1]


def test_a_growth_that_rests_on_no_bytes_is_told_by_its_reason() -> None:
    judgement = Judgement(verdict=Verdict.LEAK, reason="one descriptor an iteration")
    picture = picture_of(replace(leak_record(3), judgement=judgement))

    assert picture.subheading == "120 iterations: one descriptor an iteration"


def test_a_curve_flat_to_a_few_pages_is_drawn_flat() -> None:
    low, high = limits(picture_of(with_series((0, 30 << 20), (5, (30 << 20) + 4096))).panels[0])

    assert high - low > 0.25


@given(st.lists(st.integers(min_value=-1000, max_value=1000), min_size=1, max_size=500))
def test_thinning_keeps_order_and_the_extremes(values: list[int]) -> None:
    points = [(float(n), float(value)) for n, value in enumerate(values)]
    kept = thinned(points, most=20)

    assert list(kept) == sorted(set(kept))
    assert len(kept) <= 20
    assert max(value for _, value in kept) == max(values)
    assert min(value for _, value in kept) == min(values)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e9))
def test_ticks_are_few_and_inside(low: float, span: float) -> None:
    found = ticks(low, low + span)

    assert 1 <= len(found) <= 7
    assert all(low - span * 1e-6 <= tick <= low + span * (1 + 1e-6) for tick in found)


@given(st.text())
def test_printable_text_is_one_short_line(text: str) -> None:
    assert printable(text).isprintable()
    assert len(printable(text)) <= 110
