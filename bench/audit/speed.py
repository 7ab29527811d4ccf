"""How fast this machine is beside the one that the page was measured on. Pure.

A word about a time is true of a machine. A check elsewhere takes the time as the page's machine
would have taken it, by what the same iterations of the service cost on both.
"""

from collections.abc import Iterator
from dataclasses import replace
from statistics import fmean, median

from bench.audit.results import Bare, Results

__all__ = ["as_measured_there", "slowness"]


def slowness(here: Results, there: Results) -> float:
    """Return how many times as long as `there` things take `here`, 1 where that is unknown.

    It is the median over the runs that both have of the CPU time of an iteration here to there.
    """
    return median(_ratios(here, there) or [1.0])


def as_measured_there(here: Results, there: Results) -> Results:
    """Return the results with the times of collections as they would be on the other machine."""
    times = slowness(here, there)
    scaled = (
        replace(one, cpu_s=tuple(seconds / times for seconds in one.cpu_s))
        for one in here.collections
    )
    return replace(here, collections=tuple(scaled))


def _ratios(here: Results, there: Results) -> list[float]:
    return [_cost_s(one) / _cost_s(other) for one, other in _pairs(here, there)]


def _pairs(here: Results, there: Results) -> Iterator[tuple[Bare, Bare]]:
    known = {one.run: one for one in there.costs}
    yield from ((one, known[one.run]) for one in here.costs if one.run in known)


def _cost_s(run: Bare) -> float:
    return fmean(run.cpu_s)
