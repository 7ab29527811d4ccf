"""Workloads whose allocations live for no time or for a while: both have to be attributed."""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Final

import leakcheck

ALLOCATIONS: Final = 1_000
"""Blocks that an iteration allocates."""
_RINGS: Final = 200
_SHORTEST: Final = 20
_MORE: Final = 13
"""By how many entries each ring is longer than the one before."""
_HALF: Final = bytes(20)


@leakcheck.workload
def temporaries() -> Iterator[Callable[[], None]]:
    """Allocate blocks and let go of each at once."""

    def iteration() -> None:
        for _ in repeat(None, ALLOCATIONS):
            _HALF + _HALF

    yield iteration


@leakcheck.workload
def rings() -> Iterator[Callable[[], None]]:
    """Put blocks into bounded rings of many lengths: each block lives for a while."""
    puts = [deque[bytes](maxlen=_SHORTEST + _MORE * k).append for k in range(_RINGS)]

    def iteration() -> None:
        for put in puts:
            for _ in repeat(None, ALLOCATIONS // _RINGS):
                put(_HALF + _HALF)

    yield iteration
