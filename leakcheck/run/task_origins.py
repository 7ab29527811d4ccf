"""Finding out where tasks were created: from the capture and from the user's own sources."""

from itertools import chain

from leakcheck.analysis.lines import is_own
from leakcheck.analysis.naming import naming_of
from leakcheck.analysis.task_origins import coroutines, task_origins
from leakcheck.model.inventory import Inventory
from leakcheck.model.task_origin import TaskOrigin
from leakcheck.run.capture_file import Readout
from leakcheck.run.sources import source_of


def find_origins(readout: Readout, inventory: Inventory | None) -> tuple[TaskOrigin, ...]:
    """Return where the tasks were created that a run's sites and its inventory tell of."""
    names = coroutines(readout.table, inventory) if readout.creators else ()
    if not names:
        return ()
    files = {frame.file for frame in chain.from_iterable(readout.creators) if is_own(frame)}
    namings = {file: naming_of(source_of(file)) for file in sorted(files)}
    return task_origins(names, readout.creators, namings)
