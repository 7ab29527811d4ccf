"""What is read of a running process at one moment."""

from dataclasses import dataclass
from enum import StrEnum


class Watched(StrEnum):
    """What is followed over time: memory in bytes, the others as counts."""

    MEMORY = "memory"
    DESCRIPTORS = "descriptors"
    THREADS = "threads"
    CHILDREN = "children"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One look at a process and all below it, or at a container.

    `at_s` is the wall clock in seconds since 1970; a count is None where it cannot be read.
    `life` names the life that the process is in: another after each restart.
    """

    at_s: float
    memory_bytes: int
    descriptors: int | None = None
    threads: int | None = None
    children: int | None = None
    life: str = ""

    def value(self, what: Watched) -> int | None:
        """Return what was read of one thing.

        >>> Reading(at_s=0, memory_bytes=4096, threads=2).value(Watched.THREADS)
        2
        """
        if what is Watched.MEMORY:
            return self.memory_bytes
        found: int | None = getattr(self, what.value)
        return found
