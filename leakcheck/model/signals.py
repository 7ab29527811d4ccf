"""The signals: everything about a process that can grow."""

from enum import StrEnum, unique
from typing import Final


@unique
class Signal(StrEnum):
    """One quantity of the measured process, read at every sample.

    >>> Signal.HEAP.unit, Signal.DESCRIPTORS.unit
    ('bytes', 'count')
    """

    RSS = "rss"
    """Resident anonymous and shared memory (RssAnon + RssShmem), read from outside."""
    HEAP = "heap"
    """Heap in use: what malloc has handed out (uordblks + hblkhd of mallinfo2)."""
    GC_OBJECTS = "gc_objects"
    """Objects that the cycle collector knows and that are new since set-up."""
    DESCRIPTORS = "descriptors"
    THREADS = "threads"
    TASKS = "tasks"
    """asyncio tasks that are not done, of any loop."""
    CHILDREN = "children"
    """Processes that descend from the measured one."""

    @property
    def unit(self) -> str:
        """Return ``bytes`` or ``count``."""
        return "bytes" if self in BYTE_SIGNALS else "count"


BYTE_SIGNALS: Final = frozenset({Signal.RSS, Signal.HEAP})
COUNT_SIGNALS: Final = (Signal.DESCRIPTORS, Signal.THREADS, Signal.TASKS, Signal.CHILDREN)
"""The counts that are judged against the count threshold."""
SEEN_FROM_OUTSIDE: Final = (Signal.RSS, Signal.DESCRIPTORS, Signal.THREADS, Signal.CHILDREN)
"""The signals of a program into which nothing is put: CLEAN needs all of them."""
PROVEN_SIGNALS: Final = (
    Signal.HEAP,
    Signal.RSS,
    Signal.DESCRIPTORS,
    Signal.THREADS,
    Signal.TASKS,
)
"""The signals whose probes each child proves before it starts: CLEAN needs all of them."""
