"""Checked workloads as rows of a table: the newest run of each, and since when it says that."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from bench.history.facts import Kind, Metric, Run
from bench.history.pages.cells import Cell, page_name
from bench.history.trend.points import short
from leakcheck.model.units import format_rate

Pages = Mapping[str, Sequence[tuple[str, str]]]
"""For a record's id the names of its pages and where they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The newest run of a workload, and the pages that lie beside its record.

    `streak` tells how many runs in a row have had this verdict, and from which on.
    """

    workload: str
    href: str
    verdict: str
    reason: str
    growth: Cell
    when: str
    commit: str
    streak: Cell
    condition: str
    pages: tuple[tuple[str, str], ...]


def newest_of(runs: Iterable[Run]) -> tuple[tuple[Run, ...], ...]:
    """Return the runs of each checked workload, the newest first, as the newest ones come first.

    A workload on another machine, or under another profiler, is another.
    """
    found: dict[tuple[str, str, str], list[Run]] = defaultdict(list)
    for run in runs:
        if run.kind is Kind.RECORD and run.results:
            found[run.machine.key, run.condition, run.results[0].subject].append(run)
    each = [sorted(some, key=lambda run: run.started_at)[::-1] for some in found.values()]
    return tuple(sorted(map(tuple, each), key=lambda some: some[0].started_at, reverse=True))


def record_of(run: Run) -> str:
    """Return the id of the record that a checked run was imported from."""
    return run.source.partition(":")[2]


def checked_of(runs: Iterable[Run], pages: Pages) -> tuple[Checked, ...]:
    """Return a row for each checked workload; `pages` are what lies beside its record."""
    return tuple(_row(some, pages) for some in newest_of(runs))


def _row(some: Sequence[Run], pages: Pages) -> Checked:
    run = some[0]
    (result,) = run.results
    growth = result.figures.get(Metric.GROWTH)
    same = list(takewhile(lambda one: one.verdict == run.verdict, some))
    return Checked(
        workload=result.subject,
        href=f"subjects/{page_name(result.subject)}" if result.figures else "",
        verdict=run.verdict or "",
        reason=run.reason,
        growth=Cell(
            text="" if growth is None else format_rate(growth.value),
            order=0.0 if growth is None else growth.value,
        ),
        when=f"{run.started_at:%Y-%m-%d %H:%M}",
        commit=_commit(run),
        streak=Cell(
            text=f"{len(same)} of {len(some)} runs, from {_commit(same[-1])}", order=len(same)
        ),
        condition=run.condition,
        pages=tuple(pages.get(record_of(run), ())),
    )


def _commit(run: Run) -> str:
    return f"{run.started_at:%Y-%m-%d}" if run.commit is None else short(run.commit)
