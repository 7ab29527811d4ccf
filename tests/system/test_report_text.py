from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from system.indices.parse import parse_history
from system.sizes import DOCUMENTED
from system.workflow.compose import compose_css, compose_html, compose_js, compose_title
from system.workflow.translate import to_english
from tests.system.doubles import HISTORY

_HISTORY = parse_history(HISTORY)


@settings(max_examples=15, deadline=None)
@given(run_number=st.integers(min_value=1, max_value=10**6))
def test_every_field_of_every_report_has_its_documented_size(run_number: int) -> None:
    sizes = DOCUMENTED.draw(run_number)
    title = compose_title(_HISTORY, run_number)
    html, js = compose_html(_HISTORY, title, sizes), compose_js(_HISTORY, title, sizes)
    for page in (html, to_english(html)):
        assert 1_000_000 <= len(page.encode()) <= 5_000_000
    for script in (js, to_english(js)):
        assert 100_000 <= len(script) <= 500_000
    assert 10_000 <= len(compose_css(_HISTORY, sizes)) <= 100_000


def test_the_mean_report_comes_to_about_four_megabytes() -> None:
    draws = [DOCUMENTED.draw(number) for number in range(1, 2001)]
    mean = sum(2 * draw.html + draw.css + 2 * draw.js for draw in draws) / len(draws)
    assert 3.5e6 < mean < 4.8e6


def test_a_report_holds_the_recorded_prices() -> None:
    html = compose_html(_HISTORY, "title", DOCUMENTED.draw(1))
    assert "<td>^GSPC</td><td>2021-12-01</td><td>4011.00</td>" in html


def test_the_same_run_writes_the_same_report_and_another_run_another() -> None:
    def report(run_number: int) -> str:
        return compose_html(_HISTORY, "title", DOCUMENTED.draw(run_number))

    assert report(3) == report(3)
    assert len({len(report(number)) for number in range(5)}) > 1


def test_no_german_is_left_in_a_translated_page() -> None:
    english = to_english(compose_html(_HISTORY, "Marktbericht 1", DOCUMENTED.draw(1)))
    for german in ("gestiegen", "gefallen", "Ver&auml;nderung", "Kurse", "Wert<", "Marktbericht"):
        assert german not in english
