from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from system.errors import MalformedQuotesError
from system.indices.parse import (
    indices_from_json,
    indices_to_json,
    parse_history,
    parse_quotes,
)
from system.model import MarketIndices, Quote
from tests.system.doubles import QUOTES

_PRICES = st.none() | st.floats(min_value=0.01, max_value=1e6)
_QUOTES = st.builds(Quote, symbol=st.text(), price=_PRICES, previous=_PRICES)


@given(quotes=st.lists(_QUOTES).map(tuple), day=st.dates())
def test_market_indices_come_out_of_the_cache_as_they_went_in(
    quotes: tuple[Quote, ...], day: object
) -> None:
    indices = MarketIndices(as_of=str(day), quotes=quotes)
    assert indices_from_json(indices_to_json(indices)) == indices


def test_a_symbol_that_was_not_listed_has_no_change() -> None:
    listed, unlisted = parse_quotes(QUOTES).quotes
    assert listed.change_percent == pytest.approx(100 / 4010)
    assert unlisted.change_percent is None


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "[]",
        "{}",
        '{"as_of": "x", "quotes": [["A"]]}',
        '{"as_of": "x", "quotes": [["A","1",2]]}',
        '{"as_of": "x", "quotes": [["A",NaN,2]]}',
        '{"as_of": "x", "quotes": [["A",1e400,2]]}',
        '{"as_of": "x", "quotes": [["A",1' + "0" * 400 + ",2]]}",
        "[" * 100_000,
    ],
)
def test_anything_but_quotes_is_refused(payload: str) -> None:
    with pytest.raises(MalformedQuotesError):
        parse_quotes(payload)


@pytest.mark.parametrize(
    "payload",
    [
        '{"dates": ["a"], "prices": {"A": []}}',
        '{"dates": [], "prices": []}',
        '{"prices": {}}',
        '{"dates": [], "prices": {"A": []}}',
        '{"dates": ["a"], "prices": {}}',
        '{"dates": ["a"], "prices": {"A": [NaN]}}',
        '{"dates": ["<script>"], "prices": {"A": [1]}}',
        '{"dates": ["a"], "prices": {"\\"; bad()": [1]}}',
        '{"dates": [1], "prices": {"A": [1]}}',
    ],
)
def test_anything_but_a_history_is_refused(payload: str) -> None:
    with pytest.raises(MalformedQuotesError):
        parse_history(payload)


def test_what_is_said_of_a_bad_price_is_short_however_long_the_price() -> None:
    payload = '{"as_of": "x", "quotes": [["A", "' + "x" * 10**6 + '", 2]]}'
    with pytest.raises(MalformedQuotesError) as refused:
        parse_quotes(payload)
    assert len(str(refused.value)) < 400
