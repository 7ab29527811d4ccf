"""The simulated days of a release: where it was stopped, and what it would have come to. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from bench.audit.plan import TICKS_A_DAY, TICKS_AN_HOUR
from bench.audit.results import Bare
from bench.audit.shown import megabytes

__all__ = ["day_at_limit", "extrapolated_bytes", "rise_bytes_an_hour", "thirty_days_mb"]

_HOURS_A_DAY: Final = 24


def rise_bytes_an_hour(day: Bare) -> float:
    """Return by how much the process grew an hour over the second half of its run."""
    half = (len(day.rss_bytes) - 1) // 2
    hours = (len(day.rss_bytes) - 1 - half) * day.block_iterations / TICKS_AN_HOUR
    return (day.rss_bytes[-1] - day.rss_bytes[half]) / hours if hours else 0.0


def extrapolated_bytes(day: Bare, hour: int) -> tuple[float, bool]:
    """Return the resident bytes after so many hours, and whether it was run as far as that."""
    if hour <= len(day.rss_bytes):
        return day.rss_bytes[hour - 1], True
    beyond = hour - len(day.rss_bytes)
    return day.rss_bytes[-1] + beyond * rise_bytes_an_hour(day), False


def thirty_days_mb(day: Bare | None, days: Sequence[int]) -> Iterator[str]:
    """Yield the size after each of those days, in italics where it is extrapolated."""
    for number in days:
        if day is None:
            yield "-"
            continue
        size, was_run = extrapolated_bytes(day, number * _HOURS_A_DAY)
        yield megabytes(size) if was_run else f"*{megabytes(size)}*"


def day_at_limit(name: str, day: Bare | None) -> Iterator[str]:
    """Yield where the release was stopped, if it was."""
    if day is None or day.iterations >= day.wanted:
        return
    grown_mb = megabytes(day.rss_bytes[-1] - day.start_rss_bytes)
    a_day = megabytes(rise_bytes_an_hour(day) * _HOURS_A_DAY)
    yield (
        f"- {name} was stopped on day {day.iterations / TICKS_A_DAY:.1f}, {grown_mb} above its "
        "start, at the audit's memory limit; what is in italics goes on from there at that pace, "
        f"{a_day} a day."
    )
