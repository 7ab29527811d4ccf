"""What CLEAN cannot see."""

import math
from collections.abc import Iterator
from typing import Final

from leakcheck.analysis.looks import CONFIDENCE
from leakcheck.model.measurement import Measurement
from leakcheck.model.signals import Signal

_JUDGED_PART: Final = 0.5
"""The newest half of a run is what a verdict rests on."""


def cannot_see(measurement: Measurement) -> str:
    """Return in one line what a CLEAN verdict on this measurement does not exclude.

    >>> from leakcheck.model.measurement import Ending
    >>> cannot_see(Measurement(series={}, iterations=4000, ending=Ending.SURE))
    'events rarer than 1 in 434, code that no iteration reached, other allocators, a GPU'
    """
    return ", ".join(_blind_spots(measurement))


def rarest_event(iterations: int) -> int:
    """Return the N for which an event of chance 1 in N was seen with the confidence of verdicts.

    Unseen in n independent iterations at a chance p with probability (1 - p)^n: the rule of
    three (Hanley and Lippman-Hand 1983), at 99 % instead of 95 %.

    >>> rarest_event(4000)
    434
    """
    judged = _JUDGED_PART * iterations
    return max(1, int(judged / -math.log(1 - CONFIDENCE)))


def _blind_spots(measurement: Measurement) -> Iterator[str]:
    children = measurement.series.get(Signal.CHILDREN)
    if measurement.from_outside is not None:
        yield "call sites and the heap, as it is seen from outside"
        yield "growth into memory that is resident already"
    elif children is not None and any(children.values):
        yield "the memory of child processes"
    yield f"events rarer than 1 in {rarest_event(measurement.iterations):,}"
    yield "code that no iteration reached"
    if measurement.from_outside is None:
        yield "other allocators"
    yield "a GPU"
