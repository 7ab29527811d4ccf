"""Readings of simulated services, for the tests of watching."""

import math
from collections.abc import Callable, Iterator

from leakcheck.watch.course import Course
from leakcheck.watch.reading import Reading
from leakcheck.watch.standing import Standing

MIB = 1 << 20
DAY_H = 24


def hourly(
    memory: Callable[[float], float],
    *,
    days: float,
    every_h: float = 0.25,
    life: Callable[[float], str] = lambda _: "a",
) -> Iterator[Reading]:
    """Yield readings whose memory is a function of the hour."""
    for number in range(int(days * DAY_H / every_h)):
        hour = number * every_h
        yield Reading(at_s=1e9 + hour * 3600, memory_bytes=int(memory(hour)), life=life(hour))


def cycle(hour: float) -> float:
    """Return the load at an hour, from 0 at night to 1 by day."""
    return (1 - math.cos(hour * math.tau / DAY_H)) / 2


def wobble(hour: float) -> float:
    """Return noise from -1 to 1 that is the same each time."""
    return math.sin(hour * 12.9898) * math.cos(hour * 78.233)


def stand(course: Course, readings: Iterator[Reading]) -> Standing:
    """Return how things stand after all readings."""
    for reading in readings:
        course.add(reading)
    assert course.standing is not None
    return course.standing
