"""Memory of services over days, simulated: what it is made of, and whether it leaks."""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from leakcheck.watch.reading import Reading

MIB: Final = 1 << 20
HOUR_S: Final = 3600.0
LEVEL: Final = 300 * MIB
LIMIT: Final = 1024 * MIB
INTERVAL_S: Final = 60.0

Shape = Callable[[float, float, int], float]
"""Bytes above the base, from the hour since the watch began, the hour of the life, and its number."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A kind of service: from which hour it leaks (None: never) and how its memory is made."""

    name: str
    leaks_from_h: float | None
    make: Callable[[random.Random], "Made"]


@dataclass(frozen=True, slots=True)
class Made:
    """One service: its parts, its restarts, and noise of some size."""

    parts: tuple[Shape, ...]
    restarts_h: tuple[float, ...] = ()
    noise: float = 0.004 * LEVEL
    wander: float = 0.0


def readings(made: Made, seed: int, days: float, interval_s: float = INTERVAL_S) -> Iterator[Reading]:
    """Yield what a watcher would read."""
    rng = random.Random(seed)  # noqa: S311 -- a simulation
    fluctuating, wandering, life, began_h = 0.0, 0.0, 0, 0.0
    restarts = [*made.restarts_h, math.inf]
    for n in range(int(days * 24 * HOUR_S / interval_s)):
        hour = n * interval_s / HOUR_S
        if hour >= restarts[0]:
            restarts.pop(0)
            life, began_h, wandering = life + 1, hour, 0.0
        fluctuating = 0.9 * fluctuating + rng.gauss(0, made.noise * math.sqrt(1 - 0.81))
        wandering += rng.gauss(0, made.wander)
        warm = LEVEL * (1 - 0.6 * math.exp(-(hour - began_h) / 0.15))
        extra = sum(part(hour, hour - began_h, life) for part in made.parts)
        memory = max(int(warm + extra + fluctuating + wandering), MIB)
        yield Reading(at_s=1.7e9 + n * interval_s, memory_bytes=memory // 4096 * 4096, life=str(life))


def day(size: float, phase_h: float = 0.0) -> Shape:
    """Return a daily cycle: low at night, a plateau by day, no two days quite alike."""

    def shape(hour: float, _age: float, _life: int) -> float:
        swing = (1 - math.cos((hour + phase_h) * math.tau / 24)) / 2
        busy = 1 + 0.1 * math.sin(1.7 * ((hour + phase_h) // 24))
        return size * busy * swing**0.7

    return shape


def leak(bytes_per_hour: float, from_h: float = 0.0) -> Shape:
    """Return a leak that begins at an hour and that each restart sets back."""

    def shape(hour: float, age: float, _life: int) -> float:
        return bytes_per_hour * min(age, max(hour - from_h, 0.0))

    return shape


def filling(size: float, hours: float) -> Shape:
    """Return a cache that fills exponentially in each life."""
    return lambda _hour, age, _life: size * (1 - math.exp(-age / hours))


def logarithm(size: float) -> Shape:
    """Return growth as the logarithm: new keys become rarer."""
    return lambda _hour, age, _life: size * math.log1p(age)


def linear_fill(size: float, hours: float) -> Shape:
    """Return a container that fills in a straight line until its limit."""
    return lambda _hour, age, _life: size * min(age / hours, 1.0)


def step(size: float, at_h: float) -> Shape:
    """Return a load step."""
    return lambda hour, _age, _life: size if hour >= at_h else 0.0


def sawtooth(size: float, hours: float) -> Shape:
    """Return garbage that is collected every few hours."""
    return lambda hour, _age, _life: size * ((hour / hours) % 1.0)


def weekend(size: float, phase_h: float) -> Shape:
    """Return what two quiet days of each week take away."""
    return lambda hour, _age, _life: -size if ((hour + phase_h) // 24) % 7 >= 5 else 0.0


def scenes() -> tuple[Scene, ...]:
    """Return every kind of service."""

    def made(*parts: Shape, **more: object) -> Made:
        return Made(parts, **more)  # type: ignore[arg-type]

    u = lambda rng, a, b: rng.uniform(a, b)  # noqa: E731
    return (
        Scene("flat", None, lambda r: made()),
        Scene("daily cycle", None, lambda r: made(day(u(r, 30, 150) * MIB, u(r, 0, 24)))),
        Scene("strong daily cycle", None, lambda r: made(day(u(r, 250, 420) * MIB, u(r, 0, 24)))),
        Scene("cycle and weekend", None, lambda r: made(day(100 * MIB, u(r, 0, 24)), weekend(u(r, 20, 60) * MIB, u(r, 0, 168)))),
        Scene("cache fills in hours", None, lambda r: made(filling(u(r, 50, 300) * MIB, u(r, 2, 12)), day(40 * MIB, u(r, 0, 24)))),
        Scene("cache fills in days", None, lambda r: made(filling(u(r, 50, 300) * MIB, u(r, 24, 72)), day(40 * MIB, u(r, 0, 24)))),
        Scene("grows as the logarithm", None, lambda r: made(logarithm(u(r, 10, 40) * MIB), day(40 * MIB, u(r, 0, 24)))),
        Scene("fills in a straight line", None, lambda r: made(linear_fill(u(r, 30, 150) * MIB, u(r, 6, 60)))),
        Scene("load step", None, lambda r: made(step(u(r, 30, 200) * MIB, u(r, 10, 150)), day(40 * MIB, u(r, 0, 24)))),
        Scene("two load steps", None, lambda r: made(step(60 * MIB, u(r, 10, 80)), step(60 * MIB, u(r, 80, 150)))),
        Scene("sawtooth", None, lambda r: made(sawtooth(u(r, 40, 150) * MIB, u(r, 0.5, 9)), day(40 * MIB, u(r, 0, 24)))),
        Scene("wanders", None, lambda r: made(day(40 * MIB, u(r, 0, 24)), wander=u(r, 0.02, 0.1) * MIB)),
        Scene("restarts each night", None, lambda r: made(day(80 * MIB, (p := u(r, 0, 24))), restarts_h=tuple((27 - p) % 24 + 24 * k for k in range(30)))),
        Scene("fills after each nightly restart", None, lambda r: made(filling(u(r, 50, 200) * MIB, u(r, 3, 12)), day(60 * MIB, (p := u(r, 0, 24))), restarts_h=tuple((27 - p) % 24 + 24 * k for k in range(30)))),
        Scene("deployments, cache", None, lambda r: made(filling(u(r, 50, 150) * MIB, u(r, 1, 8)), day(60 * MIB, u(r, 0, 24)), restarts_h=_deployments(r))),
        Scene("leak, fast", 0.0, lambda r: made(leak(u(r, 20, 60) * MIB))),
        Scene("leak, 5 MiB/h", 0.0, lambda r: made(leak(5 * MIB), day(60 * MIB, u(r, 0, 24)))),
        Scene("leak, 1 MiB/h, cycle of 100 MiB", 0.0, lambda r: made(leak(1 * MIB), day(100 * MIB, u(r, 0, 24)))),
        Scene("leak, 2 MiB/h, strong cycle", 0.0, lambda r: made(leak(2 * MIB), day(300 * MIB, u(r, 0, 24)))),
        Scene("leak and a cache", 0.0, lambda r: made(leak(2 * MIB), filling(100 * MIB, 8), day(60 * MIB, u(r, 0, 24)))),
        Scene("leak and sawtooth", 0.0, lambda r: made(leak(2 * MIB), sawtooth(80 * MIB, u(r, 0.5, 6)))),
        Scene("leak, with deployments", 0.0, lambda r: made(leak(3 * MIB), day(60 * MIB, u(r, 0, 24)), restarts_h=_deployments(r))),
        Scene("leak from a deployment on", 96.0, lambda r: made(leak(3 * MIB, 96.0), day(60 * MIB, u(r, 0, 24)), restarts_h=(96.0,))),
        Scene("leak from mid-life on", 120.0, lambda r: made(leak(4 * MIB, 120.0), day(60 * MIB, u(r, 0, 24)))),
    )


def _deployments(rng: random.Random) -> tuple[float, ...]:
    hour, found = 0.0, list[float]()
    while hour < 720:
        hour += rng.uniform(8, 60)
        found.append(hour)
    return tuple(found)
