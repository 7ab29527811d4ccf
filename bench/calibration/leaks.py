"""Leaks of many kinds: all grow by the same bytes an iteration in the long run."""

import random
from collections.abc import Callable
from itertools import count
from typing import Final

from bench.calibration import noises
from bench.calibration.clean import list_bytes
from bench.calibration.scene import Curve, Scene, backing, keeping

SMALLEST_CHUNK_BYTES: Final = 32
"""The least that malloc hands out: a smaller leak is one such chunk every few iterations."""
LATE_START: Final = 1_500
LATE_ITERATIONS: Final = 6_000

MakeLeak = Callable[[random.Random, float], Scene]
KINDS: Final[dict[str, MakeLeak]] = {}
"""Every kind by its name: of a generator of random numbers and bytes an iteration."""
LATE: Final = "late, exact iterations"


def _kind(name: str) -> Callable[[MakeLeak], MakeLeak]:
    def register(make: MakeLeak) -> MakeLeak:
        KINDS[name] = make
        return make

    return register


def every(rng: random.Random, rate: float, iterations: int) -> Scene:
    """Return one object every so many iterations, so large that it makes up `rate`."""
    phase = rng.randrange(iterations)
    return keeping((float((n + phase) // iterations) for n in count()), rate * iterations)


def steady(rate: float, rng: random.Random) -> Scene:
    """Return an object each iteration, or a smallest chunk every few of them, at any phase."""
    size, phase = max(rate, SMALLEST_CHUNK_BYTES), rng.random()
    return keeping((float(int(n * rate / size + phase)) for n in count()), size)


def at_random(rng: random.Random, rate: float, iterations: int) -> Scene:
    """Return an object at random, once in so many iterations."""
    return keeping(_poisson(rng, 1 / iterations), rate * iterations)


@_kind("steady")
def _steady(rng: random.Random, rate: float) -> Scene:
    return steady(rate, rng).over(Scene(noise=noises.white(rng, 4)))


@_kind("steady, white noise of 465 B")
def _noisy(rng: random.Random, rate: float) -> Scene:
    return steady(rate, rng).over(Scene(noise=noises.white(rng, 465)))


@_kind("steady, noise that remembers")
def _drifting(rng: random.Random, rate: float) -> Scene:
    return steady(rate, rng).over(Scene(noise=noises.drifting(rng, 100, 0.95)))


@_kind("steady, random temporaries")
def _temporaries(rng: random.Random, rate: float) -> Scene:
    return steady(rate, rng).over(Scene(noise=noises.spikes(rng, 0.3, 3000)))


@_kind("steady, a cache with expiry beside")
def _beside_a_cache(rng: random.Random, rate: float) -> Scene:
    return steady(rate, rng).over(Scene(noise=noises.expiring(rng, 200, 300)))


@_kind("1 in 100")
def _one_in_100(rng: random.Random, rate: float) -> Scene:
    return every(rng, rate, 100).over(Scene(noise=noises.white(rng, 4)))


@_kind("1 in 300 at random")
def _one_in_300(rng: random.Random, rate: float) -> Scene:
    return at_random(rng, rate, 300).over(Scene(noise=noises.white(rng, 4)))


@_kind("1 in 1,000")
def _one_in_1000(rng: random.Random, rate: float) -> Scene:
    return every(rng, rate, 1000).over(Scene(noise=noises.white(rng, 4)))


@_kind("in steps of 256")
def _in_steps(rng: random.Random, rate: float) -> Scene:
    return every(rng, rate, 256).over(Scene(noise=noises.white(rng, 4)))


@_kind("over-allocation alone")
def _over_allocated(rng: random.Random, rate: float) -> Scene:
    scale = rate / 8
    items = keeping((float(n) for n in count()), 0)
    room = backing(scale * size for size in list_bytes(1 << 40))
    return items.over(room).over(Scene(noise=noises.white(rng, 4)))


@_kind(LATE)
def _late(rng: random.Random, rate: float) -> Scene:
    size = max(rate, SMALLEST_CHUNK_BYTES)
    objects = (float(int(max(n - LATE_START, 0) * rate / size)) for n in count())
    return keeping(objects, size).over(Scene(noise=noises.white(rng, 4)))


def _poisson(rng: random.Random, chance: float) -> Curve:
    number = 0
    while True:
        yield float(number)
        number += rng.random() < chance
