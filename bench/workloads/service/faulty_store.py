"""Faults of the database, struck inside SQLAlchemy or around it, each as its driver meets them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

from system.errors import StoreUnavailableError
from system.model import Report
from system.ports import ReportStore

__all__ = [
    "EveryOther",
    "Strike",
    "UnansweredStore",
    "refuse_connections",
    "sever_in_a_save",
]

Strike = Callable[[], bool]
"""Says whether the fault strikes this time."""


class EveryOther:
    """A fault that strikes every second time from when it is armed, beginning with the first."""

    def __init__(self) -> None:
        """Strike never, until it is armed."""
        self.armed = False
        self._calls = 0

    def __call__(self) -> bool:
        """Return whether it strikes this time."""
        if self.armed:
            self._calls += 1
        return self._calls % 2 == 1


def refuse_connections(engine: AsyncEngine, strike: Strike) -> None:
    """Have the engine find nobody where its database was, whenever the fault strikes."""

    def connect(*_details: object) -> None:
        if strike():
            msg = "unable to open database file"
            raise sqlite3.OperationalError(msg)

    event.listen(engine.sync_engine, "do_connect", connect)


def sever_in_a_save(engine: AsyncEngine, strike: Strike) -> None:
    """Have the connection die under a transaction that has stored a report and not committed it."""

    def executed(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO reports") and strike():
            _sever(connection)

    event.listen(engine.sync_engine, "after_cursor_execute", executed)


def _sever(connection: Connection) -> None:
    adapted: Any = connection.connection.dbapi_connection
    terminate = getattr(connection.connection.driver_connection, "terminate", None)
    if terminate is None:
        adapted.close()  # SQLite's: what was not committed is gone with it
    else:
        terminate()  # PostgreSQL's: the socket is closed without a word


class UnansweredStore:
    """The store, where the answer to a commit is lost whenever the fault strikes."""

    def __init__(self, store: ReportStore, strike: Strike) -> None:
        """Save in that store."""
        self._store = store
        self._strike = strike
        self.get = store.get
        self.count = store.count
        self.aclose = store.aclose

    async def save(self, report: Report) -> None:
        """Save the report, and perhaps not know it."""
        await self._store.save(report)
        if self._strike():
            msg = "the connection was lost during the commit"
            raise StoreUnavailableError(msg)
