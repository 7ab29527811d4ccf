"""The database: whole, once, from many processes, on SQLite and PostgreSQL; and its migrations."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, inspect, make_url, text

from bench.history.database import alembic_config, engine_of, history_url, migrate, opened, writing
from bench.history.facts import HistoryError
from bench.history.store import History
from bench.history.tables import Base
from tests.history.made import run
from tests.system.servers import running_postgres

ROOT = Path(__file__).parents[2]
WRITERS, RUNS = 4, 10
WRITE = """
import os, sys
from bench.history.database import history_url, opened
from bench.history.store import History
from tests.history.made import run

url, writers, runs = history_url({}, sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])

def write(writer):
    with opened(url) as engine:
        for number in range(runs):
            mine = run(number, source=f"{writer}:{number}", subject=f"bench_{number}")
            shared = run(number, source=f"shared:{number}", subject=f"bench_{writer}")
            History(engine).add([mine, shared])

children = []
for writer in range(writers):
    child = os.fork()
    if child == 0:
        write(writer)
        os._exit(0)
    children.append(child)
sys.exit(any(os.waitpid(child, 0)[1] for child in children))
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with running_postgres() as server:
        yield server.url


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)],
)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """Return the URL of an empty database."""
    if request.param == "sqlite":
        return make_url(f"sqlite:///{tmp_path / 'a' / 'history.sqlite'}")
    found = make_url(request.getfixturevalue("postgres"))
    engine = engine_of(found)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return found


def test_a_run_comes_back_as_it_was_added(url: URL) -> None:
    runs = [
        run(1, verdict="LEAK", reason="it grows", versions={"memray": "1"}),
        run(0, commit=None),
    ]
    with opened(url) as engine:
        History(engine).add(runs)
        found = History(engine).runs()

    assert list(found) == runs[::-1]


def test_runs_are_ordered_by_commit_and_a_dirty_tree_comes_after_its_commit(url: URL) -> None:
    first, second = run(1), run(2)
    assert first.commit is not None
    dirty = replace(first, source="dirty", commit=replace(first.commit, is_dirty=True))
    backfilled = replace(run(0), started_at=datetime(2027, 1, 1, tzinfo=UTC))
    with opened(url) as engine:
        History(engine).add([second, dirty, first, backfilled])
        found = History(engine).runs()

    assert list(found) == [backfilled, first, dirty, second]


def test_many_processes_that_begin_with_nothing_lose_nothing(url: URL) -> None:
    where = url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", WRITE, where, str(WRITERS), str(RUNS)]
    subprocess.run(command, check=True, cwd=ROOT)

    with opened(url) as engine:
        sources = {one.source for one in History(engine).runs()}
    assert sources == {
        *(f"{writer}:{number}" for writer in range(WRITERS) for number in range(RUNS)),
        *(f"shared:{number}" for number in range(RUNS)),
    }


def test_a_failure_in_the_middle_leaves_nothing(url: URL) -> None:
    with opened(url) as engine:
        broken = run(1, subject="x", value=None)  # type: ignore[arg-type]
        with pytest.raises(HistoryError, match="cannot be used"), opened(url) as other:
            History(other).add([run(0), broken])
        assert History(engine).runs() == ()


def test_the_schema_goes_up_from_its_first_revision_with_what_is_in_it(url: URL) -> None:
    engine = engine_of(url)
    migrate(engine, "0001")
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO machine (id, key, facts) VALUES (1, 'k', '{}')"))
        connection.execute(
            text(
                "INSERT INTO run (source, kind, started_at, machine_id, branch, is_dirty, versions)"
                " VALUES ('old', 'benchmark', '2026-01-01 00:00:00', 1, '', false, '{}')"
            )
        )
    engine.dispose()

    with opened(url) as newest:
        (old,) = History(newest).runs()
    assert (old.source, old.condition, old.verdict) == ("old", "", None)


def test_the_migrations_lead_to_just_what_the_models_say(url: URL) -> None:
    with opened(url) as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_migrations_lead_back_to_nothing(url: URL) -> None:
    with opened(url) as engine:
        with writing(engine) as connection:
            command.downgrade(alembic_config(connection), "base")
        assert inspect(engine).get_table_names() == ["alembic_version"]


def test_a_newer_schema_is_refused(url: URL) -> None:
    with opened(url) as engine, writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(HistoryError, match="newer than this program"), opened(url):
        pass


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "it").write_text("no database " * 100)

    with (
        pytest.raises(HistoryError, match=r"file is not a database.*wanted a database of bench"),
        opened(make_url(f"sqlite:///{tmp_path / 'it'}")),
    ):
        pass


def test_a_server_that_is_not_there_is_refused_without_its_password() -> None:
    url = make_url("postgresql://me:secret@127.0.0.1:1/none")

    with pytest.raises(HistoryError, match="cannot be used") as refused, opened(url):
        pass
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "bad", ["nonsense", "mysql://there/it", "sqlite://", "sqlite:///:memory:", "://"]
)
def test_a_url_of_something_else_is_refused(bad: str) -> None:
    with pytest.raises(HistoryError, match=r"LEAKCHECK_HISTORY_URL: found .*, wanted"):
        history_url({"LEAKCHECK_HISTORY_URL": bad})


def test_the_history_is_a_file_of_its_own_unless_the_environment_names_another() -> None:
    assert history_url({}).render_as_string().endswith("reports/out/history.sqlite")
    assert history_url({"LEAKCHECK_HISTORY_URL": "postgresql://h/d"}).host == "h"
