"""The database of the history: SQLite in a file, or PostgreSQL; its schema brought up to date."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from bench.history.facts import HistoryError

URL_VARIABLE: Final = "LEAKCHECK_HISTORY_URL"
"""The environment variable that names a team's database."""
PROJECT: Final = Path(__file__).parents[2]
FILE: Final = PROJECT / "reports" / "out" / "history.sqlite"
MIGRATIONS: Final = Path(__file__).with_name("migrations")
PATIENCE_S: Final = 120
"""How long one writer waits for the others."""
_LOCK: Final = 0x6C65616B
"""The key of the advisory lock that PostgreSQL's writers take; any number that no other uses."""
_WRITES: Final = "is_writing"


def history_url(environment: Mapping[str, str], given: str | None = None) -> URL:
    """Return the URL of the history: `given`, or the environment's, or that of a file of its own.

    Raises:
        HistoryError: if it names no SQLite file and no PostgreSQL.
    """
    found = given or environment.get(URL_VARIABLE) or f"sqlite:///{FILE}"
    try:
        url = make_url(found)
    except ArgumentError:
        msg = f"{URL_VARIABLE}: found no URL, wanted sqlite:///FILE or postgresql://HOST/NAME"
        raise HistoryError(msg) from None
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        msg = f"{URL_VARIABLE}: found {url.get_backend_name()!r}, wanted sqlite or postgresql"
        raise HistoryError(msg)
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        msg = f"{URL_VARIABLE}: found no file, wanted sqlite:///FILE"
        raise HistoryError(msg)
    return url


@contextmanager
def opened(url: URL) -> Iterator[Engine]:
    """Yield the engine of the history at `url`, whose schema is the newest.

    Raises:
        HistoryError: if the database cannot be used, or a newer program made it.
    """
    with _told(url):
        engine = engine_of(url)
        try:
            migrate(engine)
            yield engine
        finally:
            engine.dispose()


def engine_of(url: URL) -> Engine:
    """Return an engine whose transactions are whole: SQLite's begin where they say so."""
    if url.get_backend_name() != "sqlite":
        # its own default driver of each release is not ours to trust: psycopg is what is installed
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    plain = url.set(drivername="sqlite")  # whatever driver is named: nothing here is asynchronous
    engine = create_engine(plain, connect_args={"timeout": PATIENCE_S})
    event.listen(engine, "connect", _leave_beginning_to_us)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a transaction that no other writer shares: the next one waits."""
    with engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up to `revision`, one process at a time."""
    with writing(engine) as connection:
        command.upgrade(alembic_config(connection), revision)


def alembic_config(connection: Connection) -> Config:
    """Return what alembic's commands need to work on a connection that has begun."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _leave_beginning_to_us(connection: Any, entry: ConnectionPoolEntry) -> None:  # noqa: ANN401 -- DBAPI's
    """Keep sqlite3 from beginning and committing on its own: it would split a migration."""
    del entry
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    """Begin, as a writer at once: one that became a writer later could only fail."""
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _told(url: URL) -> Iterator[None]:
    """Turn what a database refuses into one line, without the password."""
    name = url.render_as_string(hide_password=True)
    try:
        yield
    except CommandError:
        msg = f"{name}: found a schema that is newer than this program, wanted its own or an older"
        raise HistoryError(msg) from None
    except (SQLAlchemyError, OSError) as error:
        why = " ".join(str(getattr(error, "orig", None) or error).split())
        msg = f"{name}: cannot be used ({why}), wanted a database of benchmarks"
        raise HistoryError(msg) from None
