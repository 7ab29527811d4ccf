"""The words of the service: quotes, market indices, price history, reports. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["History", "MarketIndices", "Quote", "Report", "ReportKind", "RunStatus", "Turn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One symbol's newest price and the one before it; ``None`` where the symbol was not listed."""

    symbol: str
    price: float | None
    previous: float | None

    @property
    def change_percent(self) -> float | None:
        """The change from the previous price, in percent; ``None`` where a price is missing."""
        if self.price is None or not self.previous:
            return None
        return 100.0 * (self.price / self.previous - 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketIndices:
    """The newest quotes of every symbol, and the day they are of (ISO 8601)."""

    as_of: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Recorded prices: ``prices[symbol][i]`` is the symbol's on ``dates[i]``, or ``None``."""

    dates: tuple[str, ...]
    prices: dict[str, tuple[float | None, ...]]

    def newest(self, months: int) -> History:
        """Return the part of the last ``months`` dates, one or more.

        >>> History(dates=("a", "b"), prices={"IBM": (1.0, 2.0)}).newest(1).prices["IBM"]
        (2.0,)
        """
        return History(
            dates=self.dates[-months:],
            prices={symbol: prices[-months:] for symbol, prices in self.prices.items()},
        )


class ReportKind(StrEnum):
    """Who asked for a report: the timetable, or a person."""

    AUTO = "auto"
    MANUAL = "manual"


class RunStatus(StrEnum):
    """Where the run of a report stands."""

    RUNNING = "running"
    SAVED = "saved"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One of a job's times, and the right to run it, which one instance among several has.

    ``slot`` numbers the job's times since 1970. ``token`` is larger than that of every turn of the
    job before: whatever takes the job's writes refuses those under an older one. It is ``None``
    where nobody could be asked for the right.
    """

    job: str
    slot: int
    token: int | None = None

    @property
    def key(self) -> str:
        """What names the turn, for all instances the same.

        >>> Turn(job="auto-report", slot=7).key
        'auto-report-7'
        """
        return f"{self.job}-{self.slot}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A finished report, as it is stored, in German and in English.

    ``turn`` is the turn of the timetable it was made in: no two reports of one turn are stored.
    """

    report_id: str
    kind: ReportKind
    created_at: datetime
    title: str
    html_content: str
    css_content: str
    js_content: str
    html_content_en: str
    js_content_en: str
    turn: Turn | None = None

    @property
    def run_key(self) -> str:
        """What no two stored reports share: the turn's key, or the report's own id."""
        return self.report_id if self.turn is None else self.turn.key
