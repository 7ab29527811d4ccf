"""Noise: what a heap does that neither grows nor leaks."""

import random
from collections import deque

from bench.calibration.scene import Curve


def white(rng: random.Random, deviation: float) -> Curve:
    """Yield independent normal noise."""
    while True:
        yield rng.gauss(0, deviation)


def drifting(rng: random.Random, deviation: float, memory: float) -> Curve:
    """Yield noise that remembers: AR(1), `deviation` is that of its innovations."""
    level = 0.0
    while True:
        level = memory * level + rng.gauss(0, deviation)
        yield level


def bounded_walk(rng: random.Random, step: float, bound: float) -> Curve:
    """Yield a random walk that is turned back at 0 and at `bound`."""
    level = rng.uniform(0, bound)
    while True:
        level = min(max(level + rng.choice((-step, step)), 0.0), bound)
        yield level


def sawtooth(rng: random.Random, period: int, rise: float) -> Curve:
    """Yield what rises by `rise` an iteration and falls back every `period`, at any phase."""
    at = rng.randrange(period)
    while True:
        yield rise * at
        at = (at + 1) % period


def random_sawtooth(rng: random.Random, fall_chance: float, rise: float) -> Curve:
    """Yield what rises by `rise` an iteration and falls back now and then."""
    level = 0.0
    while True:
        yield level
        level = 0.0 if rng.random() < fall_chance else level + rise


def spikes(rng: random.Random, chance: float, mean: float) -> Curve:
    """Yield temporaries that are alive at some samples, of exponential sizes."""
    while True:
        yield rng.expovariate(1 / mean) if rng.random() < chance else 0.0


def batches(rng: random.Random, period: int, size: float) -> Curve:
    """Yield a batch of `size` that is held during a part of each period."""
    held = rng.randrange(1, period)
    at = rng.randrange(period)
    while True:
        yield size if at < held else 0.0
        at = (at + 1) % period


def busy_and_quiet(rng: random.Random, change: float, deviation: float) -> Curve:
    """Yield noise whose deviation is ten times as large in busy spells as in quiet ones."""
    busy = False
    while True:
        busy ^= rng.random() < change
        yield rng.gauss(0, deviation * (10 if busy else 1))


def expiring(rng: random.Random, lifetime: int, mean: float) -> Curve:
    """Yield entries of exponential sizes, one an iteration, each alive for `lifetime` of them."""
    alive = deque(rng.expovariate(1 / mean) for _ in range(lifetime))
    total = sum(alive)
    while True:
        yield total
        alive.append(rng.expovariate(1 / mean))
        total += alive[-1] - alive.popleft()


def wandering_pages(rng: random.Random, chance: float, fading: float) -> Curve:
    """Yield resident bytes that move in pages, up rather than down, ever more rarely."""
    level, at = 0.0, 0
    while True:
        yield level
        at += 1
        if rng.random() < chance / (1 + fading * at):
            step = 4096.0 * rng.choice((1, 1, 2, 4, 16, 33))
            level = max(0.0, level + (step if rng.random() < 0.6 else -step))
