"""memray's pages beside a record, opened in a real browser: they draw, and run no name."""

import subprocess
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest

from tests.browser.visit import Visit
from tests.process.drawn import FILE, FOLDER, HOSTILE, KEPT

pytestmark = pytest.mark.browser

PAGES = {
    "growth.html": "net growth from iteration 248 to 1,000, at call sites that keep growing",
    "leaks.html": "what was never freed, the harness's own included",
    "flamegraph.html": "what was alive when most was, the harness's own included",
}
BARS = "#chart .d3-flame-graph-label"
TIP = ".d3-flame-graph-tip"


def drawn(folder: Path, name: str, text: str) -> Path:
    """Return the folder with the pages of a run of `tick`."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    subprocess.run(
        [
            *(sys.executable, "-m", "leakcheck", "run", f"{name}:tick"),
            *("--exact-iterations", "1000", "--time-limit", "900", "--warn-only"),
        ],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (page,) = folder.glob(".leakcheck/*/growth.html")
    return page.parent


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the pages of a workload that keeps rows."""
    return drawn(tmp_path_factory.mktemp("usual"), "jobs.py", KEPT)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the pages of a workload whose file, function and source lines are markup."""
    return drawn(tmp_path_factory.mktemp("hostile"), f"{FOLDER}/{FILE}", HOSTILE)


def point_at_all(visit: Visit) -> list[str]:
    """Return what the tooltip of each bar says: memray makes its markup when it is shown."""
    bars = visit.page.locator(BARS)
    bars.first.wait_for(state="visible")
    told = []
    for k in range(bars.count()):
        bars.nth(k).dispatch_event("mouseover")
        told.append(visit.page.locator(TIP).inner_text())
    return told


def look_at(visit: Visit, button: str, dialog: str) -> str:
    """Return the text of a dialog that a button opens."""
    visit.page.get_by_role("button", name=button, exact=True).click()
    shown = visit.page.locator(dialog)
    shown.wait_for(state="visible")
    return shown.inner_text()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_draws_its_flamegraph_under_a_title_that_says_what_it_shows(
    usual: Path, opened: Callable[[Path], Visit], name: str
) -> None:
    visit = opened(usual / name)
    title = f"jobs.py:tick: {PAGES[name]}"
    told = point_at_all(visit)
    shown = visit.page.locator(BARS).all_inner_texts()

    assert visit.page.title() == f"memray - {title}"
    assert visit.page.locator("a.navbar-brand").inner_text().endswith(title)
    assert "ROWS.append(bytearray(1_000))" in shown
    assert len(told) == len(shown)
    assert all(text.startswith("File ") for text in told)


def test_the_legend_of_the_curves_and_the_help_of_the_page_of_growth_are_right(
    usual: Path, opened: Callable[[Path], Visit]
) -> None:
    visit = opened(usual / "growth.html")
    told = look_at(visit, "Memory Graph", "#memoryModal")
    again = opened(usual / "growth.html")

    assert "Resident size" in told
    assert "Heap size" in told
    assert f"for {PAGES['growth.html']}." in look_at(again, "Help", "#helpModal")


@pytest.mark.parametrize("name", PAGES)
def test_no_script_in_a_name_runs_wherever_a_page_shows_it(
    hostile: Path, opened: Callable[[Path], Visit], name: str
) -> None:
    visit = opened(hostile / name)
    page = visit.page
    told = point_at_all(visit)
    page.locator("#searchTerm").fill("alert")
    command = look_at(visit, "Stats", "#statsModal")

    assert f"{FOLDER}/{FILE}:tick" in command
    assert page.title() == f"memray - {FOLDER}/{FILE}:tick: {PAGES[name]}"
    assert any("alert(1)" in text for text in told)
    assert any("alert(2)" in text for text in told)
    assert any("alert(4)" in text for text in page.locator(BARS).all_inner_texts())
    assert page.locator("img").count() == 0


def test_the_browser_does_see_a_script_that_runs_and_what_a_page_asks_for(
    tmp_path: Path, opened: Callable[[Path], Visit]
) -> None:
    file = tmp_path / "bad.html"
    text = escape("<b>text</b>")
    file.write_text(
        f"<title>{text}</title><script>alert(7); console.error('no'); gone()</script>"
        "<img src=https://example.invalid/x>",
        encoding="utf-8",
    )
    visit = opened(file)

    assert visit.page.title() == "<b>text</b>"
    assert visit.dialogs == ["7"]
    assert visit.elsewhere == ["https://example.invalid/x"]
    assert "error: no" in visit.said
    with pytest.raises(AssertionError, match="gone is not defined"):
        visit.require_quiet()
    for found in (visit.said, visit.failed, visit.dialogs, visit.asked_for):
        found.clear()  # it was bad on purpose
