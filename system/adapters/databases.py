"""Engines for the databases the service can keep its reports in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

__all__ = ["create_engine"]

# A cached statement keeps the text last bound to it: with reports, up to ten megabytes for nothing.
_SQLITE_ARGUMENTS = {"cached_statements": 0}
# Connections the server closed are replaced before they are used.
_SERVER_POOL = {"pool_size": 2, "max_overflow": 2, "pool_pre_ping": True}
# Large pages suit rows of megabytes. Deleted pages are reused, not overwritten with zeros first.
# The embedded file is a trial's: it need not survive a power cut, so nothing waits for the disk.
_SQLITE_PRAGMAS = (
    "PRAGMA page_size = 32768",
    "PRAGMA secure_delete = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA journal_mode = TRUNCATE",
)


def create_engine(url: str) -> AsyncEngine:
    """Return an engine for the database at ``url``, which connects when it is first used."""
    parsed = make_url(url)
    # A parameter of a failed statement can be a report of megabytes: it has no place in a message.
    if not _is_sqlite(parsed):
        return create_async_engine(parsed, hide_parameters=True, **_SERVER_POOL)
    engine = create_async_engine(
        parsed, hide_parameters=True, connect_args=_SQLITE_ARGUMENTS, poolclass=NullPool
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401  the DBAPI's own
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()
