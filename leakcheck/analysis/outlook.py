"""Until when: how long a leak may go on before memory is used up."""

import math
from typing import Final

from leakcheck.model.explanation import Outlook
from leakcheck.model.measurement import Measurement
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Growth

ROUND_FIGURE_BYTES: Final = 1 << 30
_MINUTE_S: Final = 60
_UNITS: Final = ((86_400 * 365, "years"), (86_400, "days"), (3_600, "h"), (_MINUTE_S, "min"))
_CENTURY_S: Final = 100 * 86_400 * 365
_FEW: Final = 10


def outlook(
    measurement: Measurement,
    growth: Growth | None,
    *,
    limit_bytes: float | None,
    iterations_per_second: float | None = None,
) -> Outlook | None:
    """Return how long memory lasts, None where growth or the pace is unknown, or next to none.

    The pace is the measured one unless another is given. Without a limit the room is 1 GiB.
    """
    pace = iterations_per_second or _pace(measurement)
    rate = growth.estimate * pace if growth is not None else 0.0
    if not 0 < rate < math.inf:
        return None
    used = _newest(measurement.series.get(Signal.RSS))
    room = ROUND_FIGURE_BYTES if limit_bytes is None else max(limit_bytes - used, 0.0)
    seconds = room / rate
    if not math.isfinite(seconds):
        return None
    return Outlook(
        room_bytes=room,
        limit_bytes=limit_bytes,
        iterations_per_second=pace,
        seconds=seconds,
    )


def format_duration(seconds: float) -> str:
    """Return a time with as many digits as a forecast deserves.

    >>> format_duration(57_600), format_duration(90), format_duration(0.4), format_duration(1e12)
    ('16 h', '1.5 min', 'less than a second', 'more than a century')
    """
    if not math.isfinite(seconds) or seconds > _CENTURY_S:
        return "more than a century"
    if seconds < 1:
        return "less than a second"
    for length, unit in _UNITS:
        if seconds >= length:
            return f"{_digits(seconds / length)} {unit}"
    return f"{seconds:.0f} s"


def _digits(number: float) -> str:
    return f"{number:,.0f}" if number >= _FEW or number.is_integer() else f"{number:.1f}"


def _pace(measurement: Measurement) -> float:
    return measurement.iterations / measurement.elapsed_s if measurement.elapsed_s > 0 else 0.0


def _newest(series: Series | None) -> int:
    return series.values[-1] if series is not None and len(series) else 0
