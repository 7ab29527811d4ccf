"""How long a workload takes to settle."""

from bisect import bisect_left
from typing import Final

from leakcheck.analysis.trend import line_rate
from leakcheck.analysis.windows import block_minima
from leakcheck.model.series import Series

_SCATTERS: Final = 4.0
_PART_OF_RISE: Final = 0.02
_GRAINS: Final = 16
_FEWEST: Final = 4


def warm_up_iterations(series: Series, end: int, grain: int) -> int:
    """Return from which iteration on the series follows the line of its newest half.

    The line through the block minima of (end/2, end] is carried backwards until a sample
    lies further from it than four times the scatter; never more than end/2.

    >>> from leakcheck.model.signals import Signal
    >>> settling = Series.of(Signal.HEAP, ((n, 10**6 + 9999 * min(n, 20)) for n in range(200)))
    >>> warm_up_iterations(settling, 199, 16)
    20
    """
    newest = block_minima(series, end / 2, end)
    if len(newest) < _FEWEST:
        return 0
    line, scatter = line_rate(newest, grain)
    centre = sum(newest.iterations) / len(newest)
    level = sum(newest.minima) / len(newest)
    rise = abs(newest.minima[-1] - newest.minima[0])
    tolerance = _SCATTERS * max(scatter, grain) + _PART_OF_RISE * rise + _GRAINS * grain
    half = bisect_left(series.iterations, end / 2)
    for k in reversed(range(half)):
        iteration = series.iterations[k]
        expected = level + line.estimate * (iteration - centre)
        if abs(series.values[k] - expected) > tolerance:
            return series.iterations[k + 1] if k + 1 < half else end // 2
    return 0
