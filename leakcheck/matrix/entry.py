"""What became of one cell: its verdict and where its record is, or why there is none."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from leakcheck.model.verdict import Growth, Verdict
from leakcheck.record.fields import Field
from leakcheck.record.ids import checked_id

_MEMBERS: Final = ("record", "verdict", "counts", "growth", "where", "reason", "seconds")
_GROWTH: Final = ("estimate", "low", "high", "confidence")
_LONGEST: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One finished cell.

    `counts` is false where a LEAK is allowed; `where` is the line that grows most, empty without
    one; `seconds` is how long the check took, by the clock.
    """

    record: str
    verdict: Verdict
    reason: str
    counts: bool = True
    growth: Growth | None = None
    where: str = ""
    seconds: float = 0.0

    def document(self) -> dict[str, Any]:
        """Return the entry as plain JSON."""
        growth = self.growth
        return {
            "record": self.record,
            "verdict": str(self.verdict),
            "counts": self.counts,
            "growth": growth and {name: getattr(growth, name) for name in _GROWTH},
            "where": self.where,
            "reason": self.reason[:_LONGEST],
            "seconds": self.seconds if math.isfinite(self.seconds) else 0.0,
        }


def read_entry(field: Field) -> Entry:
    """Return the entry that stands in `field`.

    Raises:
        RecordError: if there is none.
    """
    members = field.members(*_MEMBERS)
    return Entry(
        record=checked_id(members["record"]),
        verdict=members["verdict"].member_of(Verdict),
        counts=members["counts"].flag(),
        growth=members["growth"].optional(_growth),
        where=members["where"].text(),
        reason=members["reason"].text(),
        seconds=members["seconds"].number(),
    )


def _growth(field: Field) -> Growth:
    numbers: Mapping[str, float] = {
        name: member.number() for name, member in field.members(*_GROWTH).items()
    }
    return Growth(**numbers)
