"""German reports into English, word for word. Pure."""

from __future__ import annotations

__all__ = ["to_english"]

# Whole phrases come first: a word inside one would be replaced before it otherwise.
_DICTIONARY = (
    ("Kurse und Ver&auml;nderung zum Vormonat", "Prices and change from the month before"),
    (
        "Quelle der Kurse: aufgezeichnete Monatskurse",
        "Source of the prices: recorded monthly prices",
    ),
    ("Keine Anlageberatung", "No investment advice"),
    ("Reihen gezeichnet", "series drawn"),
    ('<html lang="de">', '<html lang="en">'),
    (
        "<th>Wert</th><th>Monat</th><th>Schlusskurs</th>",
        "<th>Symbol</th><th>Month</th><th>Close</th>",
    ),
    ("<th>Ver&auml;nderung</th><th>Richtung</th>", "<th>Change</th><th>Direction</th>"),
    ("Marktbericht", "Market report"),
    (" Werte, ", " symbols, "),
    (" bis ", " to "),
    ("gestiegen", "risen"),
    ("gefallen", "fallen"),
    ("bericht.", "report."),
    ("const bericht", "const report"),
    ("titel", "title"),
    ("reihen", "series"),
    ("wert:", "symbol:"),
    ("fenster:", "months:"),
    ("kurse:", "prices:"),
)


def to_english(text: str) -> str:
    """Return the text with every German phrase the reports use in English; all else stays as it is.

    >>> to_english("<td>gestiegen</td>")
    '<td>risen</td>'
    """
    for german, english in _DICTIONARY:
        text = text.replace(german, english)
    return text
