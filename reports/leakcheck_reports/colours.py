"""The colours of a plot: told apart by the colour-blind, and in grey."""

from typing import Final

CURVE: Final = "#2b6ca3"
TREND: Final = "#c8501e"
BAND: Final = "#f2b392"
WARM_UP: Final = "#efefef"
LOOK: Final = "#7a7a7a"
GRID: Final = "#e6e6e6"
GREY: Final = "#6b6b6b"
VERDICTS: Final = {
    "LEAK": "#b3261e",
    "CLEAN": "#1f7a3a",
    "INCONCLUSIVE": "#9a6700",
    "ERROR": "#6e2fa0",
}

# -- charts inside a page ----------------------------------------------------------------------

_SITES: Final = ("site1", "site2", "site3", "site4", "site5", "site6")
_IN_A_PAGE: Final = ("curve", "trend", "band", "warm", "look", "grid", "soft", *_SITES)
INKS: Final = {name: f"#{0xA10001 + number:06x}" for number, name in enumerate(_IN_A_PAGE)}
"""What stands in a drawing for a colour that the page chooses, by light or dark."""


def colour_of(number: int) -> str:
    """Return the name of the colour of a call site by its number, or of a signal's curve for 0.

    >>> colour_of(0), colour_of(2)
    ('curve', 'site2')
    """
    return _SITES[number - 1] if number else "curve"


def ink(name: str) -> str:
    """Return a colour of the page as a drawing in it names it.

    >>> ink("curve")
    'var(--curve)'
    """
    return f"var(--{name})"
