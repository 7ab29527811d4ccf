"""Tracks: one metric of one subject on one kind of machine, a figure for each commit."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Final

from bench.history.facts import Commit, Kind, Machine, Metric, Run

_SHORT: Final = 10
"""Digits of a commit that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A commit that was measured, or a run of none; many tracks share it.

    `at` is when it was committed, or started where that is unknown; `name` is for people.
    """

    name: str
    commit: str | None
    at: datetime
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Figures that may be compared with each other, the oldest first.

    There is one of `values` for each of `points`: the median where it was run more than once,
    and of how many `runs`.
    """

    machine: Machine
    kind: Kind
    condition: str
    subject: str
    metric: Metric
    points: tuple[Point, ...]
    values: tuple[float, ...]
    runs: tuple[int, ...]

    @property
    def name(self) -> str:
        """Return what it is of, in one line."""
        condition = f" ({self.condition})" if self.condition else ""
        return f"{self.subject}{condition} {self.metric}"


Measured = tuple[str, Kind, str]
"""What has to be the same of two runs for their figures to be compared."""
Key = tuple[str, Kind, str, str, Metric]
Figures = dict[str, list[float]]
"""Figures by the code that they are of."""


def tracks_of(runs: Iterable[Run]) -> tuple[Track, ...]:
    """Return the tracks of `runs`, which are in order; each machine has its own.

    Figures from two kinds of machine, or measured under two conditions, are never in one track.
    """
    found: dict[Key, Figures] = defaultdict(lambda: defaultdict(list))
    points: dict[Measured, dict[str, Point]] = defaultdict(dict)
    machines = {}
    for run in runs:
        measured, code = (run.machine.key, run.kind, run.condition), _code(run)
        machines[run.machine.key], points[measured][code] = run.machine, _point(run)
        for result in run.results:
            for metric, figure in result.figures.items():
                found[*measured, result.subject, metric][code].append(figure.value)
    return tuple(
        _track(key, machines[key[0]], found[key], points[key[:3]])
        for key in sorted(found, key=_in_order)
    )


def _in_order(key: Key) -> tuple[str, str, str, str, int]:
    machine, kind, condition, subject, metric = key
    return (subject, machine, kind, condition, list(Metric).index(metric))


def _track(key: Key, machine: Machine, figures: Figures, points: Mapping[str, Point]) -> Track:
    _, kind, condition, subject, metric = key
    return Track(
        machine=machine,
        kind=kind,
        condition=condition,
        subject=subject,
        metric=metric,
        points=tuple(points[code] for code in figures),
        values=tuple(one[0] if len(one) == 1 else median(one) for one in figures.values()),
        runs=tuple(map(len, figures.values())),
    )


def _code(run: Run) -> str:
    """Return what two runs of one code share: a dirty tree is like no other."""
    if run.commit is None or run.commit.is_dirty:
        return f"run {run.source}"
    return f"commit {run.commit.id}"


def _point(run: Run) -> Point:
    at = None if run.commit is None else run.commit.committed_at
    return Point(
        name=_name(run),
        commit=None if run.commit is None else run.commit.id,
        at=at or run.started_at,
        versions=run.versions,
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
