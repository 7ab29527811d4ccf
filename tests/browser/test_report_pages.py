"""Our own pages, opened in a real browser: they can be read by anybody, and sort."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from leakcheck.cli import main
from leakcheck.record.store import RecordStore
from tests.browser.visit import Open, Visit
from tests.unit.reports import HOSTILE, hostile_record, many_sites_record

pytestmark = pytest.mark.browser

GOLDEN = sorted(map(str, (Path(__file__).parents[1] / "golden").glob("*/*")))
PAGES = ("one.html", "several.html", "hostile.html", "compared.html")
PHONE = 390


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of pages: about one leak, about several records, with markup as names."""
    folder = tmp_path_factory.mktemp("pages")
    leak, hostile = (
        str(RecordStore(folder / name).save(record).parent)
        for name, record in (("usual", many_sites_record()), ("hostile", hostile_record()))
    )
    (Path(leak) / "growth.html").write_text("<title>what grew</title>", encoding="utf-8")
    for name, records in zip(PAGES, ([leak], [leak, *GOLDEN], [hostile]), strict=False):
        assert main(["report", *records, "-o", str(folder / name)]) == 0
    assert main(["compare", "--renamed", leak, hostile, "-o", str(folder / PAGES[-1])]) == 1
    return folder


def column(visit: Visit, table: str, number: int) -> list[str]:
    """Return what stands in a column of a table."""
    cells = visit.page.get_by_role("table", name=table).locator(f"tbody td:nth-child({number})")
    return [text.strip() for text in cells.all_inner_texts()]


# What contrast hangs on is the scheme, and what can be reached on the width: each is seen once.
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (PHONE, "dark")])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_that_keeps_anybody_from_reading(
    folder: Path, opened: Open, name: str, width: int, scheme: str
) -> None:
    visit = opened(folder / name, scheme="dark" if scheme == "dark" else "light", width=width)
    found = Axe().run(visit.page).response["violations"]

    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_without_scrolling_sideways(
    folder: Path, opened: Open, name: str
) -> None:
    visit = opened(folder / name, width=PHONE)

    assert visit.page.evaluate("document.documentElement.scrollWidth") == PHONE


def test_light_and_dark_differ_and_so_do_their_curves(folder: Path, opened: Open) -> None:
    colours = [
        opened(folder / "one.html", scheme=scheme).page.evaluate(
            """() => [document.body, document.querySelector("svg [style*='--curve']")]
                .map((one) => getComputedStyle(one))
                .flatMap((style) => [style.backgroundColor, style.stroke])"""
        )
        for scheme in ("light", "dark")
    ]

    assert colours[0][0] != colours[1][0]
    assert colours[0][3] != colours[1][3]


def test_a_click_on_a_header_sorts_and_another_one_turns_it_round(
    folder: Path, opened: Open
) -> None:
    visit = opened(folder / "one.html")
    name = visit.page.get_by_role("table", name="Call sites that keep growing").get_attribute(
        "aria-label"
    )
    assert name is not None
    as_written = column(visit, name, 1)
    header = visit.page.get_by_role("table", name=name).get_by_role(
        "columnheader", name="Bytes an iteration"
    )
    header.get_by_role("button").click()
    most_first = column(visit, name, 1)
    assert header.get_attribute("aria-sort") == "descending"
    header.get_by_role("button").press("Enter")
    least_first = column(visit, name, 1)

    assert as_written == [str(number) for number in range(1, 13)]
    assert most_first == as_written  # 900 B before 1 KiB would be the order of texts
    assert least_first == as_written[::-1]
    assert header.get_attribute("aria-sort") == "ascending"


def test_a_column_of_words_sorts_by_them(folder: Path, opened: Open) -> None:
    visit = opened(folder / "one.html")
    table = visit.page.get_by_role("table", name="What each reading says")
    label = table.get_attribute("aria-label")
    assert label is not None
    table.get_by_role("button", name="Reading").click()

    assert column(visit, label, 1) == sorted(column(visit, label, 1))


def test_the_table_of_verdicts_leads_to_each_run(folder: Path, opened: Open) -> None:
    page = opened(folder / "several.html").page
    page.get_by_role("table", name="What was checked").get_by_role("link").nth(2).click()

    assert page.url.endswith("#run-3")
    assert page.locator("article:target").count() == 1


def test_the_flamegraph_is_one_click_away_without_a_network(folder: Path, opened: Open) -> None:
    page = opened(folder / "one.html").page
    page.get_by_role("link", name="growth.html").click()
    page.wait_for_url("**/growth.html")

    assert page.title() == "what grew"


def test_a_stack_unfolds_by_keyboard(folder: Path, opened: Open) -> None:
    page = opened(folder / "one.html").page
    stack = page.get_by_role("table", name="Call sites").locator("details").first
    stack.locator("summary").press("Enter")

    assert stack.get_by_text("asyncio/events.py").is_visible()


def test_a_name_that_is_markup_is_shown_and_does_nothing(folder: Path, opened: Open) -> None:
    page = opened(folder / "hostile.html").page

    assert page.locator("img").count() == 0
    assert HOSTILE in page.locator("h1").inner_text()


def test_axe_does_see_what_it_looks_for(tmp_path: Path, opened: Open) -> None:
    file = tmp_path / "bad.html"
    file.write_text("<title>x</title><p style='color: #eee'>pale</p>", encoding="utf-8")
    found = {one["id"] for one in Axe().run(opened(file).page).response["violations"]}

    assert {"color-contrast", "html-has-lang"} <= found


@pytest.mark.parametrize("name", PAGES)
def test_without_scripts_a_page_is_all_there(folder: Path, opened: Open, name: str) -> None:
    with_scripts = opened(folder / name).page.locator("main").inner_text()
    text = (folder / name).read_text(encoding="utf-8")
    (folder / f"plain-{name}").write_text(
        text[: text.index("<script>")] + text[text.index("</script>") + 9 :], encoding="utf-8"
    )

    assert opened(folder / f"plain-{name}").page.locator("main").inner_text() == with_scripts
