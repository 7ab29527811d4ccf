"""The registry of runs: which reports are being made, which are finished, how each went."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from system.memory.policy import MemoryPolicy
from system.model import ReportKind, RunStatus, Turn
from system.ports import Clock
from system.workflow.state import ReportState

__all__ = ["Run", "RunFacts", "RunRegistry", "finished_runs_for"]

_ID_BYTES = 16  # as many as a random UUID has: the id is the only key to a report


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What a client that polls is told of a run. ``progress`` goes from 0 to 1."""

    run_id: str
    kind: ReportKind
    status: RunStatus
    progress: float
    node: str
    started_at: datetime
    finished_at: datetime | None = None
    error: str | None = None


@dataclass(slots=True, kw_only=True)
class Run:
    """One run: its facts, replaced as it gets on, and the state its nodes work on."""

    facts: RunFacts
    state: ReportState


class FinishedRuns(Protocol):
    """Where runs go when they have ended."""

    def add(self, run: Run) -> None:
        """Take in a run that has ended."""
        ...

    def get(self, run_id: str) -> RunFacts | None:
        """Return the facts of that run, or ``None`` when it is not kept."""
        ...

    def __len__(self) -> int:
        """Return how many runs are kept."""
        ...


class EveryRun:
    """Every run since the service started, whole, with whatever its state still holds."""

    def __init__(self) -> None:
        """Start with none."""
        self._runs: dict[str, Run] = {}

    def add(self, run: Run) -> None:
        """Take in a run that has ended."""
        self._runs[run.facts.run_id] = run

    def get(self, run_id: str) -> RunFacts | None:
        """Return the facts of that run, or ``None`` when there was none."""
        run = self._runs.get(run_id)
        return None if run is None else run.facts

    def __len__(self) -> int:
        """Return how many runs there were."""
        return len(self._runs)


class RecentRuns:
    """The facts of the newest runs, up to a limit, and nothing of their states."""

    def __init__(self, limit: int) -> None:
        """Keep ``limit`` runs, one or more."""
        self._facts: deque[RunFacts] = deque(maxlen=limit)

    def add(self, run: Run) -> None:
        """Take in a run that has ended; the oldest one goes when the limit is passed."""
        self._facts.append(run.facts)

    def get(self, run_id: str) -> RunFacts | None:
        """Return the facts of that run, or ``None`` when it is not among the newest."""
        return next((facts for facts in self._facts if facts.run_id == run_id), None)

    def __len__(self) -> int:
        """Return how many runs are kept."""
        return len(self._facts)


def finished_runs_for(policy: MemoryPolicy) -> FinishedRuns:
    """Return the container of finished runs that the policy asks for, empty."""
    return EveryRun() if policy.recent_runs is None else RecentRuns(policy.recent_runs)


class RunRegistry:
    """Every run under way, and the finished ones that are kept."""

    def __init__(self, clock: Clock, finished: FinishedRuns) -> None:
        """Stamp runs by that clock and hand them to ``finished`` when they end."""
        self._clock = clock
        self._finished = finished
        self._under_way: dict[str, Run] = {}
        self._opened = 0

    def __len__(self) -> int:
        """Return how many runs the registry answers for."""
        return len(self._under_way) + len(self._finished)

    def open(self, kind: ReportKind, turn: Turn | None = None) -> Run:
        """Return a new run under way, with a fresh state and an id that cannot be guessed.

        ``turn`` is the timetable's that the run is for.
        """
        self._opened += 1
        run_id = secrets.token_urlsafe(_ID_BYTES)
        now = self._clock.now()
        run = Run(
            facts=RunFacts(
                run_id=run_id,
                kind=kind,
                status=RunStatus.RUNNING,
                progress=0.0,
                node="",
                started_at=now,
            ),
            state=ReportState(
                report_id=run_id,
                run_number=self._opened,
                kind=kind,
                created_at=now,
                turn=turn,
            ),
        )
        self._under_way[run_id] = run
        return run

    def get(self, run_id: str) -> RunFacts | None:
        """Return the facts of that run, or ``None`` when there is none, or not any more."""
        run = self._under_way.get(run_id)
        return self._finished.get(run_id) if run is None else run.facts

    def advance(self, run: Run, *, node: str, progress: float) -> None:
        """Note that the run has come to that node, with that share (0 to 1) of the work done."""
        run.facts = replace(run.facts, node=node, progress=progress)

    def close(self, run: Run, *, error: str | None = None) -> None:
        """Note that the run has ended: saved, or failed with that error."""
        run.facts = replace(
            run.facts,
            status=RunStatus.SAVED if error is None else RunStatus.FAILED,
            progress=1.0 if error is None else run.facts.progress,
            finished_at=self._clock.now(),
            error=error,
        )
        del self._under_way[run.facts.run_id]
        self._finished.add(run)
