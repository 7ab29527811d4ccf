"""Tracks: one metric of one subject on one kind of machine, a point for each commit."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Final

from bench.history.facts import Commit, Kind, Machine, Metric, Run

_SHORT: Final = 10
"""Digits of a commit that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A commit's figure: the median where it was run more than once.

    `at` is when it was committed, or started where that is unknown; `name` is for people.
    """

    name: str
    commit: str | None
    at: datetime
    value: float
    runs: int = 1
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The points that may be compared with each other, the oldest first."""

    machine: Machine
    kind: Kind
    condition: str
    subject: str
    metric: Metric
    points: tuple[Point, ...]

    @property
    def values(self) -> tuple[float, ...]:
        """Return the figures of its points."""
        return tuple(point.value for point in self.points)

    @property
    def name(self) -> str:
        """Return what it is of, in one line."""
        condition = f" ({self.condition})" if self.condition else ""
        return f"{self.subject}{condition} {self.metric}"


Key = tuple[str, Kind, str, str, Metric]


def tracks_of(runs: Iterable[Run]) -> tuple[Track, ...]:
    """Return the tracks of `runs`, which are in order; each machine has its own.

    Figures from two kinds of machine, or measured under two conditions, are never in one track.
    """
    found: dict[Key, list[tuple[Run, float]]] = defaultdict(list)
    machines = {}
    for run in runs:
        machines[run.machine.key] = run.machine
        for key, value in _figures(run):
            found[key].append((run, value))
    return tuple(_track(key, machines[key[0]], found[key]) for key in sorted(found))


def _figures(run: Run) -> Iterator[tuple[Key, float]]:
    for result in run.results:
        for metric, figure in result.figures.items():
            key = (run.machine.key, run.kind, run.condition, result.subject, metric)
            yield key, figure.value


def _track(key: Key, machine: Machine, figures: Sequence[tuple[Run, float]]) -> Track:
    _, kind, condition, subject, metric = key
    by_commit: dict[str, list[tuple[Run, float]]] = defaultdict(list)
    for run, value in figures:
        by_commit[_code(run)].append((run, value))
    return Track(
        machine=machine,
        kind=kind,
        condition=condition,
        subject=subject,
        metric=metric,
        points=tuple(_point(some) for some in by_commit.values()),
    )


def _code(run: Run) -> str:
    """Return what two runs of one code share: a dirty tree is like no other."""
    is_known = run.commit is not None and not run.commit.is_dirty
    return f"commit {run.commit.id}" if is_known and run.commit else f"run {run.source}"


def _point(some: Sequence[tuple[Run, float]]) -> Point:
    newest = some[-1][0]
    at = None if newest.commit is None else newest.commit.committed_at
    return Point(
        name=_name(newest),
        commit=None if newest.commit is None else newest.commit.id,
        at=at or newest.started_at,
        value=median(value for _, value in some),
        runs=len(some),
        versions=newest.versions,
    )


def _name(run: Run) -> str:
    if run.commit is None:
        return f"the run of {run.started_at:%Y-%m-%d %H:%M}"
    return short(run.commit)


def short(commit: Commit) -> str:
    """Return a commit as people write it.

    >>> short(Commit(id="0123456789abcdef", is_dirty=True))
    '0123456789 with changes'
    """
    return commit.id[:_SHORT] + (" with changes" if commit.is_dirty else "")
