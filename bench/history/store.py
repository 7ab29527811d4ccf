"""Runs in the database: what is added is added whole, and once, whoever else adds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.orm import InstrumentedAttribute as Column

from bench.history.database import writing
from bench.history.facts import Commit, Figure, Kind, Machine, Metric, Result, Run
from bench.history.tables import FigureRow, MachineRow, RunRow, SubjectRow

Rows = list[dict[str, Any]]
_AT_ONCE: Final = 500
"""How many names a query asks for: databases limit its parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """How many runs are new in the history, and how many it knew."""

    new: int
    known: int


@dataclass(frozen=True, slots=True)
class History:
    """The runs that a database holds."""

    engine: Engine

    def add(self, runs: Iterable[Run]) -> Added:
        """Return what became of `runs`, after all of the new ones are kept, or on an error none."""
        given = {run.source: run for run in runs}
        with writing(self.engine) as connection:
            known = _ids(connection, RunRow.source, RunRow.id, given)
            fresh = [run for source, run in given.items() if source not in known]
            _insert(connection, fresh)
        return Added(new=len(fresh), known=len(known))

    def sources(self) -> frozenset[str]:
        """Return the source of every run."""
        with self.engine.connect() as connection:
            return frozenset(connection.execute(select(RunRow.source)).scalars())

    def runs(self) -> tuple[Run, ...]:
        """Return every run, in the order of `order_of`."""
        with self.engine.connect() as connection:
            machines = {
                row.id: Machine(facts=row.facts)
                for row in connection.execute(select(MachineRow.id, MachineRow.facts))
            }
            results = _results(connection)
            rows = connection.execute(select(*RunRow.__table__.columns)).all()
        found = (_run(row, machines[row.machine_id], results[row.id]) for row in rows)
        return tuple(sorted(found, key=order_of))


def order_of(run: Run) -> tuple[float, bool, float, str]:
    """Return where a run stands: by its commit's time, else by its own; a dirty tree after it."""
    started = run.started_at.timestamp()
    at = None if run.commit is None else run.commit.committed_at
    is_dirty = run.commit is not None and run.commit.is_dirty
    return (started if at is None else at.timestamp(), is_dirty, started, run.source)


def _insert(connection: Connection, runs: Sequence[Run]) -> None:
    machines = {run.machine.key: {"facts": dict(run.machine.facts)} for run in runs}
    machine_ids = _made(connection, MachineRow.key, MachineRow.id, machines)
    subjects: dict[str, dict[str, Any]] = {one.subject: {} for run in runs for one in run.results}
    subject_ids = _made(connection, SubjectRow.name, SubjectRow.id, subjects)
    rows = [_row(run, machine_ids[run.machine.key]) for run in runs]
    _insert_all(connection, RunRow, rows)
    run_ids = _ids(connection, RunRow.source, RunRow.id, [run.source for run in runs])
    _insert_all(
        connection,
        FigureRow,
        [
            {
                "run_id": run_ids[run.source],
                "subject_id": subject_ids[one.subject],
                "metric": str(metric),
                "value": figure.value,
                "low": figure.low,
                "high": figure.high,
            }
            for run in runs
            for one in run.results
            for metric, figure in one.figures.items()
        ],
    )


def _insert_all(connection: Connection, table: Any, rows: Rows) -> None:  # noqa: ANN401
    if rows:  # of none SQLAlchemy would make one of defaults
        connection.execute(insert(table), rows)


def _made(
    connection: Connection,
    name: Column[str],
    id_: Column[int],
    wanted: Mapping[str, dict[str, Any]],
) -> dict[str, int]:
    """Return the id of each row in `wanted`, by its unique name, after those missing are made."""
    known = _ids(connection, name, id_, wanted)
    missing = [{name.key: key, **rest} for key, rest in wanted.items() if key not in known]
    _insert_all(connection, name.class_, missing)
    return known if not missing else _ids(connection, name, id_, wanted)


def _ids(
    connection: Connection,
    name: Column[str],
    id_: Column[int],
    wanted: Iterable[str],
) -> dict[str, int]:
    """Return the ids of the rows that have one of these names."""
    names = list(wanted)
    found: dict[str, int] = {}
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        rows = connection.execute(select(name, id_).where(name.in_(some)))
        found.update((row_name, row_id) for row_name, row_id in rows)
    return found


def _row(run: Run, machine_id: int) -> dict[str, Any]:
    commit = run.commit
    return {
        "source": run.source,
        "kind": str(run.kind),
        "started_at": run.started_at,
        "machine_id": machine_id,
        "commit_id": None if commit is None else commit.id,
        "committed_at": None if commit is None else commit.committed_at,
        "branch": "" if commit is None else commit.branch,
        "is_dirty": commit is not None and commit.is_dirty,
        "versions": dict(run.versions),
        "condition": run.condition,
        "verdict": run.verdict,
        "reason": run.reason,
    }


def _run(row: Any, machine: Machine, results: Mapping[str, dict[Metric, Figure]]) -> Run:  # noqa: ANN401
    commit = None
    if row.commit_id is not None:
        commit = Commit(
            id=row.commit_id,
            committed_at=row.committed_at,
            branch=row.branch,
            is_dirty=row.is_dirty,
        )
    return Run(
        source=row.source,
        kind=Kind(row.kind),
        started_at=row.started_at,
        commit=commit,
        machine=machine,
        condition=row.condition,
        versions=row.versions,
        results=tuple(Result(subject=name, figures=one) for name, one in results.items()),
        verdict=row.verdict,
        reason=row.reason,
    )


def _results(connection: Connection) -> dict[int, dict[str, dict[Metric, Figure]]]:
    """Return the figures of every run, by its id, the subject's name and the metric."""
    subjects = connection.execute(select(SubjectRow.id, SubjectRow.name))
    names = {row_id: name for row_id, name in subjects}  # noqa: C416 -- rows, not tuples
    metrics = {str(metric): metric for metric in Metric}
    found: dict[int, dict[str, dict[Metric, Figure]]] = defaultdict(lambda: defaultdict(dict))
    query = select(
        FigureRow.run_id,
        FigureRow.subject_id,
        FigureRow.metric,
        FigureRow.value,
        FigureRow.low,
        FigureRow.high,
    )
    for run_id, subject_id, metric, value, low, high in connection.execute(query).all():
        figure = Figure(value=value, low=low, high=high)
        found[run_id][names[subject_id]][metrics[metric]] = figure
    return found
