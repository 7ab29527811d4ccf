"""The Redis clients the service makes, all of them alike."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

__all__ = ["redis_client"]

_TIMEOUT_SECONDS = 5.0
_RETRIES = 3
_LONGEST_BACKOFF_SECONDS = 0.5


def redis_client(url: str, *, first_backoff_seconds: float) -> Redis:
    """Return a client with a pool of its own, which connects when it is first used.

    A command that meets a lost connection is sent again, up to three times, after waits that
    double from ``first_backoff_seconds`` on: a server that restarts is soon back.
    """
    backoff = ExponentialBackoff(cap=_LONGEST_BACKOFF_SECONDS, base=first_backoff_seconds)
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        retry=Retry(backoff, _RETRIES),
    )
