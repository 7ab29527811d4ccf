"""How large the fields of a report are, and the draw that makes them vary from run to run."""

from __future__ import annotations

import random
from dataclasses import dataclass

__all__ = ["DOCUMENTED", "TINY", "FieldSizes", "ReportSizes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSizes:
    """The sizes one report aims at, in characters, before translation."""

    html: int
    css: int
    js: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSizes:
    """The range each field's size is drawn from, in characters, its ends included."""

    html: tuple[int, int]
    css: tuple[int, int]
    js: tuple[int, int]

    def draw(self, run_number: int) -> FieldSizes:
        """Return the sizes of that run: the same number draws the same sizes.

        >>> DOCUMENTED.draw(7) == DOCUMENTED.draw(7)
        True
        """
        rng = random.Random(run_number)  # noqa: S311  sizes are no secret, they must be reproducible
        return FieldSizes(
            html=_skewed(rng, self.html), css=_skewed(rng, self.css), js=_skewed(rng, self.js)
        )


def _skewed(rng: random.Random, bounds: tuple[int, int]) -> int:
    """Most reports are near the lower end, few near the upper: 4 MB a report in the mean."""
    low, high = bounds
    return low + int((high - low) * rng.random() ** 4)


# English pages are a little shorter than German ones, and scripts longer: both stay in the ranges.
DOCUMENTED = ReportSizes(html=(1_200_000, 4_500_000), css=(12_000, 95_000), js=(120_000, 450_000))
"""The sizes of a real report: pages of 1-5 MB, a stylesheet of 10-100 KB, scripts of 100-500 KB."""

TINY = ReportSizes(html=(6_000, 8_000), css=(500, 800), js=(2_000, 3_000))
"""Reports of some 20 KB in all, for runs of thousands: no real report is as small."""
