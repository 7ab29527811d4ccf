"""Two records beside each other: how each reading and each line moved, and a word on the whole."""

from dataclasses import dataclass
from enum import StrEnum

from leakcheck.model.signals import Signal
from leakcheck.model.sites import Frame
from leakcheck.model.verdict import Growth


class Move(StrEnum):
    """How growth moved from one record to the other; never a bool."""

    NEW = "new"
    """It is a leak now and was none."""
    FASTER = "faster"
    UNCLEAR = "unclear"
    SAME = "same"
    SLOWER = "slower"
    GONE = "gone"
    """It was a leak and is none now."""

    @property
    def is_worse(self) -> bool:
        """Return whether more grows now."""
        return self in (Move.NEW, Move.FASTER)

    @property
    def is_better(self) -> bool:
        """Return whether less grows now."""
        return self in (Move.GONE, Move.SLOWER)


class Word(StrEnum):
    """What is said of two records; never a bool."""

    SAME = "same"
    BETTER = "better"
    WORSE = "worse"
    MIXED = "mixed"
    """Something is better and something is worse."""
    NOT_SURE = "not sure"
    """Neither a difference nor its absence was shown."""
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the growth of one signal moved; None where it was not measured.

    `low` and `high` are what the growth changed by, at 98 % or more; None where that is not
    known. Only what `decides` has a part in the word.
    """

    signal: Signal
    before: Growth | None
    after: Growth | None
    move: Move
    low: float | None = None
    high: float | None = None
    decides: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMove:
    """How the growth at one function's lines moved, in requested bytes; None where it has none.

    `line` is where it is now, or was.
    """

    line: Frame
    before: Growth | None
    after: Growth | None
    move: Move


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The word on two records, in one sentence, and what it rests on.

    `lines` are None where one of the two has no call sites; `remarks` say what else differs.
    """

    word: Word
    sentence: str
    readings: tuple[Reading, ...] = ()
    lines: tuple[LineMove, ...] | None = None
    remarks: tuple[str, ...] = ()
