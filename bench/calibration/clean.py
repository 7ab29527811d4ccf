"""Clean processes of many kinds: what grows here ends, slows down or falls back."""

import math
import random
from collections.abc import Callable
from itertools import count
from typing import Final

from bench.calibration import noises
from bench.calibration.scene import Curve, Make, Scene, backing, keeping

KINDS: Final[dict[str, Make]] = {}
"""Every kind by its name; each call draws its sizes and phases anew."""


def _kind(name: str) -> Callable[[Make], Make]:
    def register(make: Make) -> Make:
        KINDS[name] = make
        return make

    return register


@_kind("flat")
def _flat(_: random.Random) -> Scene:
    return Scene()


@_kind("white noise, 4 B")
def _white(rng: random.Random) -> Scene:
    return Scene(noise=noises.white(rng, 4))


@_kind("white noise, 465 B")
def _white_large(rng: random.Random) -> Scene:
    return Scene(noise=noises.white(rng, 465))


@_kind("AR(1) 0.9")
def _drifting(rng: random.Random) -> Scene:
    return Scene(noise=noises.drifting(rng, rng.choice((5, 50, 500)), 0.9))


@_kind("AR(1) 0.995")
def _drifting_slowly(rng: random.Random) -> Scene:
    return Scene(noise=noises.drifting(rng, rng.choice((2, 20, 200)), 0.995))


@_kind("bounded random walk")
def _walk(rng: random.Random) -> Scene:
    return Scene(noise=noises.bounded_walk(rng, 64, 10 ** rng.uniform(3, 4.5)))


@_kind("short sawtooth")
def _short_sawtooth(rng: random.Random) -> Scene:
    return Scene(noise=noises.sawtooth(rng, rng.randint(3, 40), 10 ** rng.uniform(1, 3)))


@_kind("long sawtooth")
def _long_sawtooth(rng: random.Random) -> Scene:
    period = int(10 ** rng.uniform(2, 3.5))
    return Scene(noise=noises.sawtooth(rng, period, 10 ** rng.uniform(1, 3)))


@_kind("random sawtooth")
def _random_sawtooth(rng: random.Random) -> Scene:
    return Scene(
        noise=noises.random_sawtooth(rng, 10 ** rng.uniform(-3, -1), rng.choice((50, 500)))
    )


@_kind("spikes")
def _spikes(rng: random.Random) -> Scene:
    return Scene(noise=noises.spikes(rng, rng.uniform(0.05, 0.5), 3000))


@_kind("batches")
def _batches(rng: random.Random) -> Scene:
    return Scene(noise=noises.batches(rng, rng.randint(20, 1000), 10 ** rng.uniform(3, 5)))


@_kind("busy and quiet spells")
def _spells(rng: random.Random) -> Scene:
    return Scene(noise=noises.busy_and_quiet(rng, 10 ** rng.uniform(-3, -1.5), 40))


@_kind("cache with expiry")
def _expiring(rng: random.Random) -> Scene:
    return Scene(noise=noises.expiring(rng, rng.randint(10, 400), 300))


@_kind("cache, exponential fill")
def _exponential(rng: random.Random) -> Scene:
    scale, full = 10 ** rng.uniform(1, 3.3), 10 ** rng.uniform(2, 4.5)
    objects = (full * (1 - math.exp(-n / scale)) for n in count())
    return _container(rng, objects, 120, int(full)).over(_white(rng))


@_kind("cache, linear fill")
def _linear(rng: random.Random) -> Scene:
    full = int(2 ** rng.uniform(4, 12))
    return _container(rng, _filling(full), rng.choice((48, 112, 1008)), full).over(_white(rng))


@_kind("cache of random keys")
def _random_keys(rng: random.Random) -> Scene:
    keys = int(10 ** rng.uniform(1.5, 4))
    return _container(rng, _collecting(rng, keys), 128, keys)


@_kind("names met ever more rarely")
def _names(rng: random.Random) -> Scene:
    keys = int(10 ** rng.uniform(2, 3.5))
    return _container(rng, _collecting(rng, keys, skew=3.0), 96, keys).over(_white(rng))


@_kind("logarithmic growth")
def _logarithm(rng: random.Random) -> Scene:
    factor = 10 ** rng.uniform(0, 3)
    return keeping((factor * math.log(n + 1) for n in count()), 112).over(_white(rng))


@_kind("early steps")
def _early_steps(rng: random.Random) -> Scene:
    return Scene(noise=_rarer_steps(rng)).over(_white(rng))


@_kind("list that fills")
def _list(rng: random.Random) -> Scene:
    full = int(2 ** rng.uniform(5, 11.5))
    items = _container(rng, _filling(full), 32, full)
    return items.over(backing(list_bytes(full))).over(_white(rng))


@_kind("dict that fills")
def _dict(rng: random.Random) -> Scene:
    full = int(2 ** rng.uniform(5, 11.5))
    return _container(rng, _filling(full), 64, full).over(backing(dict_bytes(full)))


@_kind("fragmentation that saturates")
def _fragmentation(rng: random.Random) -> Scene:
    scale, full = 10 ** rng.uniform(2, 3), 10 ** rng.uniform(4, 6)
    drift = (full * (1 - math.exp(-n / scale)) for n in count())
    scene = Scene(noise=noises.expiring(rng, 50, 400))
    return scene.over(Scene(noise=drift, rss_wander=noises.wandering_pages(rng, 0.05, 0.01)))


@_kind("RSS wanders in pages")
def _pages(rng: random.Random) -> Scene:
    fading = rng.choice((1 / 300, 1 / 1000))
    return Scene(rss_wander=noises.wandering_pages(rng, 10 ** rng.uniform(-3, -1), fading))


@_kind("descriptors, a lazy pool")
def _pool(rng: random.Random) -> Scene:
    return Scene(descriptors=_collecting(rng, rng.randint(2, 20)))


@_kind("descriptors, a sawtooth")
def _descriptor_sawtooth(rng: random.Random) -> Scene:
    return Scene(descriptors=noises.sawtooth(rng, rng.randint(2, 60), 1))


def list_bytes(full: int) -> Curve:
    """Yield the bytes of a list that gets an item an iteration until it holds `full`."""
    room = 0
    for length in count():
        items = min(length, full)
        if items > room:
            room = (items + (items >> 3) + 6) & ~3
        yield 8.0 * room


def dict_bytes(full: int) -> Curve:
    """Yield the bytes of a dict that gets a key an iteration until it holds `full`."""
    slots = 8
    for length in count():
        while min(length, full) > slots * 2 // 3:
            slots *= 2
        yield 20.0 * slots


def _container(rng: random.Random, objects: Curve, size_bytes: float, full: int) -> Scene:
    """Return a bounded container; its code states the limit, only removes, or tells nothing."""
    says = rng.choice(("limit", "limit", "removes", "nothing"))
    limit = full if says == "limit" else None
    return keeping(objects, size_bytes, limit=limit, shrinks=says == "removes")


def _filling(full: int) -> Curve:
    return (float(min(n, full)) for n in count())


def _collecting(rng: random.Random, keys: int, *, skew: float = 1.0) -> Curve:
    """Yield how many of `keys` have been met; with more skew some are met far more often."""
    met: set[int] = set()
    while True:
        yield float(len(met))
        met.add(int(keys * rng.random() ** skew))


def _rarer_steps(rng: random.Random) -> Curve:
    level = 0.0
    for n in count():
        yield level
        if rng.random() < 20 / (n + 20) ** 2:
            level += rng.choice((512, 4096, 49152))
