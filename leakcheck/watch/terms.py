"""By what a process is judged."""

from dataclasses import dataclass
from typing import Final

from leakcheck.watch.reading import Watched

DAY_S: Final = 86_400.0
CONFIDENCE: Final = 0.99
"""Of all intervals of memory together, over every look; of the three counts another 99 %."""
HORIZON_HOURS: Final = 30 * 24
"""What would double memory, or reach its limit, in 30 days is too much."""
_SMALL_BYTES: Final = 64 << 20
_SMALL_COUNT: Final = 100
_LEAST_ROOM: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By what a process is judged.

    `cycle_s` is the period of its load in seconds, 0 for a load without one.
    `threshold_bytes_per_hour` is the growth that is a LEAK, None for what would double memory, or
    reach `limit_bytes`, in 30 days.
    """

    cycle_s: float = DAY_S
    threshold_bytes_per_hour: float | None = None
    limit_bytes: int | None = None


def threshold_of(what: Watched, level: float, terms: Terms) -> float:
    """Return the growth per hour that is too much for a signal that stands at `level`.

    For memory the least of what would double it and what would reach the limit in 30 days, no less
    than a tenth of the former; below 64 MiB, or 100 of what is counted, as if it were that much.

    >>> threshold_of(Watched.MEMORY, 720 << 20, Terms()) == 1 << 20
    True
    """
    if what is not Watched.MEMORY:
        return max(level, _SMALL_COUNT) / HORIZON_HOURS
    if terms.threshold_bytes_per_hour is not None:
        return terms.threshold_bytes_per_hour
    usual = max(level, _SMALL_BYTES)
    limit = terms.limit_bytes
    room = usual if limit is None else min(usual, max(limit - level, usual * _LEAST_ROOM))
    return room / HORIZON_HOURS
