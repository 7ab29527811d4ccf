"""The report store in PostgreSQL or SQLite: the newest reports, and nothing beyond the limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Delete, Insert, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from system.adapters.databases import DATABASE_ERRORS
from system.adapters.tables import Base, FenceRow, ReportRow, values_of
from system.errors import AlreadySavedError, StaleTurnError, StoreUnavailableError
from system.model import Report, Turn

__all__ = ["SqlReportStore"]


class SqlReportStore:
    """Reports in one table, trimmed to the newest ``limit`` in the transaction that adds one."""

    def __init__(self, engine: AsyncEngine, *, limit: int) -> None:
        """Keep ``limit`` reports, one or more, in the engine's database."""
        self._engine = engine
        self._limit = limit
        # The two dialects spell an insertion that may find its row there alike, each in its own.
        self._insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert

    async def create_tables(self) -> None:
        """Create what is missing in the database.

        Raises:
            StoreUnavailableError: the database did not answer.
        """
        async with self._transaction() as connection:
            await connection.run_sync(Base.metadata.create_all)

    async def save(self, report: Report) -> None:
        """Store the report and delete what is beyond the limit, in one transaction.

        A report that is stored already is left as it is: saving again does nothing.

        Raises:
            StoreUnavailableError: the report is not stored, or the database did not say so. It may
                be then: a commit whose answer is lost has happened.
            AlreadySavedError: another report of its turn is stored.
            StaleTurnError: a later turn than the report's has saved one already.
        """
        async with self._transaction() as connection:
            if report.turn is not None and report.turn.token is not None:
                await self._pass_fence(connection, report.turn, report.turn.token)
            added = await connection.execute(self._insertion(), values_of(report))
            if added.rowcount == 0:
                await _check_same(connection, report)
            else:
                await connection.execute(_delete_beyond(self._limit))

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

    def _insertion(self) -> Insert:
        return self._insert(ReportRow).on_conflict_do_nothing()

    async def _pass_fence(self, connection: AsyncConnection, turn: Turn, token: int) -> None:
        statement = self._insert(FenceRow).values(job=turn.job, token=token)
        passed = await connection.execute(
            statement.on_conflict_do_update(
                index_elements=[FenceRow.job],
                set_={"token": statement.excluded.token},
                where=FenceRow.token <= statement.excluded.token,
            )
        )
        if passed.rowcount == 0:
            msg = f"{turn.key}: a later turn has saved a report"
            raise StaleTurnError(msg)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that fails as the port says."""
        try:
            async with self._engine.begin() as connection:
                yield connection
        except DATABASE_ERRORS as error:
            raise _unavailable(error) from error

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[AsyncSession]:
        """A session that fails as the port says."""
        try:
            async with AsyncSession(self._engine) as session:
                yield session
        except DATABASE_ERRORS as error:
            raise _unavailable(error) from error


async def _check_same(connection: AsyncConnection, report: Report) -> None:
    """Return if the stored report of that run key is this very one, by an earlier attempt."""
    stored = await connection.scalar(
        select(ReportRow.report_id).where(ReportRow.run_key == report.run_key)
    )
    if stored != report.report_id:
        msg = f"{report.run_key}: another instance has saved its report"
        raise AlreadySavedError(msg)


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
