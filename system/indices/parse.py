"""Quotes and histories out of the source's JSON, and market indices in and out of the cache."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any

from system.errors import MalformedQuotesError
from system.model import History, MarketIndices, Quote

__all__ = ["indices_from_json", "indices_to_json", "parse_history", "parse_quotes"]


_WORD = re.compile(r"[\w.^=+-]{1,40}", re.ASCII)


def parse_quotes(payload: bytes | str) -> MarketIndices:
    """Return the market indices in the payload.

    >>> payload = '{"as_of": "2022-06-01", "quotes": [["^GSPC", 3821.55, 3821.55]]}'
    >>> parse_quotes(payload).quotes[0].change_percent
    0.0

    Raises:
        MalformedQuotesError: the payload is no JSON, lacks a part, or a price is no number.
    """
    document = _object(payload)
    try:
        quotes = tuple(_quote(*row) for row in document["quotes"])
        return MarketIndices(as_of=str(document["as_of"]), quotes=quotes)
    except (KeyError, TypeError, OverflowError) as error:
        what = f"{type(error).__name__} {error}"[:200]
        msg = f"quotes: {what}, want as_of and rows of symbol, price, previous"
        raise MalformedQuotesError(msg) from error


def parse_history(payload: bytes | str) -> History:
    """Return the price history in the payload.

    >>> parse_history('{"dates": ["2022-06-01"], "prices": {"IBM": [141.86]}}').prices["IBM"]
    (141.86,)

    Raises:
        MalformedQuotesError: the payload is no JSON, lacks a part, is of no date, has a price that
            is no number, a symbol or date that is no plain word, or series of different lengths.
    """
    document = _object(payload)
    try:
        dates = tuple(map(_word, document["dates"]))
        prices = {_word(symbol): _prices(series) for symbol, series in document["prices"].items()}
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        msg = f"history: {type(error).__name__} {error}, want dates and prices by symbol"
        raise MalformedQuotesError(msg[:200]) from error
    if not dates or not prices:
        msg = f"history: {len(dates)} dates of {len(prices)} symbols, want one or more of each"
        raise MalformedQuotesError(msg)
    for symbol, series in prices.items():
        if len(series) != len(dates):
            msg = f"history of {symbol}: {len(series)} prices, want {len(dates)}"
            raise MalformedQuotesError(msg)
    return History(dates=dates, prices=prices)


def indices_to_json(indices: MarketIndices) -> str:
    """Return the market indices as the JSON that :func:`indices_from_json` reads."""
    rows = [(quote.symbol, quote.price, quote.previous) for quote in indices.quotes]
    return json.dumps({"as_of": indices.as_of, "quotes": rows}, separators=(",", ":"))


def indices_from_json(payload: str) -> MarketIndices:
    """Return the market indices that :func:`indices_to_json` wrote: the same form as the source's.

    Raises:
        MalformedQuotesError: something else wrote the payload.
    """
    return parse_quotes(payload)


def _object(payload: bytes | str) -> dict[str, Any]:
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError) as error:  # brackets nested too deep are no ValueError
        msg = f"quotes: not JSON ({error})"
        raise MalformedQuotesError(msg) from error
    if not isinstance(document, dict):
        msg = f"quotes: got a JSON {type(document).__name__}, want an object"
        raise MalformedQuotesError(msg)
    return document


def _quote(symbol: object, price: object, previous: object) -> Quote:
    return Quote(symbol=str(symbol), price=_price(price), previous=_price(previous))


def _word(value: object) -> str:
    """Return a symbol or a date, which goes into pages and scripts as it is."""
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        msg = f"a word of {value!r}"
        raise TypeError(msg)
    return value


def _prices(series: Sequence[object]) -> tuple[float | None, ...]:
    return tuple(map(_price, series))


def _price(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        msg = f"a price of {value!r}"
        raise TypeError(msg)
    price = float(value)
    if not math.isfinite(price):  # Python reads NaN and Infinity, which are no JSON
        msg = f"a price of {value!r}"
        raise TypeError(msg)
    return price
