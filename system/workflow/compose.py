"""The German report out of the price history: page, stylesheet and script. Pure.

Umlauts are entities: to bind a text that is not ASCII, SQLite's module keeps its UTF-8 form inside
the string, and each page would weigh twice.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from system.model import History
from system.sizes import FieldSizes

__all__ = ["compose_css", "compose_html", "compose_js", "compose_title"]

_WINDOWS_MONTHS = (6, 12, 36)


def compose_title(history: History, run_number: int) -> str:
    """Return the report's title: what it covers, and which run of the service wrote it."""
    first, last = history.dates[0], history.dates[-1]
    return f"Marktbericht {run_number}: {len(history.prices)} Werte, {first} bis {last}"


def compose_html(history: History, title: str, sizes: FieldSizes) -> str:
    """Return the German page: every symbol's months in a table, over and over up to its size."""
    rows = [
        row
        for symbol, prices in history.prices.items()
        for row in _rows(symbol, history.dates, prices)
    ]
    head = (
        '<!doctype html>\n<html lang="de">\n<head><meta charset="utf-8">'
        f"<title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n<table>\n"
        "<caption>Kurse und Ver&auml;nderung zum Vormonat</caption>\n"
        "<tr><th>Wert</th><th>Monat</th><th>Schlusskurs</th>"
        "<th>Ver&auml;nderung</th><th>Richtung</th></tr>\n"
    )
    tail = (
        "</table>\n<p>Quelle der Kurse: aufgezeichnete Monatskurse. "
        "Keine Anlageberatung.</p>\n</body>\n</html>\n"
    )
    return "".join((head, *_fill(rows, sizes.html - len(head) - len(tail)), tail))


def compose_css(history: History, sizes: FieldSizes) -> str:
    """Return the stylesheet: a bar a symbol and month, as wide as the price by the highest."""
    rules = [
        rule
        for symbol, prices in history.prices.items()
        for rule in _bars(symbol, history.dates, prices)
    ]
    head = "table{border-collapse:collapse}td{padding:2px 6px;text-align:right}\n"
    return "".join((head, *_fill(rules, sizes.css - len(head))))


def compose_js(history: History, title: str, sizes: FieldSizes) -> str:
    """Return the script: every symbol's moving averages, over and over up to its size."""
    head = f'const bericht = {{titel: "{title}", reihen: []}};\n'
    tail = "document.title = bericht.titel; // Reihen gezeichnet\n"
    return "".join((head, *_fill(_series(history), sizes.js - len(head) - len(tail)), tail))


def _rows(symbol: str, dates: Sequence[str], prices: Sequence[float | None]) -> Iterator[str]:
    previous: float | None = None
    for date, price in zip(dates, prices, strict=True):
        if price is not None:
            change = 100.0 * (price / previous - 1.0) if previous else 0.0
            direction = "gestiegen" if change > 0 else "gefallen"
            yield (
                f'<tr class="b{date[:7]}"><td>{symbol}</td><td>{date}</td><td>{price:.2f}</td>'
                f"<td>{change:+.2f}&nbsp;%</td><td>{direction}</td></tr>\n"
            )
            previous = price


def _bars(symbol: str, dates: Sequence[str], prices: Sequence[float | None]) -> list[str]:
    name = symbol.strip("^")
    highest = max(filter(None, prices), default=1.0)
    return [
        f".{name}-{date[:7]}{{width:{100 * price / highest:.1f}%}}\n"
        for date, price in zip(dates, prices, strict=True)
        if price is not None
    ]


def _series(history: History) -> Iterator[str]:
    for symbol, prices in history.prices.items():
        known = [price for price in prices if price is not None]
        for months in _WINDOWS_MONTHS:
            averages = _averages(known, months)
            for start in range(0, len(averages), 12):
                year = ",".join(averages[start : start + 12])
                series = f'wert: "{symbol}", fenster: {months}, kurse: [{year}]'
                yield f"bericht.reihen.push({{{series}}});\n"


def _averages(prices: Sequence[float], months: int) -> list[str]:
    sums = list(accumulate(prices, initial=0.0))
    return [
        f"{(later - earlier) / months:.2f}"
        for earlier, later in zip(sums, sums[months:], strict=False)
    ]


def _fill(pieces: Iterable[str], size: int) -> list[str]:
    """Return the pieces over and over, whole ones, as many as fit into ``size`` characters."""
    taken = list(pieces)
    ends = list(accumulate(map(len, taken)))
    if not ends:
        return []
    rounds, rest = divmod(max(size, 0), ends[-1])
    return ["".join(taken) * rounds, *taken[: bisect_right(ends, rest)]]
