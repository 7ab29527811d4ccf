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
"""Bytes above the base, from the hour of the watch, the hour of the life, and its number."""


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


def readings(
    made: Made, seed: int, days: float, interval_s: float = INTERVAL_S
) -> Iterator[Reading]:
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
        yield Reading(
            at_s=1.7e9 + n * interval_s, memory_bytes=memory // 4096 * 4096, life=str(life)
        )


def day(size: float, phase_h: float = 0.0) -> Shape:
    """Return a daily cycle: low at night, a plateau by day, no two days quite alike."""

    def shape(hour: float, _age: float, _life: int) -> float:
        swing = (1 - math.cos((hour + phase_h) * math.tau / 24)) / 2
        busy = 1 + 0.1 * math.sin(1.7 * ((hour + phase_h) // 24))
        return size * busy * math.pow(swing, 0.7)

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
    """Return every kind of service: first the clean ones."""
    return (
        Scene("flat", None, lambda _: Made(())),
        Scene("daily cycle", None, lambda rng: Made((_cycle(rng, 30, 150),))),
        Scene("strong daily cycle", None, lambda rng: Made((_cycle(rng, 250, 420),))),
        Scene("cycle and weekend", None, _with_weekend),
        Scene("cache fills in hours", None, lambda rng: _cached(rng, 2, 12)),
        Scene("cache fills in days", None, lambda rng: _cached(rng, 24, 72)),
        Scene(
            "grows as the logarithm", None, lambda rng: _cycled(rng, logarithm(_mib(rng, 10, 40)))
        ),
        Scene("fills in a straight line", None, _filling_straight),
        Scene("load step", None, lambda rng: _cycled(rng, _step(rng, 10, 150))),
        Scene("two load steps", None, lambda rng: Made((_step(rng, 10, 80), _step(rng, 80, 150)))),
        Scene("sawtooth", None, lambda rng: _cycled(rng, _sawtooth(rng, 9))),
        Scene("wanders", None, _wandering),
        Scene("restarts each night", None, _nightly),
        Scene("cache, restarts each night", None, _nightly_with_cache),
        Scene("cache, deployments", None, _deployed_with_cache),
        Scene("leak of 20 to 60 MiB/h", 0.0, lambda rng: Made((leak(_mib(rng, 20, 60)),))),
        Scene("leak of 5 MiB/h", 0.0, lambda rng: _cycled(rng, leak(5 * MIB))),
        Scene("leak of 1 MiB/h", 0.0, lambda rng: Made((leak(MIB), _cycle(rng, 90, 110)))),
        Scene("leak of 2 MiB/h, strong cycle", 0.0, _hidden),
        Scene("leak of 2 MiB/h and a cache", 0.0, _leak_and_cache),
        Scene("leak of 2 MiB/h and a sawtooth", 0.0, _leak_and_sawtooth),
        Scene("leak of 3 MiB/h, deployments", 0.0, _leak_deployed),
        Scene("leak of 3 MiB/h from a deployment on", _DEPLOYED_H, _leak_from_deployment),
        Scene("leak of 4 MiB/h from mid-life on", _TURNED_H, _leak_from_mid_life),
    )


_DEPLOYED_H: Final = 96.0
_TURNED_H: Final = 120.0


def _mib(rng: random.Random, least: float, most: float) -> float:
    return rng.uniform(least, most) * MIB


def _cycle(rng: random.Random, least: float, most: float) -> Shape:
    return day(_mib(rng, least, most), rng.uniform(0, 24))


def _cycled(rng: random.Random, part: Shape) -> Made:
    return Made((part, _cycle(rng, 40, 60)))


def _cached(rng: random.Random, least_h: float, most_h: float) -> Made:
    return _cycled(rng, filling(_mib(rng, 50, 300), rng.uniform(least_h, most_h)))


def _step(rng: random.Random, first_h: float, last_h: float) -> Shape:
    return step(_mib(rng, 30, 200), rng.uniform(first_h, last_h))


def _sawtooth(rng: random.Random, most_h: float) -> Shape:
    return sawtooth(_mib(rng, 40, 150), rng.uniform(0.5, most_h))


def _with_weekend(rng: random.Random) -> Made:
    return Made((_cycle(rng, 90, 110), weekend(_mib(rng, 20, 60), rng.uniform(0, 168))))


def _filling_straight(rng: random.Random) -> Made:
    return Made((linear_fill(_mib(rng, 30, 150), rng.uniform(6, 60)),))


def _wandering(rng: random.Random) -> Made:
    return Made((_cycle(rng, 40, 60),), wander=_mib(rng, 0.02, 0.1))


def _nightly(rng: random.Random, *parts: Shape) -> Made:
    """Return a service that is restarted at three in the morning."""
    phase_h = rng.uniform(0, 24)
    restarts = tuple((27 - phase_h) % 24 + 24 * number for number in range(60))
    return Made((*parts, day(_mib(rng, 60, 80), phase_h)), restarts_h=restarts)


def _nightly_with_cache(rng: random.Random) -> Made:
    return _nightly(rng, filling(_mib(rng, 50, 200), rng.uniform(3, 12)))


def _deployed(rng: random.Random, *parts: Shape) -> Made:
    return Made((*parts, _cycle(rng, 50, 70)), restarts_h=_deployments(rng))


def _deployed_with_cache(rng: random.Random) -> Made:
    return _deployed(rng, filling(_mib(rng, 50, 150), rng.uniform(1, 8)))


def _hidden(rng: random.Random) -> Made:
    return Made((leak(2 * MIB), _cycle(rng, 290, 310)))


def _leak_and_cache(rng: random.Random) -> Made:
    return Made((leak(2 * MIB), filling(100 * MIB, 8), _cycle(rng, 50, 70)))


def _leak_and_sawtooth(rng: random.Random) -> Made:
    return Made((leak(2 * MIB), sawtooth(80 * MIB, rng.uniform(0.5, 6))))


def _leak_deployed(rng: random.Random) -> Made:
    return _deployed(rng, leak(3 * MIB))


def _leak_from_deployment(rng: random.Random) -> Made:
    parts = (leak(3 * MIB, _DEPLOYED_H), _cycle(rng, 50, 70))
    return Made(parts, restarts_h=(_DEPLOYED_H,))


def _leak_from_mid_life(rng: random.Random) -> Made:
    return Made((leak(4 * MIB, _TURNED_H), _cycle(rng, 50, 70)))


def _deployments(rng: random.Random) -> tuple[float, ...]:
    hour, found = 0.0, list[float]()
    while hour < 720:
        hour += rng.uniform(8, 60)
        found.append(hour)
    return tuple(found)
