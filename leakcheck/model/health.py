"""What can be measured on a machine, and what cannot."""

from dataclasses import dataclass, field
from pathlib import Path

from leakcheck.model.measurement import Probes
from leakcheck.model.signals import Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerLimit:
    """The memory that a container allows, in bytes, and which cgroup version says so."""

    limit_bytes: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a run of an empty workload showed.

    `read` are the signals that were read at all, and `probes` those that saw what was kept;
    `sees_children` is whether a process below ours was seen; `allocators` are the files of
    known allocators in its memory; `not_recorded` says why memray did not record it, and
    `failure` why it came to nothing.
    """

    probes: Probes = field(default_factory=Probes)
    read: frozenset[Signal] = frozenset()
    sees_children: bool = False
    allocators: tuple[str, ...] = ()
    not_recorded: str | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An interpreter and the machine around it.

    `memray` is None where it is not installed, and `memray_complaint` says what is wrong with
    it; `preloaded` are the names of the files that the environment has preloaded.
    """

    interpreter: Path
    python: str
    memray: str | None
    memray_complaint: str | None
    libc: str
    preloaded: tuple[str, ...]
    limit: ContainerLimit | None
    total_bytes: int
    available_bytes: int
    trial: Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line about a place; the remark is empty where nothing is missing or blind."""

    name: str
    value: str
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """All facts about a place; `reason` is why CLEAN cannot be said there, None if it can."""

    facts: tuple[Fact, ...]
    reason: str | None
