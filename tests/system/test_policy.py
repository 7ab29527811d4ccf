from __future__ import annotations

import pytest
from redis.asyncio import Redis

from system.adapters.redis_cache import (
    PooledRedis,
    RedisPerTick,
    RedisPerTickClosed,
    redis_cache_for,
)
from system.adapters.redis_client import redis_client
from system.errors import SettingsError
from system.memory.policy import Step, policy_for
from system.settings import Settings


def _connect() -> Redis:
    return redis_client("redis://127.0.0.1:1/0", first_backoff_seconds=0)


def test_the_first_release_takes_no_step_and_the_second_takes_all_nine() -> None:
    assert policy_for("1.0.0").steps == frozenset()
    assert len(policy_for("1.1.0").steps) == 9


@pytest.mark.parametrize("step", list(Step))
def test_each_step_can_be_turned_on_and_off_alone(step: Step) -> None:
    assert policy_for("1.0.0").with_(step).steps == {step}
    assert policy_for("1.1.0").without(step).steps == frozenset(Step) - {step}


def test_the_current_service_never_collects_and_keeps_a_bounded_registry() -> None:
    current = policy_for("current")
    assert not current.has(Step.COLLECT_IN_ROUTE)
    assert not current.has(Step.COLLECT_AFTER_COMMIT)
    assert current.recent_runs == 50


def test_a_release_or_step_that_does_not_exist_is_refused_with_the_ones_that_do() -> None:
    with pytest.raises(SettingsError, match=r"got '2\.0', want one of 1\.0\.0"):
        policy_for("2.0")
    with pytest.raises(SettingsError, match="want some of redis-context-manager"):
        policy_for("1.1.0").without("tidy-up")


def test_the_policy_chooses_how_redis_is_connected_to() -> None:
    def chosen(release: str) -> type[PooledRedis]:
        return type(redis_cache_for(policy_for(release), _connect(), _connect))

    assert chosen("1.0.0") is RedisPerTick
    assert chosen("1.1.0") is RedisPerTickClosed
    assert chosen("current") is PooledRedis


def test_the_environment_chooses_release_steps_and_back_ends() -> None:
    settings = Settings.from_env(
        {
            "SYSTEM_RELEASE": "1.1.0",
            "SYSTEM_STEPS_OFF": "release-result, collect-in-route",
            "DATABASE_URL": "postgresql://me@localhost/reports",
            "REDIS_URL": "redis://localhost/1",
        }
    )
    assert len(settings.policy.steps) == 7
    assert settings.database_url == "postgresql+asyncpg://me@localhost/reports"
    assert settings.redis_url == "redis://localhost/1"
    assert settings.quotes_url is None


def test_a_limit_that_is_no_number_is_refused() -> None:
    with pytest.raises(SettingsError, match="MEMORY_LIMIT_BYTES: got 'much'"):
        Settings.from_env({"MEMORY_LIMIT_BYTES": "much"})
