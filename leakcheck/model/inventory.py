"""What a process has more of at the end of a run than after its set-up, in words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """How many more there are of what `what` says: a kind and names, never content."""

    what: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The largest groups that grew, the largest first; empty where nothing of a kind grew.

    `cycles` are what one forced collection freed at the end, by type, where the workload had
    the collector off.
    """

    descriptors: tuple[Group, ...] = ()
    threads: tuple[Group, ...] = ()
    tasks: tuple[Group, ...] = ()
    cycles: tuple[Group, ...] = ()
