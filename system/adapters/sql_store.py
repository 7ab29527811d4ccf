"""The report store in PostgreSQL or SQLite: the newest reports, and nothing beyond the limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Delete, delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from system.adapters.tables import Base, ReportRow
from system.errors import StoreUnavailableError
from system.model import Report

__all__ = ["SqlReportStore"]


class SqlReportStore:
    """Reports in one table, trimmed to the newest ``limit`` in the transaction that adds one."""

    def __init__(self, engine: AsyncEngine, *, limit: int) -> None:
        """Keep ``limit`` reports, one or more, in the engine's database."""
        self._engine = engine
        self._limit = limit

    async def create_tables(self) -> None:
        """Create what is missing in the database.

        Raises:
            StoreUnavailableError: the database did not answer.
        """
        try:
            async with self._engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
        except (SQLAlchemyError, OSError) as error:
            raise _unavailable(error) from error

    async def save(self, report: Report) -> None:
        """Store the report and delete what is beyond the limit, in one transaction.

        Raises:
            StoreUnavailableError: nothing was stored.
        """
        async with self._session() as session, session.begin():
            session.add(ReportRow.from_report(report))
            await session.flush()
            await session.execute(_delete_beyond(self._limit))

    async def get(self, report_id: str) -> Report | None:
        """Return the report of that id, or ``None`` when it is not stored, or not any more.

        Raises:
            StoreUnavailableError: the database did not answer.
        """
        async with self._session() as session:
            row = await session.scalar(select(ReportRow).where(ReportRow.report_id == report_id))
            return None if row is None else row.to_report()

    async def count(self) -> int:
        """Return how many reports are stored.

        Raises:
            StoreUnavailableError: the database did not answer.
        """
        async with self._session() as session:
            return await session.scalar(select(func.count(ReportRow.position))) or 0

    async def aclose(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[AsyncSession]:
        """A session that fails as the port says. A refused connection is an OSError to asyncpg."""
        try:
            async with AsyncSession(self._engine) as session:
                yield session
        except (SQLAlchemyError, OSError) as error:
            raise _unavailable(error) from error


def _delete_beyond(limit: int) -> Delete:
    newest_to_go = (
        select(ReportRow.position)
        .order_by(ReportRow.position.desc())
        .offset(limit)
        .limit(1)
        .scalar_subquery()
    )
    return (
        delete(ReportRow)
        .where(ReportRow.position <= newest_to_go)
        .execution_options(synchronize_session=False)
    )


def _unavailable(error: Exception) -> StoreUnavailableError:
    # The driver's own words alone: SQLAlchemy's quote the statement with its parameters, megabytes.
    cause = getattr(error, "orig", None) or error
    return StoreUnavailableError(f"report store: {type(cause).__name__} {cause}"[:500])
