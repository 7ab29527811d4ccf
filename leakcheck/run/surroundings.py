"""What a run is given from above."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from leakcheck.run.outcome import Observer, Refine


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a run is given from above.

    `refine` adds the workload's own options to the plan; `observe` is shown the progress;
    `interrupted` may be set by another thread at any time; `capture_bytes` tells how large
    the capture is. With `only_load` the run ends once the workload is loaded; with `whole_tree`
    the memory of what the child starts counts as its own. `complaint` says what is wrong with what
    the child was driven to, once something is.
    """

    refine: Refine
    observe: Observer
    interrupted: threading.Event
    capture_bytes: Callable[[], int]
    capture_limit_bytes: int
    only_load: bool = False
    whole_tree: bool = False
    complaint: Callable[[], str] = str
