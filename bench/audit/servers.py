"""Real servers in the place of the embedded ones: `REDIS_URL` and `DATABASE_URL` name them."""

import os
from typing import Final

from redis import Redis

__all__ = ["are_real", "forget_turns"]

_VARIABLES: Final = ("REDIS_URL", "DATABASE_URL")
_TURNS: Final = "job:*"


def are_real() -> bool:
    """Return whether any server is a real one: runs share it then, and have to take turns."""
    return any(os.environ.get(name) for name in _VARIABLES)


def forget_turns() -> None:
    """Have the real Redis, where there is one, forget which turns of its jobs were taken.

    Each run begins at the same simulated hour: the next would find them taken by the one before.
    """
    url = os.environ.get("REDIS_URL")
    if url is None:
        return
    with Redis.from_url(url) as redis:
        if turns := list(redis.scan_iter(_TURNS)):
            redis.delete(*turns)
