"""What the history keeps of a run: where and of what it was, and its figures."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, unique
from typing import Final

from leakcheck.model.errors import LeakcheckError

DIGEST_DIGITS: Final = 64


class HistoryError(LeakcheckError):
    """A database that cannot be used, or something that cannot be imported into it."""


@unique
class Metric(StrEnum):
    """What is followed of a benchmark or a workload; more of it is worse, always.

    >>> Metric.PEAK.unit
    'bytes'
    """

    TIME = "time"
    """Seconds: a round's median, or an iteration's mean in a checked run."""
    PEAK = "peak"
    """Bytes: the most that a round held at once, or a checked run's highest RSS."""
    ALLOCATIONS = "allocations"
    """How many blocks a round allocated."""
    GROWTH = "growth"
    """Bytes an iteration, as judged."""

    @property
    def unit(self) -> str:
        """Return the unit of its figures."""
        return _UNITS[self]


_UNITS: Final = {
    Metric.TIME: "seconds",
    Metric.PEAK: "bytes",
    Metric.ALLOCATIONS: "blocks",
    Metric.GROWTH: "bytes an iteration",
}


@unique
class Kind(StrEnum):
    """Where a run comes from."""

    BENCHMARK = "benchmark"
    RECORD = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """The code that was measured; `is_dirty` where the tree held more than the commit."""

    id: str
    committed_at: datetime | None = None
    branch: str = ""
    is_dirty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A kind of machine: figures from two kinds are never compared. It holds no host's name."""

    facts: Mapping[str, str]

    @property
    def key(self) -> str:
        """Return the digest that two machines of one kind share.

        >>> one, other = Machine(facts={"a": "1", "b": "2"}), Machine(facts={"b": "2", "a": "1"})
        >>> one.key == other.key
        True
        """
        return digest(dict(self.facts))

    @property
    def label(self) -> str:
        """Return its facts in one line."""
        return ", ".join(value for value in self.facts.values() if value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number, and between what it lies where that is known."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The figures of one benchmark or workload, its `subject`."""

    subject: str
    figures: Mapping[Metric, Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run as it is kept.

    `source` is the same whenever the same run is imported; `condition` what else has to be equal
    for two figures to be compared, such as the profiler; `verdict` and `reason` are a checked
    workload's.
    """

    source: str
    kind: Kind
    started_at: datetime
    commit: Commit | None
    machine: Machine
    condition: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    results: tuple[Result, ...] = ()
    verdict: str | None = None
    reason: str = ""


def digest(document: object) -> str:
    """Return the SHA-256 of plain JSON, whatever the order of its members.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
