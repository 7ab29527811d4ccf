"""The site of the history in a real browser: quiet, readable for anybody, and it sorts."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from bench.history.__main__ import main
from bench.history.database import history_url, opened
from bench.history.facts import Kind, Metric, Run
from bench.history.simulated import NOISES, with_drift, with_step
from bench.history.store import History
from leakcheck.record.store import RecordStore
from tests.browser.visit import Visit
from tests.history.made import run
from tests.unit.records import leak_record

pytestmark = pytest.mark.browser

EVIL = "</style></title><img src=https://example.invalid/x onerror=alert(1)>'\"&{{7*7}}"
WIDTHS = {"desk": 1200, "phone": 390}


def runs() -> list[Run]:
    random = np.random.default_rng(1)
    quiet = [NOISES["normal"](random, 40) for _ in range(3)]
    tracks = {
        "bench_steps": with_step(quiet[0], 20, 0.5),
        "bench_drifts": with_drift(quiet[1], 0.6),
        EVIL: with_step(quiet[2], 10, -0.4),
    }
    return [
        run(number, value=0.01 * float(np.exp(value)), subject=subject)
        for subject, track in tracks.items()
        for number, value in enumerate(track)
    ] + [
        run(
            number,
            subject="jobs.py:tick",
            metric=Metric.GROWTH,
            value=0.1 if number < 30 else 50.0,
            kind=Kind.RECORD,
            verdict="CLEAN" if number < 30 else "LEAK",
            reason=EVIL,
        )
        for number in range(40)
    ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a site with trends, a record, and a flamegraph beside it."""
    folder = tmp_path_factory.mktemp("site")
    url = f"sqlite:///{folder / 'history.sqlite'}"
    record = leak_record(100)
    RecordStore(folder / "records").save(record)
    (folder / "records" / record.id / "growth.html").write_text("<title>its flamegraph</title>")
    (folder / "records" / record.id / "leaks.html").symlink_to("/etc/hostname")
    with opened(history_url({}, url)) as engine:
        History(engine).add(runs())
    command = ["dashboard", "--url", url, "--records", str(folder / "records")]
    assert main([*command, "--benchmarks", "none.json", "-o", str(folder / "it")]) == 0
    return folder / "it"


def page_of(site: Path, name: str) -> Path:
    (found,) = site.glob(f"subjects/{name}-*.html")
    return found


def pages(site: Path) -> list[Path]:
    return [site / "index.html", *sorted(site.glob("subjects/*.html"))]


def test_every_page_is_quiet_and_has_no_markup_of_a_name(
    site: Path, opened: Callable[[Path], Visit]
) -> None:
    for file in pages(site):
        visit = opened(file)
        assert visit.page.locator("img").count() == 0
        assert "49" not in visit.page.title()
        visit.require_quiet()


@pytest.mark.parametrize(("width", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_anybody_can_read_every_page(
    site: Path, opened: Callable[[Path], Visit], scheme: str, width: str
) -> None:
    for file in (site / "index.html", page_of(site, "bench_steps"), page_of(site, "bench_drifts")):
        page = opened(file).page
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": WIDTHS[width], "height": 800})
        results = Axe().run(page)

        assert results.violations_count == 0, results.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]


def test_the_first_page_tells_what_changed_and_leads_to_its_chart(
    site: Path, opened: Callable[[Path], Visit]
) -> None:
    page = opened(site / "index.html").page
    told = page.locator("ul.news li.regression").all_inner_texts()

    assert len(told) == 3
    assert re.search(r"bench_steps time \+[45]\d\.\d % .* at 0000000000, after", " ".join(told))
    page.get_by_role("link", name="bench_steps time").first.click()
    chart = page.locator("svg[role=img]")
    assert chart.count() == 1
    assert page.locator("svg .mark.regression").count() == 1
    assert page.locator("svg .dot").count() == 40
    assert "0000000000" in chart.locator("title").first.text_content()  # type: ignore[operator]


def test_the_runs_lead_to_the_pages_beside_their_records_but_to_no_link_elsewhere(
    site: Path, opened: Callable[[Path], Visit]
) -> None:
    page = opened(site / "index.html").page
    row = page.locator("tr", has_text="LEAK").filter(has_text="growth flamegraph")

    assert row.get_by_role("link").all_inner_texts() == ["jobs.py:tick", "growth flamegraph"]
    row.get_by_role("link", name="growth flamegraph").click()
    assert page.title() == "its flamegraph"
    assert not list(site.rglob("leaks.html"))


def test_a_table_sorts_by_number_and_back(site: Path, opened: Callable[[Path], Visit]) -> None:
    page = opened(site / "index.html").page
    table = page.locator("section", has=page.locator("#subjects")).locator("table")
    times = table.locator("tbody tr td:nth-child(3)")
    head = table.get_by_role("columnheader", name="Time")

    head.get_by_role("button").click()
    rising = [one for one in times.all_inner_texts() if one]
    assert head.get_attribute("aria-sort") == "ascending"
    head.get_by_role("button").click()
    falling = [one for one in times.all_inner_texts() if one]
    assert head.get_attribute("aria-sort") == "descending"
    assert len(rising) == 3
    assert rising == falling[::-1]
