"""What a tool says of a case, and what a tool is."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from bench.accuracy.case import Case
from bench.accuracy.explained import Explained


class Word(StrEnum):
    """A verdict in one word, whichever tool it is from; a tool may know two of the first three."""

    LEAK = "LEAK"
    CLEAN = "CLEAN"
    INCONCLUSIVE = "INCONCLUSIVE"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a tool said of a case, and what it cost; wall time and CPU of all its processes.

    `calls` is how many iterations were run, None if the tool does not tell. `blames_case` is
    whether the first call site's stack goes through the case's own file; `explained` is None unless
    it is a LEAK of a leaky case, by a tool that says why.
    """

    word: Word
    wall_s: float
    cpu_s: float
    calls: int | None = None
    growth_bytes_per_call: float | None = None
    site: str = ""
    blames_case: bool = False
    diagnosis: tuple[str, ...] = ()
    reason: str = ""
    explained: Explained | None = None


class Tool(Protocol):
    """Something that says of a workload whether it leaks."""

    @property
    def name(self) -> str:
        """Return what tables call it, with its version and its setting."""
        ...

    def prepare(self) -> None:
        """Make what the tool needs to run, once."""
        ...

    def verdict(self, case: Case, seed: int, scratch: Path) -> Answer:
        """Return what the tool says of `case`; `scratch` is an empty folder for its files."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One tool's answer on one case with one seed."""

    tool: str
    case: Case
    seed: int
    answer: Answer

    @property
    def is_right(self) -> bool:
        """Return whether the answer is the truth: INCONCLUSIVE and ERROR are not."""
        return self.answer.word is (Word.LEAK if self.case.leaks else Word.CLEAN)

    @property
    def is_wrong(self) -> bool:
        """Return whether the answer is the opposite of the truth."""
        return self.answer.word is (Word.CLEAN if self.case.leaks else Word.LEAK)
