"""The service's own memory: readings of it, and the alert when it nears its limit."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MemoryReading", "MemoryWatch", "machine_memory_bytes", "resident_bytes"]

_log = logging.getLogger(__name__)

_STATM = Path("/proc/self/statm")
_ALERT_SHARE = 0.80
_ALL_CLEAR_SHARE = (
    0.75  # lower than the alert's, so that memory near the line does not ring forever
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryReading:
    """What the service holds at one moment."""

    resident_bytes: int
    limit_bytes: int
    redis_connections: int
    kept_runs: int

    @property
    def share(self) -> float:
        """The resident memory as a share of the limit, 0 to 1 and beyond."""
        return self.resident_bytes / self.limit_bytes


class MemoryWatch:
    """Takes readings, and warns once each time memory passes 80 % of its limit."""

    def __init__(self, read: Callable[[], MemoryReading]) -> None:
        """Take readings by ``read``."""
        self._read = read
        self._alerted = False

    @property
    def alerted(self) -> bool:
        """Whether memory passed the alert's line and has not come back below the all-clear's."""
        return self._alerted

    async def check(self) -> None:
        """Take a reading and warn, or give the all-clear, where a line was passed."""
        self.take()

    def take(self) -> MemoryReading:
        """Return a reading, having warned or given the all-clear where it passed a line."""
        reading = self._read()
        if not self._alerted and reading.share >= _ALERT_SHARE:
            self._alerted = True
            _log.warning(
                "memory: %d of %d bytes resident, the alert is at %.0f %%",
                reading.resident_bytes,
                reading.limit_bytes,
                100 * _ALERT_SHARE,
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


def machine_memory_bytes() -> int:
    """Return how much memory the machine has, in bytes."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
