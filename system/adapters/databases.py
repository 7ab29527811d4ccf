"""Engines for the databases the service can keep its reports in."""

from __future__ import annotations

from typing import Any

import asyncpg
from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

__all__ = ["DATABASE_ERRORS", "CheckOuts", "create_engine"]

DATABASE_ERRORS = (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What an unreachable database is met with. SQLAlchemy wraps what a statement raises; connecting
raises asyncpg's own errors, and an OSError where nobody listens or answers."""

# A cached statement keeps the text last bound to it: with reports, up to ten megabytes for nothing.
_SQLITE_ARGUMENTS = {"cached_statements": 0}
# Connections the server closed are replaced before they are used.
_SERVER_POOL = {"pool_size": 2, "max_overflow": 2, "pool_pre_ping": True, "pool_timeout": 10}
# Seconds to connect, and for a statement to be answered: a server that hangs holds nobody for ever.
_SERVER_ARGUMENTS = {"timeout": 10, "command_timeout": 60}
# Large pages suit rows of megabytes. Deleted pages are reused, not overwritten with zeros first.
# The embedded file is a trial's: it need not survive a power cut, so nothing waits for the disk.
_SQLITE_PRAGMAS = (
    "PRAGMA page_size = 32768",
    "PRAGMA secure_delete = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA journal_mode = TRUNCATE",
)


_IS_OUT = "counted as checked out"


class CheckOuts:
    """How many connections are out of the engine's pool now, and how many went out in all."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Count that engine's from now on."""
        self.now = 0
        self.total = 0
        event.listen(engine.sync_engine, "checkout", self._out)
        event.listen(engine.sync_engine, "checkin", self._in)

    def _out(self, _connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
        self.now += 1
        self.total += 1
        if record.record_info is not None:  # it never is, but for its type
            record.record_info[_IS_OUT] = True

    def _in(self, _connection: object, record: ConnectionPoolEntry) -> None:
        # What never came out, since it could not connect, is handed in as well.
        if record.record_info is not None and record.record_info.pop(_IS_OUT, False):
            self.now -= 1


def create_engine(url: str, *, max_bytes: int | None = None) -> AsyncEngine:
    """Return an engine for the database at ``url``, which connects when it is first used.

    ``max_bytes`` is how large an SQLite file may get; another database has limits of its own.
    """
    parsed = make_url(url)
    # A parameter of a failed statement can be a report of megabytes: it has no place in a message.
    if not _is_sqlite(parsed):
        return create_async_engine(
            parsed, hide_parameters=True, connect_args=_SERVER_ARGUMENTS, **_SERVER_POOL
        )
    engine = create_async_engine(
        parsed, hide_parameters=True, connect_args=_SQLITE_ARGUMENTS, poolclass=NullPool
    )
    pragmas = list(_SQLITE_PRAGMAS)
    if max_bytes is not None:
        pragmas.append(f"PRAGMA max_page_count = {max(1, max_bytes // 32768)}")

    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401  the DBAPI's own
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    event.listen(engine.sync_engine, "connect", prepare)
    return engine


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"
