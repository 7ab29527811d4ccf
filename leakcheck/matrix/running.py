"""Running the cells of a matrix that have no verdict yet, here or on a cluster."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leakcheck.check import Checked, Settings, check
from leakcheck.elsewhere.checking import Heard, new_topic, order_of, send
from leakcheck.fanout import at_once
from leakcheck.fanout.cluster import Cluster
from leakcheck.matrix.cells import Cell, Matrix
from leakcheck.matrix.entry import Entry
from leakcheck.matrix.journal import Journal
from leakcheck.model.errors import LeakcheckError, RecordError
from leakcheck.model.measurement import Ending
from leakcheck.record.store import RecordStore
from leakcheck.run.outcome import Observer, Progress

Enter = Callable[[Checked, float], Entry]
"""Makes an entry of what was checked, and of the seconds that it took."""


@dataclass(slots=True, kw_only=True)
class Standing:
    """How a matrix stands: what became of its cells, by their keys.

    `refused` are those that could not be checked, with the reason; they are no verdict, and are
    run again with the next run.
    """

    matrix: Matrix
    entries: dict[str, Entry] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def open_cells(self) -> list[Cell]:
        """Return the cells that have neither a verdict nor a refusal."""
        known = self.entries.keys() | self.refused.keys()
        return [cell for cell in self.matrix.cells if cell.key not in known]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who is told of a matrix: how cells stand, what came of one, and which is run again."""

    observe: Observer
    done: Callable[[Cell, Checked, Entry], None]
    refused: Callable[[Cell, str], None]
    again: Callable[[Cell, str], None]


class Running:
    """One run of the cells of `standing` that are open; each verdict goes into `journal`."""

    def __init__(
        self, standing: Standing, journal: Journal, settings: Settings, enter: Enter, told: Told
    ) -> None:
        self._standing = standing
        self._journal = journal
        self._settings = settings
        self._enter = enter
        self._told = told
        self._lock = threading.Lock()

    def here(self, pythons: Mapping[str, Settings], interrupted: threading.Event) -> None:
        """Run them on this machine; `pythons` are the settings of each interpreter.

        Raises:
            LeakcheckError: if a record or the journal cannot be written.
        """
        RecordStore(self._settings.out).prepare()
        at_once(
            self._standing.open_cells(),
            lambda cell: self._check(cell, pythons[cell.column.python], interrupted),
            jobs=self._settings.jobs,
            interrupted=interrupted,
        )

    def on(self, cluster: Cluster, interrupted: threading.Event) -> None:
        """Run them on the workers of a cluster.

        Raises:
            LeakcheckError: if the cluster is gone, or a record or the journal cannot be written.
        """
        RecordStore(self._settings.out).prepare()
        cells = self._standing.open_cells()
        topic = new_topic()
        orders = [
            replace(
                order_of(topic, cell.target, self._settings, dict(cell.column.variables)),
                python=cell.column.python or None,
                label=cell.label,
            )
            for cell in cells
        ]
        heard = Heard(
            observe=self._told.observe,
            done=lambda number, checked, seconds: self._done(cells[number], checked, seconds),
            failed=lambda number, error: self._refuse(cells[number], error),
            again=lambda number, worker: self._told.again(cells[number], worker),
        )
        send(cluster, orders, self._settings.out, heard=heard, interrupted=interrupted)

    def _check(self, cell: Cell, settings: Settings, interrupted: threading.Event) -> None:
        began_s = time.monotonic()
        variables = {**settings.variables, **dict(cell.column.variables)}

        def observe(progress: Progress) -> None:
            self._told.observe(replace(progress, target=cell.label))

        try:
            found = check(
                [cell.target],
                replace(settings, variables=variables),
                observe=observe,
                interrupted=_OfOneCell(interrupted),
            )
        except RecordError:
            raise
        except LeakcheckError as error:
            self._refuse(cell, error)
            return
        for checked in found:
            self._done(cell, checked, time.monotonic() - began_s)

    def _done(self, cell: Cell, checked: Checked, seconds: float) -> None:
        if checked.record.measurement.ending is Ending.INTERRUPTED:
            return  # its record is kept, but it is no verdict: the cell stays open
        entry = self._enter(checked, seconds)
        with self._lock:
            self._standing.entries[cell.key] = entry
            self._journal.add(cell.key, entry)
            self._told.done(cell, checked, entry)

    def _refuse(self, cell: Cell, error: LeakcheckError) -> None:
        with self._lock:
            self._standing.refused[cell.key] = str(error)
            self._told.refused(cell, str(error))


class _OfOneCell(threading.Event):
    """Set with that of the whole matrix; set by itself, as a refused check does, ends that only."""

    def __init__(self, whole: threading.Event) -> None:
        super().__init__()
        self._whole = whole

    def is_set(self) -> bool:
        return super().is_set() or self._whole.is_set()


def seconds_left(cells: Sequence[Cell], entries: Mapping[str, Entry], limit_s: float) -> float:
    """Return how long `cells` take one after the other: as those before them, else `limit_s` each.

    >>> seconds_left([], {}, 60)
    0.0
    """
    known = [entry.seconds for entry in entries.values() if entry.seconds > 0]
    each_s = sum(known) / len(known) if known else limit_s
    return len(cells) * float(each_s)
