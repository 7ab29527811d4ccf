"""Real servers for the tests that need them, gone with the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.system.servers import RealServer, running_postgres, running_redis


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of a private Redis, which no test may stop."""
    with running_redis() as server:
        yield server.url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a private PostgreSQL, which no test may stop."""
    with running_postgres() as server:
        yield server.url


@pytest.fixture
def mortal_redis() -> Iterator[RealServer]:
    """A private Redis, of one test alone, to be killed and started again."""
    with running_redis() as server:
        yield server


@pytest.fixture
def mortal_postgres() -> Iterator[RealServer]:
    """A private PostgreSQL, of one test alone, to be killed and started again."""
    with running_postgres() as server:
        yield server
