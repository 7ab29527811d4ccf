"""The service's own memory: readings of it, and the alert when it nears its limit."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from system.memory.growth import Growth, GrowthEstimator, MemoryHistory, growth_per_hour

__all__ = ["ALERT_SHARE", "MemoryReading", "MemoryWatch", "resident_bytes"]

_log = logging.getLogger(__name__)

_STATM = Path("/proc/self/statm")
ALERT_SHARE = 0.80
_ALL_CLEAR_SHARE = (
    0.75  # lower than the alert's, so that memory near the line does not ring forever
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryReading:
    """What the service holds at one moment. ``heap_bytes`` is ``None`` where nobody can tell."""

    resident_bytes: int
    limit_bytes: int
    heap_bytes: int | None = None
    redis_connections: int
    kept_runs: int

    @property
    def share(self) -> float:
        """The resident memory as a share of the limit, 0 to 1 and beyond."""
        return self.resident_bytes / self.limit_bytes

    @property
    def in_use_bytes(self) -> int:
        """What growth is measured by: the heap, else what is resident, which is coarser."""
        return self.resident_bytes if self.heap_bytes is None else self.heap_bytes


class MemoryWatch:
    """Takes readings, warns once each time they pass 80 % of the limit, and knows their growth."""

    def __init__(
        self, read: Callable[[], MemoryReading], estimate: GrowthEstimator = growth_per_hour
    ) -> None:
        """Take readings by ``read``, and their growth by ``estimate``."""
        self._read = read
        self._estimate = estimate
        self._history = MemoryHistory()
        self._alerted = False

    @property
    def alerted(self) -> bool:
        """Whether memory passed the alert's line and has not come back below the all-clear's."""
        return self._alerted

    def check(self, now: datetime) -> None:
        """Take a reading into the history, and warn or give the all-clear as :meth:`take` does."""
        self._history.add(now.timestamp(), self.take().in_use_bytes)

    def growth(self) -> Growth | None:
        """Return the growth of the readings in the history, or ``None`` while they are too few."""
        return self._estimate(self._history.samples())

    def take(self) -> MemoryReading:
        """Return a reading, having warned or given the all-clear where it passed a line."""
        reading = self._read()
        if not self._alerted and reading.share >= ALERT_SHARE:
            self._alerted = True
            _log.warning(
                "memory: %d of %d bytes resident, the alert is at %.0f %%",
                reading.resident_bytes,
                reading.limit_bytes,
                100 * ALERT_SHARE,
            )
        elif self._alerted and reading.share < _ALL_CLEAR_SHARE:
            self._alerted = False
            _log.warning("memory: back at %d bytes resident", reading.resident_bytes)
        return reading


def resident_bytes() -> int:
    """Return how much of this process is in memory, in bytes.

    Raises:
        OSError: the system has no /proc.
    """
    pages = int(_STATM.read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
