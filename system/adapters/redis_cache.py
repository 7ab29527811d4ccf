"""The cache of market indices in Redis, in the three ways the releases connect to it."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.exceptions import RedisError

from system.errors import CacheUnavailableError
from system.memory.policy import MemoryPolicy, Step

__all__ = ["PooledRedis", "RedisPerTick", "RedisPerTickClosed", "redis_cache_for"]

_KEY = "market:indices"
_TIMEOUT_SECONDS = 5.0


def _client(url: str) -> Redis:
    return Redis.from_url(url, decode_responses=True, socket_timeout=_TIMEOUT_SECONDS)


class PooledRedis:
    """One client for the service's life, whose pool opens connections as they are needed."""

    def __init__(self, url: str) -> None:
        """Connect to ``redis://host:port/db`` on the first call."""
        self._url = url
        self._redis = _client(url)

    async def put(self, payload: str) -> None:
        """Store the market indices over the ones before.

        Raises:
            CacheUnavailableError: Redis did not take them.
        """
        try:
            await self._write(payload)
        except RedisError as error:
            msg = f"redis, writing {_KEY}: {error}"
            raise CacheUnavailableError(msg) from error

    async def get(self) -> str | None:
        """Return the stored market indices, or ``None`` before the first tick.

        Raises:
            CacheUnavailableError: Redis did not answer.
        """
        try:
            payload = await self._redis.get(_KEY)
        except RedisError as error:
            msg = f"redis, reading {_KEY}: {error}"
            raise CacheUnavailableError(msg) from error
        return None if payload is None else str(payload)

    def connection_count(self) -> int:
        """Return how many connections the pool holds open, idle ones and busy ones."""
        pool = self._redis.connection_pool
        return sum(count for count, _attributes in pool.get_connection_count())

    async def aclose(self) -> None:
        """Close the client and its pool."""
        await self._redis.aclose()

    async def _write(self, payload: str) -> None:
        await self._redis.set(_KEY, payload)


class RedisPerTick(PooledRedis):
    """A new client for each write, which nothing closes: the collector does, when it finds it."""

    async def _write(self, payload: str) -> None:
        await _client(self._url).set(_KEY, payload)


class RedisPerTickClosed(PooledRedis):
    """A new client for each write, closed after it."""

    async def _write(self, payload: str) -> None:
        async with _client(self._url) as redis:
            await redis.set(_KEY, payload)


def redis_cache_for(policy: MemoryPolicy, url: str) -> PooledRedis:
    """Return the cache that connects as the policy says."""
    if policy.pooled_redis:
        return PooledRedis(url)
    if policy.has(Step.REDIS_CONTEXT_MANAGER):
        return RedisPerTickClosed(url)
    return RedisPerTick(url)
