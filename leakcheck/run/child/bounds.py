"""Bounds on what reading a capture back may take: memory for the process, time for an attempt."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager

_LEAST_S = 0.001
_AGAIN_S = 1.0
"""An alarm that goes off where an exception is swallowed goes off again."""


class TooLongError(Exception):
    """What was attempted took longer than it may."""


def bound_memory(limit_bytes: int) -> None:
    """Have this process get no more memory of its own than that: whoever asks gets MemoryError."""
    most = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if most != resource.RLIM_INFINITY:
        limit_bytes = min(limit_bytes, most)
    resource.setrlimit(resource.RLIMIT_DATA, (limit_bytes, most))


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Allow what is done inside so many seconds; to be used by the main thread.

    Raises:
        TooLongError: if that was not enough. memray looks for signals at every record.
    """
    before = signal.signal(signal.SIGALRM, _give_up)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, _LEAST_S), _AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _give_up(*_: object) -> None:
    raise TooLongError
