"""What is known of a watched process at one moment."""

import math
from dataclasses import dataclass

from leakcheck.model.verdict import Verdict
from leakcheck.watch.growth import Growth
from leakcheck.watch.reading import Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """In how many seconds memory reaches its limit: soonest, expected, latest; inf is never."""

    soonest_s: float
    expected_s: float
    latest_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The verdict so far and what it rests on.

    `growth` is that of the signal `what`, per hour. `memory_bytes` is the newest reading and
    `peak_bytes` the highest of the newest cycle; `watched_s` is the time from the first reading to
    the newest and `lives` how many lives it saw of the process.
    """

    verdict: Verdict
    why: str
    what: Watched
    growth: Growth | None
    threshold_per_hour: float
    memory_bytes: int
    peak_bytes: int
    limit_bytes: int | None
    forecast: Forecast | None
    readings: int
    watched_s: float
    lives: int


def forecast_of(growth: Growth, *, room_bytes: float) -> Forecast:
    """Return when a growth in bytes per hour has used up the room that is left.

    >>> forecast_of(Growth(estimate=2.0, low=1.0, high=4.0), room_bytes=8.0)
    Forecast(soonest_s=7200.0, expected_s=14400.0, latest_s=28800.0)
    >>> forecast_of(Growth(estimate=0.0, low=-1.0, high=1.0), room_bytes=1.0).latest_s
    inf
    """
    room = max(room_bytes, 0.0)

    def until_s(rate: float) -> float:
        return room / rate * 3600 if rate > 0 else math.inf

    return Forecast(
        soonest_s=until_s(growth.high),
        expected_s=until_s(growth.estimate),
        latest_s=until_s(growth.low),
    )
