"""How the numbers along an axis are written."""

from typing import Final

_THOUSAND: Final = 10_000


def shown_number(value: float, _: object = None) -> str:
    """Return a number, short enough for a narrow chart.

    >>> shown_number(2000), shown_number(20_000), shown_number(1_500_000)
    ('2,000', '20k', '1.5M')
    """
    for factor, unit in ((1_000_000, "M"), (1_000, "k")):
        if abs(value) >= max(factor, _THOUSAND):
            return f"{value / factor:,.6g}{unit}"
    return f"{value:,.6g}"
