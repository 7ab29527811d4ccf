"""Workloads that need their processor's time: an iteration computes for milliseconds."""

from typing import Final

_NUMBERS: Final = range(20_000)
KEPT: Final[list[bytes]] = []
RARELY: Final[list[bytes]] = []
_COUNT: Final = [0]


def _compute() -> int:
    return sum(number * number % 7 for number in _NUMBERS)


def clean() -> None:
    """Compute, and keep nothing."""
    _compute()


def leak() -> None:
    """Compute, and keep a kilobyte."""
    _compute()
    KEPT.append(bytes(1000))


def small_leak() -> None:
    """Compute, and keep what is just above the threshold."""
    _compute()
    _COUNT[0] += 1
    if _COUNT[0] % 10 == 0:
        RARELY.append(bytes(67 + _COUNT[0] % 3))
