"""From which commit on a regression counts: what is older was seen, and is only shown."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bench.history.facts import HistoryError, Run
from bench.history.trend.findings import Finding, Word

LEAST_DIGITS = 4


def time_of(commit: str, runs: Sequence[Run]) -> datetime:
    """Return when the newest run's commit whose id begins with `commit` was made.

    Raises:
        HistoryError: if the history has no run of it.
    """
    found = [
        run.commit.committed_at or run.started_at
        for run in runs
        if run.commit is not None and run.commit.id.startswith(commit.lower())
    ]
    if len(commit) < LEAST_DIGITS or not found:
        msg = f"--since: found {commit!r}, wanted the first digits of a commit in the history"
        raise HistoryError(msg)
    return max(found)


def only_since(findings: Iterable[Finding], moment: datetime) -> tuple[Finding, ...]:
    """Return `findings`, those regressions no longer confirmed that came by then."""
    return tuple(
        replace(one, word=Word.NOT_CONFIRMED, why="older than what is asked for")
        if one.word is Word.REGRESSION and one.at.at <= moment
        else one
        for one in findings
    )
