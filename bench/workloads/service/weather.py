"""Faults that come and go by chance, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

__all__ = ["Fault", "Weather"]


@dataclass(slots=True, kw_only=True)
class Fault:
    """One kind of fault: what begins it, what ends it, and how many ticks it may last."""

    begin: Callable[[], Awaitable[None]]
    end: Callable[[], Awaitable[None]]
    longest_ticks: int
    left: int = 0


class Weather:
    """Begins faults at random, and ends each after its time."""

    def __init__(self, faults: tuple[Fault, ...], *, seed: int, share: float) -> None:
        """Begin one of ``faults`` in that share of the ticks in which none is on."""
        self._faults = faults
        self._rng = random.Random(seed)  # noqa: S311  a seed is there to be repeated
        self._share = share

    async def next_tick(self) -> None:
        """Let one tick's time pass over the faults: at most one is on at a time."""
        for fault in self._faults:
            if fault.left:
                fault.left -= 1
                if fault.left == 0:
                    await fault.end()
                return
        if self._rng.random() < self._share:
            fault = self._rng.choice(self._faults)
            fault.left = self._rng.randint(1, fault.longest_ticks)
            await fault.begin()
