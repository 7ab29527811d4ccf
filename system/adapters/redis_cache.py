"""The cache of market indices in Redis, in the three ways the releases connect to it."""

from __future__ import annotations

from collections.abc import Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

from system.errors import CacheUnavailableError, StaleTurnError
from system.memory.policy import MemoryPolicy, Step
from system.model import Turn

__all__ = ["PooledRedis", "RedisPerTick", "RedisPerTickClosed", "redis_cache_for"]

_KEY = "market:indices"
_FENCE_KEY = "market:indices:token"

# Stores the payload unless a later turn has. No comparison is left to the client, which may have
# stood still for minutes between reading a token and writing.
_FENCED_SET = """
local newest = tonumber(redis.call('get', KEYS[2]) or '0')
if tonumber(ARGV[2]) < newest then return 0 end
redis.call('set', KEYS[1], ARGV[1])
redis.call('set', KEYS[2], ARGV[2])
return 1
"""


class PooledRedis:
    """One client for the service's life, whose pool opens connections as they are needed."""

    def __init__(self, redis: Redis, connect: Callable[[], Redis]) -> None:
        """Read by ``redis``, which stays its owner's to close, and write by it or a new client."""
        self._redis = redis
        self._connect = connect
        # Bound to no client: each call says which one sends it.
        self._fenced_set = redis.register_script(_FENCED_SET)

    async def put(self, payload: str, turn: Turn | None = None) -> None:
        """Store the market indices over the ones before.

        Raises:
            CacheUnavailableError: Redis did not take them.
            StaleTurnError: a later turn than ``turn`` has stored some already.
        """
        try:
            await self._write(payload, turn)
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

    async def _write(self, payload: str, turn: Turn | None) -> None:
        await self._set(self._redis, payload, turn)

    async def _set(self, redis: Redis, payload: str, turn: Turn | None) -> None:
        if turn is None or turn.token is None:
            await redis.set(_KEY, payload)
            return
        arguments: list[str | int] = [payload, turn.token]
        if not await self._fenced_set(keys=[_KEY, _FENCE_KEY], args=arguments, client=redis):
            msg = f"{turn.key}: a later turn has stored market indices"
            raise StaleTurnError(msg)


class RedisPerTick(PooledRedis):
    """A new client for each write, which nothing closes: the collector does, when it finds it."""

    async def _write(self, payload: str, turn: Turn | None) -> None:
        await self._set(self._connect(), payload, turn)


class RedisPerTickClosed(PooledRedis):
    """A new client for each write, closed after it."""

    async def _write(self, payload: str, turn: Turn | None) -> None:
        async with self._connect() as redis:
            await self._set(redis, payload, turn)


def redis_cache_for(
    policy: MemoryPolicy, redis: Redis, connect: Callable[[], Redis]
) -> PooledRedis:
    """Return the cache that connects as the policy says: by ``redis``, or by ``connect`` anew."""
    if policy.pooled_redis:
        return PooledRedis(redis, connect)
    if policy.has(Step.REDIS_CONTEXT_MANAGER):
        return RedisPerTickClosed(redis, connect)
    return RedisPerTick(redis, connect)
