"""The looks: after how many iterations the data are judged, and at what level."""

from itertools import takewhile
from typing import Final

from leakcheck.analysis.student import t_quantile

FIRST_LOOK: Final = 500
LOOKS_PLANNED: Final = 8
"""500, 1,000, ... 32,000 and the end: the error is shared by so many looks (Bonferroni)."""
SCALES: Final = 2
"""Lengths of block that a rate is taken from, the narrower interval of which is used.

A bound may come from a third, which the level does not provide for: see decision 0013 for how
often it falls short.
"""
CONFIDENCE: Final = 0.99
"""Of an interval, over all looks together."""
_EARLIER: Final = 0.75
"""A look confirms another only if a quarter of the data or more came in between."""


def next_look(iterations: int) -> int:
    """Return the number of iterations at which to look next, once `iterations` are done.

    >>> next_look(0), next_look(500), next_look(1999)
    (500, 1000, 2000)
    """
    look = FIRST_LOOK
    while look <= iterations:
        look *= 2
    return look


def looks_until(iterations: int) -> tuple[int, ...]:
    """Return every look of a run of so many iterations; the last is always at its end.

    >>> looks_until(2400)
    (500, 1000, 2000, 2400)
    """
    planned = takewhile(lambda look: look < iterations, (FIRST_LOOK << k for k in range(64)))
    return (*planned, iterations)


def confirming_look(iterations: int) -> int | None:
    """Return the latest look before `iterations` that much has been added to, if any.

    Half of the run stands in where it ended before there was one.

    >>> confirming_look(4000), confirming_look(2100), confirming_look(300)
    (2000, 1000, 150)
    """
    earlier = [look for look in looks_until(iterations) if look <= _EARLIER * iterations]
    return earlier[-1] if earlier else iterations // 2 or None


def critical_value(degrees: int) -> float:
    """Return how many standard errors wide each side of an interval is, at one look.

    Two-sided, at `CONFIDENCE` over all looks and both scales by Bonferroni's inequality.

    >>> round(critical_value(14), 2)
    4.38
    """
    return t_quantile(1 - (1 - CONFIDENCE) / 2 / LOOKS_PLANNED / SCALES, degrees)
