"""What is known of a watched process as sentences."""

import math
from typing import Final

from leakcheck.model.units import format_bytes, format_count, format_rate, written_size
from leakcheck.model.verdict import Verdict
from leakcheck.watch.growth import Growth
from leakcheck.watch.reading import Watched
from leakcheck.watch.standing import Forecast, Standing

_STEPS: Final = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))
_NEVER_S: Final = 10 * 365 * 86_400.0


def verdict_line(standing: Standing) -> str:
    """Return the verdict with what it rests on, in one line."""
    growth, what = standing.growth, standing.what
    if growth is None:
        return f"{standing.verdict:<13} {what} {standing.why}, after {watched(standing)}"
    return (
        f"{standing.verdict:<13} {what} {standing.why}: {growth_text(what, growth)}, threshold "
        f"{_rate(what, standing.threshold_per_hour)}, after {watched(standing)}"
    )


def status_line(standing: Standing) -> str:
    """Return how things stand: memory, when the limit is reached, and growth, which is longest."""
    memory = format_bytes(standing.memory_bytes)
    parts = [f"so far {standing.verdict} after {watched(standing)}", f"memory {memory}"]
    if (ahead := forecast_text(standing)) is not None:
        parts.append(ahead)
    if standing.growth is not None:
        parts.append(growth_text(standing.what, standing.growth))
    return "  ".join(parts)


def forecast_text(standing: Standing) -> str | None:
    """Return when memory reaches its limit, None where no growth is certain."""
    ahead, limit = standing.forecast, standing.limit_bytes
    if ahead is None or limit is None or standing.verdict is Verdict.CLEAN:
        return None
    if not math.isfinite(ahead.latest_s):
        return None
    return f"reaches {written_limit(limit)} in {_between(ahead)}"


def growth_text(what: Watched, growth: Growth) -> str:
    """Return a growth per hour with its interval.

    >>> growth_text(Watched.THREADS, Growth(estimate=2.0, low=1.0, high=3.0))
    '2 an hour (1 to 3 at 99 %)'
    """
    low, high = _plain(what, growth.low), _plain(what, growth.high)
    return f"{_rate(what, growth.estimate)} ({low} to {high} at 99 %)"


def watched(standing: Standing) -> str:
    """Return how long was watched, and over how many lives."""
    lives = f" and {standing.lives} lives" if standing.lives > 1 else ""
    return f"{duration(standing.watched_s)}{lives}"


def duration(seconds: float) -> str:
    """Return a time in the largest unit that keeps two digits of it.

    >>> duration(50_400), duration(90), duration(0.4), duration(3 * 86_400)
    ('14 h', '90 s', '0.4 s', '3 d')
    """
    if seconds >= _NEVER_S:
        return "more than 10 years"
    for step_s, unit in _STEPS:
        if seconds >= 2 * step_s:
            return f"{_short(seconds / step_s)} {unit}"
    return f"{_short(seconds)} s"


def written_limit(limit_bytes: int) -> str:
    """Return a limit as it was written, if that is short; else rounded.

    >>> written_limit(512 << 20), written_limit(7_956_123_648)
    ('512MiB', '7.4 GiB')
    """
    exact = written_size(float(limit_bytes))
    return exact if len(exact) <= len("1023MiB") else format_bytes(limit_bytes)


def _between(ahead: Forecast) -> str:
    soonest, latest = duration(ahead.soonest_s), duration(ahead.latest_s)
    return soonest if soonest == latest else f"{soonest} to {latest}"


def _rate(what: Watched, rate: float) -> str:
    return f"{_plain(what, rate)} an hour"


def _plain(what: Watched, rate: float) -> str:
    return format_rate(rate) if what is Watched.MEMORY else format_count(rate)


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")  # noqa: PLR2004 -- two digits
