"""Who may run a job, among several instances, as Redis decides it."""

from __future__ import annotations

from datetime import datetime

from redis.asyncio import Redis
from redis.exceptions import RedisError

from system.errors import CacheUnavailableError
from system.model import Turn

__all__ = ["RedisJobLock"]

# One hash a job, so that nothing piles up: the last slot claimed, its token, and until when the
# claim holds by its owner's clock. Tokens are moments of Redis's own clock, or the last one and 1:
# one that has lost its data still gives larger ones than before.
_CLAIM = """
local time = redis.call('time')
local held = redis.call('hmget', KEYS[1], 'slot', 'token', 'until')
local slot, now = tonumber(ARGV[1]), tonumber(ARGV[2])
if slot <= tonumber(held[1] or '-1') or now < tonumber(held[3] or '0') then return 0 end
local wall = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local token = math.max(tonumber(held[2] or '0') + 1, wall)
redis.call('hset', KEYS[1], 'slot', slot, 'token', string.format('%.0f', token),
           'until', string.format('%.0f', now + tonumber(ARGV[3])))
return token
"""
# Only the newest claim can be given back: an older one has ended by its lease.
_RELEASE = """
if redis.call('hget', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('hset', KEYS[1], 'until', 0)
if ARGV[2] == '0' then redis.call('hincrby', KEYS[1], 'slot', -1) end
return 1
"""


class RedisJobLock:
    """Claims with fencing tokens, in one hash a job. It needs Redis 5 or later."""

    def __init__(self, redis: Redis) -> None:
        """Ask by that client, which stays its owner's to close."""
        self._claim = redis.register_script(_CLAIM)
        self._release = redis.register_script(_RELEASE)

    async def claim(
        self, job: str, slot: int, *, now: datetime, lease_seconds: float
    ) -> Turn | None:
        """Return the turn of that slot, or ``None`` where it is, or the job is, somebody else's.

        Raises:
            CacheUnavailableError: Redis did not answer.
        """
        arguments = [slot, int(1000 * now.timestamp()), int(1000 * lease_seconds)]
        try:
            token = await self._claim(keys=[_key(job)], args=arguments)
        except RedisError as error:
            msg = f"redis, claiming {job}: {error}"
            raise CacheUnavailableError(msg) from error
        return Turn(job=job, slot=slot, token=int(token)) if token else None

    async def release(self, turn: Turn, *, done: bool) -> None:
        """Give the right back. A turn that is not ``done`` may be claimed once more.

        Raises:
            CacheUnavailableError: Redis did not answer.
        """
        try:
            await self._release(keys=[_key(turn.job)], args=[str(turn.token), int(done)])
        except RedisError as error:
            msg = f"redis, releasing {turn.job}: {error}"
            raise CacheUnavailableError(msg) from error


def _key(job: str) -> str:
    return f"job:{job}"
